/**
 * When the rules looked at an order, and what came of it. The conditions are kafka-alert's alone: here it is only known
 * what an evaluation belongs to and when it is (`docs/alert-rules.md`, columns trigger and `d`); its outcome is read from the
 * alerts that exist and from what is pending.
 */
import type { Alert, OpsOrderDetail } from '../../contract-ops.ts';
import type { Stretch } from './axis.ts';
import type { Entry } from './entries.ts';

export type Row = 'A' | 'B1' | 'B2' | 'C1' | 'C2';
export type Outcome =
  /** An alert. */
  | 'raised'
  /** An alert will be raised then, if no more records come. */
  | 'will-raise'
  /** Looked, and no alert. */
  | 'passed'
  /** Still to come, and as it looks now there will be no alert. */
  | 'will-pass'
  /** Money and order agree again. */
  | 'resolved';
export interface Evaluation {
  readonly at: number;
  readonly ruleId: Alert['ruleId'];
  /** Null: the end of an alert belongs to no row. */
  readonly row: Row | null;
  readonly outcome: Outcome;
  readonly alertId: string | null;
  /** Of the record that caused it; null: not known. */
  readonly triggeredAt: number | null;
}

/**
 * How long money and order may disagree, as far as an alert shows it: the time from its trigger to its detection. Null:
 * none does.
 */
export function graceOf(records: readonly Entry[], alerts: readonly Alert[]): number | null {
  for (const alert of alerts) {
    const triggeredAt = triggerOf(alert, records);
    if (triggeredAt !== null && alert.detectedAt > triggeredAt) {
      return alert.detectedAt - triggeredAt;
    }
  }
  return null;
}

/** The instant of the record that an alert was raised for; null: it is not among them. */
export function triggerOf(
  { ruleId, eventId, detectedAt }: Pick<Alert, 'ruleId' | 'eventId' | 'detectedAt'>,
  records: readonly Entry[],
): number | null {
  const orderPaid = /^ORDER-PAID@(\d+)$/.exec(eventId);
  if (orderPaid) return Number(orderPaid[1]);
  const payment = records.find((each) => each.lane === 'payment' && each.eventId === eventId);
  if (ruleId !== 'RULE_C') return payment?.at ?? null;
  if (payment?.at === detectedAt) return payment.at;
  // Row C2 names the payment that holds the money, but the order's failure is what triggers it.
  const failed = records.findLast(
    ({ lane, status, at }) => lane === 'order' && status === 'FAILED' && at <= detectedAt,
  );
  return failed?.at ?? payment?.at ?? null;
}

export function evaluationsOf(
  records: readonly Entry[],
  { alerts, watched }: Pick<OpsOrderDetail, 'alerts' | 'watched'>,
  graceMs: number | null,
): readonly Evaluation[] {
  const pending = (watched?.pending ?? []).map((each) => ({ ...each, at: Date.parse(each.at) }));
  const checkedTo = watched?.checkedTo ? Date.parse(watched.checkedTo) : -Infinity;
  const planned = records.flatMap((record) => plannedFor(record, records, graceMs));
  const found = planned.map(({ at, ruleId, row, triggeredAt }): Evaluation => {
    const alert = alerts.find((each) => each.ruleId === ruleId && each.detectedAt === at);
    const due = pending.some(
      (each) => each.what === 'raise' && each.ruleId === ruleId && each.at === at,
    );
    const later: Outcome = at <= checkedTo ? 'passed' : 'will-pass';
    const outcome = alert ? 'raised' : due ? 'will-raise' : later;
    return { at, ruleId, row, outcome, alertId: alert?.alertId ?? null, triggeredAt };
  });
  // What is known of an alert does not depend on its records being known, too.
  const raised = alerts
    .filter((alert) => !found.some(({ alertId }) => alertId === alert.alertId))
    .map((alert): Evaluation => {
      const { ruleId, alertId, detectedAt: at } = alert;
      const triggeredAt = triggerOf(alert, records);
      return { at, ruleId, row: null, outcome: 'raised', alertId, triggeredAt };
    });
  const resolved = alerts.flatMap(({ ruleId, alertId, resolvedAt: at }): Evaluation[] =>
    at === null ? [] : [{ at, ruleId, row: null, outcome: 'resolved', alertId, triggeredAt: null }],
  );
  return [...found, ...raised, ...resolved].sort((a, b) => a.at - b.at);
}

/** From a trigger to where it is judged: each a stretch in which disagreement is no alert yet. */
export function gracesOf(evaluations: readonly Evaluation[]): readonly Stretch[] {
  const all = evaluations
    .filter(({ outcome }) => outcome === 'raised' || outcome === 'will-raise')
    .flatMap(({ triggeredAt, at }) =>
      triggeredAt !== null && triggeredAt < at ? [{ from: triggeredAt, to: at }] : [],
    )
    .sort((a, b) => a.from - b.from || a.to - b.to);
  const joined: { from: number; to: number }[] = [];
  for (const { from, to } of all) {
    const last = joined.at(-1);
    if (last && from <= last.to) last.to = Math.max(last.to, to);
    else joined.push({ from, to });
  }
  return joined;
}

interface Planned extends Pick<Evaluation, 'at' | 'ruleId'> {
  readonly row: Row;
  readonly triggeredAt: number;
}

function plannedFor(
  { lane, at, status, result }: Entry,
  records: readonly Entry[],
  graceMs: number | null,
): readonly Planned[] {
  const plan = (ruleId: Alert['ruleId'], row: Row, after: number | null): Planned[] =>
    after === null ? [] : [{ at: at + after, ruleId, row, triggeredAt: at }];
  if (lane === 'order') {
    if (status === 'PAID') return plan('RULE_B', 'B1', graceMs);
    return status === 'FAILED' ? plan('RULE_C', 'C2', graceMs) : [];
  }
  if (result === 'success') return [...plan('RULE_C', 'C1', 0), ...plan('RULE_A', 'A', graceMs)];
  if (result !== 'failure') return [];
  const order = records.findLast((each) => each.lane === 'order' && each.at <= at);
  return order?.status === 'PAID' ? plan('RULE_B', 'B2', graceMs) : [];
}

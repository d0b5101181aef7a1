/**
 * The five rows of the rules table: which evaluations of a timeline find their rule broken. Nothing here knows what was
 * raised before; that is `dedup.ts`.
 *
 * An evaluation belongs to a trigger (a record) and is judged at an instant `d`, by what happened up to and at `d`.
 */
import type { AlertSettings } from './settings.ts';
import type { OrderStatus } from '#schemas';
import { expiresAt, hasSucceededBy, orderAt, paymentAt } from './timeline.ts';
import type { Entry, OrderEntry, PaymentEntry, RuleId, Timeline } from './timeline.ts';

/** Money and order at one instant. */
export interface Observed {
  /** The provider's word; null when there is no payment record. */
  readonly paymentStatus: string | null;
  readonly orderStatus: OrderStatus;
}

/** Why an evaluation does not find its rule broken; what it saw instead is on the timeline. */
export type NotMet =
  /** RULE_B: the order was not PAID when the payment failed: nothing is evaluated. */
  | 'no-trigger'
  /** RULE_A: the order is PAID or FAILED; RULE_B: no longer PAID; RULE_C: no longer FAILED. */
  | 'order-moved-on'
  /** RULE_A: nothing is known of the order, and such orders are not watched. */
  | 'order-not-watched'
  /** RULE_A: row C1 found the payment too late. */
  | 'found-too-late'
  /** The latest payment is no success (RULE_B: no failure). */
  | 'payment-moved-on'
  /** RULE_B: a payment has succeeded, and has not failed since. */
  | 'money-is-there'
  /** RULE_C: the order has not failed, and the payment, or one before it, came before the expiry. */
  | 'in-time';

/** A row of the table, asked for one trigger. */
export interface Evaluation {
  readonly row: 'A' | 'B1' | 'B2' | 'C1' | 'C2';
  readonly ruleId: RuleId;
  readonly trigger: Entry;
  /** `d`. */
  readonly at: number;
  readonly verdict: Candidate | NotMet;
}

/** An evaluation that found its rule broken: an alert, unless dedup keeps it back. */
export interface Candidate {
  readonly ruleId: RuleId;
  readonly eventId: string;
  readonly observed: Observed;
  readonly expected: { readonly orderStatus: OrderStatus };
  /** `d`. */
  readonly detectedAt: number;
}

const NONE: readonly Candidate[] = [];

/**
 * Every candidate of the timeline with `d > after`, and those that `fresh` (a record just read) triggers whatever their
 * `d`, in the order in which they are to be decided: by `d`, then payment triggers before order triggers, then by the
 * trigger's time, then as read. Instants that are still to come are judged as if no more records came.
 */
export function candidates(
  timeline: Timeline,
  after: number,
  fresh: Entry | null,
  settings: AlertSettings,
): readonly Candidate[] {
  let found: Candidate[] | null = null;
  for (const payment of timeline.payments) {
    if (payment.result === 'neutral') continue;
    const isFresh = payment === fresh;
    if (payment.at + settings.graceMs <= after && !isFresh) continue;
    if (payment.result === 'failure') {
      const b2 = rowB2(timeline, payment, settings);
      if (typeof b2 === 'object') (found ??= []).push(b2);
      continue;
    }
    const c1 = rowC1(timeline, payment);
    if (typeof c1 === 'object') {
      if (payment.at > after || isFresh) (found ??= []).push(c1);
    } else {
      const a = rowA(timeline, payment, settings);
      if (typeof a === 'object') (found ??= []).push(a);
    }
  }
  for (const order of timeline.orders) {
    if (order.status !== 'PAID' && order.status !== 'FAILED') continue;
    if (order.at + settings.graceMs <= after && order !== fresh) continue;
    const row =
      order.status === 'PAID' ? rowB1(timeline, order, settings) : rowC2(timeline, order, settings);
    if (typeof row === 'object') (found ??= []).push(row);
  }
  if (found === null) return NONE;
  // They were found by trigger, in the order wanted; the sort is stable.
  return found.length === 1 ? found : found.sort((x, y) => x.detectedAt - y.detectedAt);
}

/**
 * Every evaluation of the timeline, with what it finds, in the order in which they are decided: what `candidates` finds,
 * and why the others find nothing. For people, who ask why there was no alert.
 */
export function evaluations(timeline: Timeline, settings: AlertSettings): readonly Evaluation[] {
  const { graceMs } = settings;
  const found: Evaluation[] = [];
  for (const payment of timeline.payments) {
    if (payment.result === 'neutral') continue;
    const d = payment.at + graceMs;
    if (payment.result === 'failure') {
      const verdict = rowB2(timeline, payment, settings);
      found.push({ row: 'B2', ruleId: 'RULE_B', trigger: payment, at: d, verdict });
      continue;
    }
    const c1 = rowC1(timeline, payment);
    found.push({ row: 'C1', ruleId: 'RULE_C', trigger: payment, at: payment.at, verdict: c1 });
    const a = typeof c1 === 'object' ? 'found-too-late' : rowA(timeline, payment, settings);
    found.push({ row: 'A', ruleId: 'RULE_A', trigger: payment, at: d, verdict: a });
  }
  for (const order of timeline.orders) {
    const d = order.at + graceMs;
    if (order.status === 'PAID') {
      const verdict = rowB1(timeline, order, settings);
      found.push({ row: 'B1', ruleId: 'RULE_B', trigger: order, at: d, verdict });
    } else if (order.status === 'FAILED') {
      const verdict = rowC2(timeline, order, settings);
      found.push({ row: 'C2', ruleId: 'RULE_C', trigger: order, at: d, verdict });
    }
  }
  return found.sort((x, y) => x.at - y.at);
}

/** Row C1's condition, as its evaluation at `payment.at` finds or found it. */
export function isTooLate(timeline: Timeline, payment: PaymentEntry): boolean {
  return typeof rowC1(timeline, payment) === 'object';
}

/** RULE_A: the payment succeeded, and a grace later the order has not followed. Asked only when row C1 was not met. */
function rowA(
  timeline: Timeline,
  success: PaymentEntry,
  settings: AlertSettings,
): Candidate | NotMet {
  const d = success.at + settings.graceMs;
  const orderStatus = orderAt(timeline, d);
  if (orderStatus === 'PAID' || orderStatus === 'FAILED') return 'order-moved-on';
  if (orderStatus === 'UNKNOWN' && !settings.unknownOrder) return 'order-not-watched';
  const latest = paymentAt(timeline, d);
  if (latest?.result !== 'success') return 'payment-moved-on';
  return candidate('RULE_A', success.eventId, d, latest, orderStatus, 'PAID');
}

/** RULE_B: the order turned PAID, and a grace later no payment has succeeded, or the latest one has failed. */
function rowB1(timeline: Timeline, paid: OrderEntry, settings: AlertSettings): Candidate | NotMet {
  const d = paid.at + settings.graceMs;
  if (orderAt(timeline, d) !== 'PAID') return 'order-moved-on';
  const latest = paymentAt(timeline, d);
  const failed = latest?.result === 'failure';
  if (!failed && hasSucceededBy(timeline, d)) return 'money-is-there';
  const expected = failed ? 'FAILED' : 'WAITING_PAYMENT';
  return candidate('RULE_B', `ORDER-PAID@${paid.at}`, d, latest, 'PAID', expected);
}

/** RULE_B: the payment failed while the order was PAID (else it is no trigger), and both are still so a grace later. */
function rowB2(
  timeline: Timeline,
  failure: PaymentEntry,
  settings: AlertSettings,
): Candidate | NotMet {
  if (orderAt(timeline, failure.at) !== 'PAID') return 'no-trigger';
  const d = failure.at + settings.graceMs;
  if (orderAt(timeline, d) !== 'PAID') return 'order-moved-on';
  const latest = paymentAt(timeline, d);
  if (latest?.result !== 'failure') return 'payment-moved-on';
  return candidate('RULE_B', failure.eventId, d, latest, 'PAID', 'FAILED');
}

/** RULE_C: the payment succeeded on a FAILED order, or after the expiry with no success in time. At once. */
function rowC1(timeline: Timeline, success: PaymentEntry): Candidate | NotMet {
  const d = success.at;
  const why = success.tooLate === null ? whyNotTooLate(timeline, d) : null;
  if (why !== null) return why;
  if (success.tooLate === false) return 'in-time';
  const latest = paymentAt(timeline, d);
  return candidate('RULE_C', success.eventId, d, latest, orderAt(timeline, d), 'FAILED');
}

/** Null: a success at `d` is too late. */
function whyNotTooLate(timeline: Timeline, d: number): NotMet | null {
  if (paymentAt(timeline, d)?.result !== 'success') return 'payment-moved-on';
  if (orderAt(timeline, d) === 'FAILED') return null;
  const expiry = expiresAt(timeline, d);
  return expiry !== null && !hasSucceededBy(timeline, expiry) ? null : 'in-time';
}

/** RULE_C: the order failed, and a grace later the money is still there. Names the payment that holds it. */
function rowC2(
  timeline: Timeline,
  failed: OrderEntry,
  settings: AlertSettings,
): Candidate | NotMet {
  const d = failed.at + settings.graceMs;
  if (orderAt(timeline, d) !== 'FAILED') return 'order-moved-on';
  const latest = paymentAt(timeline, d);
  if (latest?.result !== 'success') return 'payment-moved-on';
  return candidate('RULE_C', latest.eventId, d, latest, 'FAILED', 'FAILED');
}

function candidate(
  ruleId: RuleId,
  eventId: string,
  d: number,
  latest: PaymentEntry | undefined,
  orderStatus: OrderStatus,
  expected: OrderStatus,
): Candidate {
  return {
    ruleId,
    eventId,
    observed: { paymentStatus: latest === undefined ? null : latest.status, orderStatus },
    expected: { orderStatus: expected },
    detectedAt: d,
  };
}

import { alertId } from './alert-id.ts';
import { explained, type Outcome } from './explain.ts';
import { settle } from './settle.ts';
import type { AlertSettings } from './settings.ts';
import type { OrderStatus, PaymentResult } from '#schemas';
import { lastAt, orderAt, paymentAt } from './timeline.ts';
import type { ObservationSource, RuleId, Timeline } from './timeline.ts';
import { nextCheckAt, nextTimerAt, type WatchedOrder } from './watched-order.ts';

/** What is known of one order, for people. Instants are ISO 8601 in UTC, event time. */
export interface OrderReport {
  readonly orderNo: string;
  /** As of its last record. */
  readonly orderStatus: OrderStatus;
  /** The provider's word; null when there is no payment record. */
  readonly paymentStatus: string | null;
  /** Up to here the rules have been applied; null: not at all yet. */
  readonly checkedTo: string | null;
  /** Mostly one; a pause longer than the retention starts another. */
  readonly timelines: readonly TimelineReport[];
  /** Those of the alerts that are not resolved, by their ids. */
  readonly openAlerts: readonly string[];
  /** What will happen when no more records come. */
  readonly pending: readonly PendingReport[];
  /** When the rules are applied next; null: nothing is pending. */
  readonly nextCheckAt: string | null;
  /** Its timer: the next check, or when it is forgotten. */
  readonly nextTimerAt: string;
}

export interface TimelineReport {
  readonly orderChanges: readonly {
    readonly updatedAt: string;
    readonly status: OrderStatus;
    readonly paymentExpiresAt: string | null;
  }[];
  readonly paymentObservations: readonly {
    readonly occurredAt: string;
    readonly status: string;
    /** What the provider's word means for the money. */
    readonly result: PaymentResult;
    readonly eventId: string;
    readonly source: ObservationSource;
  }[];
  /** Raised so far, in that order; rule and event are the key by which none is raised twice. */
  readonly alerts: readonly {
    readonly alertId: string;
    readonly ruleId: RuleId;
    readonly eventId: string;
    readonly detectedAt: string;
    /** Null while it is open. */
    readonly resolvedAt: string | null;
  }[];
  /** Every evaluation, in the order in which they are decided. */
  readonly evaluations: readonly EvaluationReport[];
}

export interface EvaluationReport {
  readonly at: string;
  readonly ruleId: RuleId;
  /** Of the table in `docs/alert-rules.md`. */
  readonly row: string;
  /** The record that it belongs to. */
  readonly trigger: {
    readonly kind: 'order' | 'payment';
    readonly status: string;
    readonly at: string;
  };
  readonly outcome: Outcome;
  readonly why: string;
  /** Of what was raised; else null. */
  readonly alertId: string | null;
}

export interface PendingReport {
  readonly at: string;
  readonly what: 'raise' | 'resolve';
  readonly ruleId: RuleId;
  readonly eventId: string;
}

/**
 * Puts into words what is kept of an order.
 *
 * @param watermark of its task, where that is known: what is kept of the order only says when it last changed
 * @example
 * const { value } = await app.store(orderTimelines).get('ORD-1');
 * if (value) orderReport('ORD-1', value, settings).openAlerts;
 */
export function orderReport(
  orderNo: string,
  order: WatchedOrder,
  settings: AlertSettings,
  watermark: number | null = null,
): OrderReport {
  const { timelines } = order;
  const checkedTo = Math.max(order.checkedTo, watermark ?? -Infinity);
  const last = timelines.at(-1)!;
  const end = lastAt(last);
  const reports = timelines.map((each) => timelineReport(orderNo, each, checkedTo, settings));
  const alerts = reports.flatMap((each) => each.alerts);
  const check = nextCheckAt(order, settings);
  return {
    orderNo,
    orderStatus: orderAt(last, end),
    paymentStatus: paymentAt(last, end)?.status ?? null,
    checkedTo: checkedTo === -Infinity ? null : iso(checkedTo),
    timelines: reports,
    openAlerts: alerts.filter((alert) => alert.resolvedAt === null).map((alert) => alert.alertId),
    pending: pendingReport(order, settings),
    nextCheckAt: check === null ? null : iso(check),
    nextTimerAt: iso(nextTimerAt(order, settings)),
  };
}

function timelineReport(
  orderNo: string,
  timeline: Timeline,
  checkedTo: number,
  settings: AlertSettings,
): TimelineReport {
  const { orders, payments, alerts } = timeline;
  const idOf = ({ ruleId, eventId }: (typeof alerts)[number]) => alertId(orderNo, ruleId, eventId);
  return {
    orderChanges: orders.map(({ at, status, expiresAt }) => ({
      updatedAt: iso(at),
      status,
      paymentExpiresAt: expiresAt === null ? null : iso(expiresAt),
    })),
    paymentObservations: payments.map(({ at, status, result, eventId, source }) => ({
      occurredAt: iso(at),
      status,
      result,
      eventId,
      source,
    })),
    alerts: alerts.map((alert) => ({
      alertId: idOf(alert),
      ruleId: alert.ruleId,
      eventId: alert.eventId,
      detectedAt: iso(alert.detectedAt),
      resolvedAt: alert.resolvedAt === null ? null : iso(alert.resolvedAt),
    })),
    evaluations: explained(timeline, checkedTo, settings).map((each) => ({
      at: iso(each.at),
      ruleId: each.ruleId,
      row: each.row,
      trigger: { kind: each.trigger.kind, status: each.trigger.status, at: iso(each.trigger.at) },
      outcome: each.outcome,
      why: each.why,
      alertId: each.alert === null ? null : idOf(each.alert),
    })),
  };
}

/** Lets time run to its end, on a copy: the rules themselves say what they would do. */
function pendingReport(
  { timelines, checkedTo }: WatchedOrder,
  settings: AlertSettings,
): PendingReport[] {
  const pending = timelines.flatMap((timeline) => {
    const { alerts, resolutions } = settle(timeline, checkedTo, Infinity, null, settings).findings;
    return [
      ...alerts.map((each) => ({ ...each, at: each.detectedAt, what: 'raise' as const })),
      ...resolutions.map((each) => ({ ...each, at: each.resolvedAt, what: 'resolve' as const })),
    ];
  });
  return pending
    .sort((a, b) => a.at - b.at)
    .map(({ at, what, ruleId, eventId }) => ({ at: iso(at), what, ruleId, eventId }));
}

function iso(instant: number): string {
  return new Date(instant).toISOString();
}

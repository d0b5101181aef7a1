import { alertId } from './alert-id.ts';
import { settle } from './settle.ts';
import type { AlertSettings } from './settings.ts';
import type { OrderStatus, PaymentResult } from '#schemas';
import { lastAt, orderAt, paymentAt, type RuleId, type Timeline } from './timeline.ts';
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
 * @example
 * const { value } = await app.store(orderTimelines).get('ORD-1');
 * if (value) orderReport('ORD-1', value, settings).openAlerts;
 */
export function orderReport(
  orderNo: string,
  order: WatchedOrder,
  settings: AlertSettings,
): OrderReport {
  const { timelines, checkedTo } = order;
  const last = timelines.at(-1)!;
  const end = lastAt(last);
  const reports = timelines.map((timeline) => timelineReport(orderNo, timeline));
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

function timelineReport(orderNo: string, { orders, payments, alerts }: Timeline): TimelineReport {
  return {
    orderChanges: orders.map(({ at, status, expiresAt }) => ({
      updatedAt: iso(at),
      status,
      paymentExpiresAt: expiresAt === null ? null : iso(expiresAt),
    })),
    paymentObservations: payments.map(({ at, status, result, eventId }) => ({
      occurredAt: iso(at),
      status,
      result,
      eventId,
    })),
    alerts: alerts.map(({ ruleId, eventId, detectedAt, resolvedAt }) => ({
      alertId: alertId(orderNo, ruleId, eventId),
      ruleId,
      eventId,
      detectedAt: iso(detectedAt),
      resolvedAt: resolvedAt === null ? null : iso(resolvedAt),
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

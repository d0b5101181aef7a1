/**
 * One order's records in event time, and the alerts raised from them.
 *
 * T1. `orders` and `payments` are sorted by `at`; at equal times the record read later stands later.
 * T2. Two neighbouring records, of either kind, are at most the retention apart (see `watched-order.ts`).
 * T3. A timeline is a value: the functions here return a new one.
 *
 * "At `t`" includes what happened exactly at `t`.
 */
import { resultOf } from '#schemas';
import type { OrderStatus, PaymentResult, PaymentStatusObserved } from '#schemas';

export type ObservationSource = PaymentStatusObserved['source'];

export interface OrderEntry {
  readonly kind: 'order';
  readonly status: OrderStatus;
  readonly at: number;
  readonly expiresAt: number | null;
}

export interface PaymentEntry {
  readonly kind: 'payment';
  /** The provider's word. */
  readonly status: string;
  readonly result: PaymentResult;
  readonly eventId: string;
  readonly at: number;
  /**
   * What row C1 found for this success when it was evaluated. Null while that follows from the timeline; written down
   * before a late record, which could make it look different in hindsight, is put on the timeline.
   */
  readonly tooLate: boolean | null;
  /** Who has observed it; for people. */
  readonly source: ObservationSource;
}

/** A record as the rules see it. */
export type Entry = OrderEntry | PaymentEntry;

export type RuleId = 'RULE_A' | 'RULE_B' | 'RULE_C';

/** What of a raised alert later decisions depend on. */
export interface RaisedAlert {
  readonly ruleId: RuleId;
  readonly eventId: string;
  readonly detectedAt: number;
  /** Null while it is open. */
  readonly resolvedAt: number | null;
}

export interface Timeline {
  readonly orders: readonly OrderEntry[];
  readonly payments: readonly PaymentEntry[];
  /** In the order in which they were raised. */
  readonly alerts: readonly RaisedAlert[];
}

export const emptyTimeline: Timeline = Object.freeze({ orders: [], payments: [], alerts: [] });

export function orderEntry(
  status: OrderStatus,
  updatedAt: number,
  paymentExpiresAt: number | null,
): OrderEntry {
  return { kind: 'order', status, at: updatedAt, expiresAt: paymentExpiresAt };
}

export function paymentEntry(
  status: string,
  eventId: string,
  occurredAt: number,
  source: ObservationSource = 'UNKNOWN',
): PaymentEntry {
  return {
    kind: 'payment',
    status,
    result: resultOf(status),
    eventId,
    at: occurredAt,
    tooLate: null,
    source,
  };
}

/** Whether a record is on the timeline already, whatever its other fields say. */
export function hasEntry(timeline: Timeline, entry: Entry): boolean {
  if (entry.kind === 'payment') {
    for (const payment of timeline.payments) if (payment.eventId === entry.eventId) return true;
    return false;
  }
  for (const order of timeline.orders) {
    if (order.at === entry.at && order.status === entry.status) return true;
  }
  return false;
}

export function withEntry(timeline: Timeline, entry: Entry): Timeline {
  const { orders, payments, alerts } = timeline;
  return entry.kind === 'order'
    ? { orders: inserted(orders, entry), payments, alerts }
    : { orders, payments: inserted(payments, entry), alerts };
}

function inserted<E extends Entry>(entries: readonly E[], entry: E): readonly E[] {
  let index = entries.length;
  while (index > 0 && entries[index - 1]!.at > entry.at) index--;
  // Not `[...entries, entry]`: V8 would make room for 17 more, in each of many thousand arrays.
  return index === entries.length ? entries.concat(entry) : entries.toSpliced(index, 0, entry);
}

/** Two timelines that a record in between has made one. Everything on `earlier` is before everything on `later`. */
export function joined(earlier: Timeline, later: Timeline): Timeline {
  return {
    orders: [...earlier.orders, ...later.orders],
    payments: [...earlier.payments, ...later.payments],
    alerts: [...earlier.alerts, ...later.alerts],
  };
}

/** The time of the first record. */
export function firstAt({ orders, payments }: Timeline): number {
  const order = orders.length === 0 ? Infinity : orders[0]!.at;
  const payment = payments.length === 0 ? Infinity : payments[0]!.at;
  return order < payment ? order : payment;
}

/** The time of the last record. */
export function lastAt({ orders, payments }: Timeline): number {
  // An index of -1 is no index to V8 but a name, and as slow as one.
  const order = orders.length === 0 ? -Infinity : orders[orders.length - 1]!.at;
  const payment = payments.length === 0 ? -Infinity : payments[payments.length - 1]!.at;
  return order > payment ? order : payment;
}

/** `order(t)`: the order's status at `t`. */
export function orderAt({ orders }: Timeline, t: number): OrderStatus {
  const index = lastIndexAt(orders, t);
  return index < 0 ? 'UNKNOWN' : orders[index]!.status;
}

/** `payment(t)`: the latest payment record at `t`. */
export function paymentAt({ payments }: Timeline, t: number): PaymentEntry | undefined {
  const index = lastIndexAt(payments, t);
  return index < 0 ? undefined : payments[index];
}

/** `expiresAt(t)`: the expiry as it was last said at `t`. A record without one does not clear it. */
export function expiresAt({ orders }: Timeline, t: number): number | null {
  for (let i = lastIndexAt(orders, t); i >= 0; i--) {
    const { expiresAt } = orders[i]!;
    if (expiresAt !== null) return expiresAt;
  }
  return null;
}

/** Index of the last entry at `t`, or -1. Nearly always that is the last of all; an order with thousands exists, too. */
function lastIndexAt(entries: readonly Entry[], t: number): number {
  let high = entries.length;
  if (high === 0 || entries[high - 1]!.at <= t) return high - 1;
  let low = 0;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (entries[middle]!.at <= t) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** Whether any payment had succeeded at `t`, whatever came after it. */
export function hasSucceededBy({ payments }: Timeline, t: number): boolean {
  for (const payment of payments) {
    if (payment.at > t) return false;
    if (payment.result === 'success') return true;
  }
  return false;
}

/** Whether money and order agree at `t`: both there, or both not. */
export function agreesAt(timeline: Timeline, t: number): boolean {
  return (orderAt(timeline, t) === 'PAID') === (paymentAt(timeline, t)?.result === 'success');
}

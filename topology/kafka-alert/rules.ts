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
      if (b2 !== null) (found ??= []).push(b2);
      continue;
    }
    if (isTooLate(timeline, payment)) {
      if (payment.at > after || isFresh) (found ??= []).push(rowC1(timeline, payment));
    } else {
      const a = rowA(timeline, payment, settings);
      if (a !== null) (found ??= []).push(a);
    }
  }
  for (const order of timeline.orders) {
    if (order.status !== 'PAID' && order.status !== 'FAILED') continue;
    if (order.at + settings.graceMs <= after && order !== fresh) continue;
    const row =
      order.status === 'PAID' ? rowB1(timeline, order, settings) : rowC2(timeline, order, settings);
    if (row !== null) (found ??= []).push(row);
  }
  if (found === null) return NONE;
  // They were found by trigger, in the order wanted; the sort is stable.
  return found.length === 1 ? found : found.sort((x, y) => x.detectedAt - y.detectedAt);
}

/** Row C1's condition, as its evaluation at `payment.at` finds or found it. */
export function isTooLate(timeline: Timeline, payment: PaymentEntry): boolean {
  if (payment.tooLate !== null) return payment.tooLate;
  const d = payment.at;
  if (paymentAt(timeline, d)?.result !== 'success') return false;
  if (orderAt(timeline, d) === 'FAILED') return true;
  const expiry = expiresAt(timeline, d);
  return expiry !== null && !hasSucceededBy(timeline, expiry);
}

/** RULE_A: the payment succeeded, and a grace later the order has not followed. Asked only when row C1 was not met. */
function rowA(
  timeline: Timeline,
  success: PaymentEntry,
  settings: AlertSettings,
): Candidate | null {
  const d = success.at + settings.graceMs;
  const orderStatus = orderAt(timeline, d);
  if (orderStatus === 'PAID' || orderStatus === 'FAILED') return null;
  if (orderStatus === 'UNKNOWN' && !settings.unknownOrder) return null;
  const latest = paymentAt(timeline, d);
  if (latest?.result !== 'success') return null;
  return candidate('RULE_A', success.eventId, d, latest, orderStatus, 'PAID');
}

/** RULE_B: the order turned PAID, and a grace later no payment has succeeded, or the latest one has failed. */
function rowB1(timeline: Timeline, paid: OrderEntry, settings: AlertSettings): Candidate | null {
  const d = paid.at + settings.graceMs;
  if (orderAt(timeline, d) !== 'PAID') return null;
  const latest = paymentAt(timeline, d);
  const failed = latest?.result === 'failure';
  if (!failed && hasSucceededBy(timeline, d)) return null;
  const expected = failed ? 'FAILED' : 'WAITING_PAYMENT';
  return candidate('RULE_B', `ORDER-PAID@${paid.at}`, d, latest, 'PAID', expected);
}

/** RULE_B: the payment failed while the order was PAID, and both are still so a grace later. */
function rowB2(
  timeline: Timeline,
  failure: PaymentEntry,
  settings: AlertSettings,
): Candidate | null {
  if (orderAt(timeline, failure.at) !== 'PAID') return null;
  const d = failure.at + settings.graceMs;
  if (orderAt(timeline, d) !== 'PAID') return null;
  const latest = paymentAt(timeline, d);
  if (latest?.result !== 'failure') return null;
  return candidate('RULE_B', failure.eventId, d, latest, 'PAID', 'FAILED');
}

/** RULE_C: the payment succeeded on a FAILED order, or after the expiry with no success in time. At once. */
function rowC1(timeline: Timeline, success: PaymentEntry): Candidate {
  const d = success.at;
  const latest = paymentAt(timeline, d);
  return candidate('RULE_C', success.eventId, d, latest, orderAt(timeline, d), 'FAILED');
}

/** RULE_C: the order failed, and a grace later the money is still there. Names the payment that holds it. */
function rowC2(timeline: Timeline, failed: OrderEntry, settings: AlertSettings): Candidate | null {
  const d = failed.at + settings.graceMs;
  if (orderAt(timeline, d) !== 'FAILED') return null;
  const latest = paymentAt(timeline, d);
  if (latest?.result !== 'success') return null;
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

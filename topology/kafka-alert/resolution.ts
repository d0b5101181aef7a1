import { agreesAt } from './timeline.ts';
import type { Entry, RaisedAlert, Timeline } from './timeline.ts';

/**
 * The first instant of a record after the alert's `detectedAt` at which money and order agree, or Infinity.
 *
 * Only instants after `after` count, the checks up to it having run; and the instant of `fresh`, a late record, whose own
 * check is still to run.
 */
export function resolvesAt(
  timeline: Timeline,
  alert: RaisedAlert,
  after: number,
  fresh: Entry | null,
): number {
  const fromOrders = firstAgreement(timeline, timeline.orders, alert, after, fresh);
  const fromPayments = firstAgreement(timeline, timeline.payments, alert, after, fresh);
  return Math.min(fromOrders, fromPayments);
}

function firstAgreement(
  timeline: Timeline,
  entries: readonly Entry[],
  alert: RaisedAlert,
  after: number,
  fresh: Entry | null,
): number {
  for (const { at } of entries) {
    if (at <= alert.detectedAt) continue;
    if (at <= after && at !== fresh?.at) continue;
    if (agreesAt(timeline, at)) return at;
  }
  return Infinity;
}

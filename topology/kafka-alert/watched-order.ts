/**
 * What is kept of one order, and what a record and the watermark do to it.
 *
 * W1. A gap of more than the retention ends a timeline. Nearly always there is one; a second one exists while records
 *     from after such a gap have been read and the watermark has not yet left the first one behind.
 * W2. A timeline that the watermark has left behind by more than the retention is not there, whether or not it was dropped
 *     already: when state is dropped makes no difference.
 * W3. Every evaluation and check up to `checkedTo` has run. What comes next follows from the value and the settings alone,
 *     so timers need no log of their own and a restore finds them again.
 */
import { isTooLate } from './rules.ts';
import type { AlertSettings } from './settings.ts';
import { nextInstant, noFindings, settle } from './settle.ts';
import type { Findings } from './settle.ts';
import { emptyTimeline, firstAt, hasEntry, joined, lastAt, withEntry } from './timeline.ts';
import type { Entry, Timeline } from './timeline.ts';

export interface WatchedOrder {
  /** By time, at least one. */
  readonly timelines: readonly Timeline[];
  /** The watermark that the last change of this value has seen. */
  readonly checkedTo: number;
}

/** Why a record had no effect. */
export type Rejection = 'duplicate' | 'unknown-status' | 'beyond-retention';

export type Observation =
  | { readonly outcome: Rejection }
  | { readonly outcome: 'accepted'; readonly order: WatchedOrder; readonly findings: Findings };

const DUPLICATE: Observation = Object.freeze({ outcome: 'duplicate' });
const UNKNOWN_STATUS: Observation = Object.freeze({ outcome: 'unknown-status' });
const BEYOND_RETENTION: Observation = Object.freeze({ outcome: 'beyond-retention' });

/** A state that nobody asks for any more is dropped at one of this many instants per retention, so its timer seldom moves. */
const DROPS_PER_RETENTION = 64;

/**
 * Puts a record on the order's timeline. Alerts and resolutions come out of it only when the record is late; what an in-time
 * record brings about is decided when the watermark gets there (`nextCheckAt`, `check`).
 *
 * @param order     what is kept of the order, if anything
 * @param watermark as it stood before the record was read; every check up to it has run
 * @example
 * const paid = orderEntry('PAID', Date.parse('2024-02-01T12:02:00Z'), null);
 * const seen = observe(undefined, paid, -Infinity, defaultAlertSettings);
 * if (seen.outcome === 'accepted') nextCheckAt(seen.order, defaultAlertSettings); // 12:07: PAID without a payment
 */
export function observe(
  order: WatchedOrder | undefined,
  entry: Entry,
  watermark: number,
  settings: AlertSettings,
): Observation {
  if (entry.kind === 'order' && entry.status === 'UNKNOWN') return UNKNOWN_STATUS;
  // Should a restart stand behind what this order has seen: the watermark never goes back.
  const now = order === undefined ? watermark : Math.max(watermark, order.checkedTo);
  const { retentionMs } = settings;
  if (entry.at < now - retentionMs) return BEYOND_RETENTION;

  const timelines = order === undefined ? [] : remaining(order.timelines, now, retentionMs);
  // Those it belongs to: none, one, or two that it joins.
  let from = 0;
  while (from < timelines.length && lastAt(timelines[from]!) < entry.at - retentionMs) from++;
  let to = from;
  while (to < timelines.length && firstAt(timelines[to]!) <= entry.at + retentionMs) to++;
  let timeline = emptyTimeline;
  if (to - from === 1) timeline = timelines[from]!;
  else if (to > from) timeline = timelines.slice(from, to).reduce(joined);

  if (hasEntry(timeline, entry)) return DUPLICATE;
  const { timeline: settled, findings } =
    entry.at > now
      ? { timeline: withEntry(timeline, entry), findings: noFindings }
      : settle(withEntry(withEvaluated(timeline, now), entry), now, now, entry, settings);
  const next =
    timelines.length === to - from ? [settled] : timelines.toSpliced(from, to - from, settled);
  return { outcome: 'accepted', order: { timelines: next, checkedTo: now }, findings };
}

/**
 * Runs everything up to the watermark. The order is null when nothing of it is to be kept.
 *
 * @param watermark as it stands now; Infinity at the end of a replay
 */
export function check(
  order: WatchedOrder,
  watermark: number,
  settings: AlertSettings,
): { readonly order: WatchedOrder | null; readonly findings: Findings } {
  const { checkedTo } = order;
  const now = Math.max(watermark, checkedTo);
  const settled = order.timelines.map((each) => settle(each, checkedTo, now, null, settings));
  const timelines = remaining(
    settled.map(({ timeline }) => timeline),
    now,
    settings.retentionMs,
  );
  return {
    order: timelines.length === 0 ? null : { timelines, checkedTo: now },
    findings: settled.map(({ findings }) => findings).reduce(together),
  };
}

/** The next instant at which an alert is decided or resolved if no more records come, or null: nothing is pending. */
export function nextCheckAt(order: WatchedOrder, settings: AlertSettings): number | null {
  let next = Infinity;
  for (const timeline of order.timelines) {
    next = Math.min(next, nextInstant(timeline, order.checkedTo, settings));
  }
  return next === Infinity ? null : next;
}

/** The order's timer: the next check, or else an instant at which its oldest timeline can be dropped. */
export function nextTimerAt(order: WatchedOrder, settings: AlertSettings): number {
  const { retentionMs } = settings;
  const stepMs = Math.max(1, Math.floor(retentionMs / DROPS_PER_RETENTION));
  const expiredAt = lastAt(order.timelines[0]!) + retentionMs + 1;
  const dropAt = Math.ceil(expiredAt / stepMs) * stepMs;
  const checkAt = nextCheckAt(order, settings);
  return checkAt === null ? dropAt : Math.min(checkAt, dropAt);
}

function together(earlier: Findings, later: Findings): Findings {
  return {
    alerts: [...earlier.alerts, ...later.alerts],
    resolutions: [...earlier.resolutions, ...later.resolutions],
    suppressed: earlier.suppressed + later.suppressed,
  };
}

function remaining(
  timelines: readonly Timeline[],
  watermark: number,
  retentionMs: number,
): readonly Timeline[] {
  let expired = 0;
  while (expired < timelines.length && lastAt(timelines[expired]!) + retentionMs < watermark) {
    expired++;
  }
  return expired === 0 ? timelines : timelines.slice(expired);
}

/** Writes down what row C1 has found for every success up to the watermark, before a late record changes the picture. */
function withEvaluated(timeline: Timeline, watermark: number): Timeline {
  const payments = timeline.payments.map((payment) =>
    payment.result !== 'success' || payment.at > watermark || payment.tooLate !== null
      ? payment
      : { ...payment, tooLate: isTooLate(timeline, payment) },
  );
  return { ...timeline, payments };
}

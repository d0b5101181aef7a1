/**
 * Runs the evaluations and the resolve checks of one timeline, in the order of their instants.
 *
 * S1. Each evaluation and each check runs once: those with `after < d <= upTo`, where `after` is how far they have run.
 * S2. A late record's own, up to `after`, run when it is read; no other is repeated for it.
 * S3. At one instant the evaluations come before the check: what is raised at `d` is resolved after `d` at the earliest.
 */
import { isKeptBack } from './dedup.ts';
import { resolvesAt } from './resolution.ts';
import { candidates } from './rules.ts';
import type { Candidate, Observed } from './rules.ts';
import type { AlertSettings } from './settings.ts';
import { orderAt, paymentAt } from './timeline.ts';
import type { Entry, RaisedAlert, RuleId, Timeline } from './timeline.ts';

/** An alert that no longer holds. */
export interface Resolution {
  readonly ruleId: RuleId;
  readonly eventId: string;
  readonly observed: Observed;
  readonly resolvedAt: number;
}

/** What is to be told to the world. */
export interface Findings {
  readonly alerts: readonly Candidate[];
  readonly resolutions: readonly Resolution[];
  /** How many candidates dedup kept back. */
  readonly suppressed: number;
}

export const noFindings: Findings = Object.freeze({ alerts: [], resolutions: [], suppressed: 0 });

export interface Settlement {
  readonly timeline: Timeline;
  readonly findings: Findings;
}

/**
 * Settles a timeline up to an instant.
 *
 * @param after how far its evaluations and checks have run
 * @param upTo  how far they are to run, at least `after`
 * @param fresh a late record just put on the timeline, or null
 */
export function settle(
  timeline: Timeline,
  after: number,
  upTo: number,
  fresh: Entry | null,
  settings: AlertSettings,
): Settlement {
  const due = candidates(timeline, after, fresh, settings);
  const book = timeline.alerts.slice();
  const alerts: Candidate[] = [];
  const resolutions: Resolution[] = [];
  let suppressed = 0;

  for (let next = 0; ;) {
    const candidate = due[next];
    const check = nextCheck(timeline, book, timeline.alerts.length, after, fresh);
    if (candidate !== undefined && candidate.detectedAt <= check.at) {
      if (candidate.detectedAt > upTo) break;
      next++;
      if (isKeptBack(candidate, book, settings.graceMs)) {
        suppressed++;
      } else {
        const { ruleId, eventId, detectedAt } = candidate;
        book.push({ ruleId, eventId, detectedAt, resolvedAt: null });
        alerts.push(candidate);
      }
    } else {
      if (check.index < 0 || check.at > upTo) break;
      const resolved = { ...book[check.index]!, resolvedAt: check.at };
      book[check.index] = resolved;
      resolutions.push(resolution(timeline, resolved.ruleId, resolved.eventId, check.at));
    }
  }
  const isSame = alerts.length === 0 && resolutions.length === 0;
  return {
    timeline: isSame ? timeline : { ...timeline, alerts: book },
    findings: { alerts, resolutions, suppressed },
  };
}

/**
 * The next instant after `after` at which `settle` has something to decide if no more records come, or Infinity. A
 * candidate that will be kept back counts as well, so that it is counted when its time has come.
 */
export function nextInstant(timeline: Timeline, after: number, settings: AlertSettings): number {
  let next = candidates(timeline, after, null, settings)[0]?.detectedAt ?? Infinity;
  for (const alert of timeline.alerts) {
    if (alert.resolvedAt === null) next = Math.min(next, resolvesAt(timeline, alert, after, null));
  }
  return next;
}

/** The open alert that is resolved first, and when. Those from `known` on are raised just now: for them, all counts. */
function nextCheck(
  timeline: Timeline,
  book: readonly RaisedAlert[],
  known: number,
  after: number,
  fresh: Entry | null,
): { readonly index: number; readonly at: number } {
  let index = -1;
  let at = Infinity;
  for (let i = 0; i < book.length; i++) {
    const alert = book[i]!;
    if (alert.resolvedAt !== null) continue;
    const t = resolvesAt(timeline, alert, i < known ? after : -Infinity, fresh);
    if (t < at) {
      index = i;
      at = t;
    }
  }
  return { index, at };
}

function resolution(timeline: Timeline, ruleId: RuleId, eventId: string, t: number): Resolution {
  const observed = {
    paymentStatus: paymentAt(timeline, t)?.status ?? null,
    orderStatus: orderAt(timeline, t),
  };
  return { ruleId, eventId, observed, resolvedAt: t };
}

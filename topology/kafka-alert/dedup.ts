import type { Candidate } from './rules.ts';
import type { RaisedAlert } from './timeline.ts';

/**
 * Whether a candidate is to be kept back: its rule and event were raised before, or an alert of its rule was raised less
 * than a grace away and was not resolved before the candidate's instant. "Away" looks both ways: a late
 * record's candidate may be decided after an alert with a later `detectedAt`.
 *
 * A candidate kept back leaves no trace: only raised alerts are asked.
 */
export function isKeptBack(
  candidate: Candidate,
  raised: readonly RaisedAlert[],
  graceMs: number,
): boolean {
  return keptBackBy(candidate, raised, graceMs) !== undefined;
}

/** The first raised alert that keeps a candidate back. */
export function keptBackBy(
  candidate: Candidate,
  raised: readonly RaisedAlert[],
  graceMs: number,
): RaisedAlert | undefined {
  for (const alert of raised) {
    if (alert.ruleId !== candidate.ruleId) continue;
    if (alert.eventId === candidate.eventId) return alert;
    const isNear = Math.abs(alert.detectedAt - candidate.detectedAt) < graceMs;
    if (isNear && (alert.resolvedAt === null || alert.resolvedAt >= candidate.detectedAt)) {
      return alert;
    }
  }
  return undefined;
}

import { toJson, topics, type AlertRaised } from '#schemas';

/** An alert that the replay raises and nobody has published, the other way round, or one that is not the same in both. */
export type Difference =
  | { readonly difference: 'missing'; readonly replayed: AlertRaised; readonly published: null }
  | { readonly difference: 'extra'; readonly replayed: null; readonly published: AlertRaised }
  | {
      readonly difference: 'different';
      readonly replayed: AlertRaised;
      readonly published: AlertRaised;
    };

/** From and to, both included. */
interface Range {
  readonly from: number;
  readonly to: number;
}

export interface Comparison {
  /** By when they were detected, then by their ids. */
  readonly differences: readonly Difference[];
  readonly same: number;
}

/**
 * Compares alerts by their ids. What only one side has, and what is different, counts when it was detected in the range;
 * an alert that was published several times is the one that was published first.
 */
export function compareAlerts(
  published: readonly AlertRaised[],
  replayed: readonly AlertRaised[],
  range: Range,
): Comparison {
  const ofPublished = byId(published);
  const ofReplayed = byId(replayed);
  const isIn = (alert: AlertRaised | undefined) =>
    alert !== undefined && range.from <= alert.detectedAt && alert.detectedAt <= range.to;
  const differences: Difference[] = [];
  let same = 0;
  for (const id of new Set([...ofPublished.keys(), ...ofReplayed.keys()])) {
    const was = ofPublished.get(id);
    const is = ofReplayed.get(id);
    if (!isIn(was) && !isIn(is)) continue;
    if (was && is) {
      if (lineOf(was) === lineOf(is)) same += 1;
      else differences.push({ difference: 'different', replayed: is, published: was });
    } else if (is) differences.push({ difference: 'missing', replayed: is, published: null });
    else differences.push({ difference: 'extra', replayed: null, published: was! });
  }
  return { differences: differences.sort(byTime), same };
}

function byId(alerts: readonly AlertRaised[]): Map<string, AlertRaised> {
  const found = new Map<string, AlertRaised>();
  for (const alert of alerts) if (!found.has(alert.alertId)) found.set(alert.alertId, alert);
  return found;
}

function lineOf(alert: AlertRaised): string {
  return JSON.stringify(toJson(topics.alertRaised, alert));
}

function byTime(x: Difference, y: Difference): number {
  const [a, b] = [x.replayed ?? x.published, y.replayed ?? y.published];
  return a.detectedAt - b.detectedAt || (a.alertId < b.alertId ? -1 : 1);
}

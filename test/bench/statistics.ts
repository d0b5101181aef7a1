/** The value below which a share of all lies, by the nearest rank: `percentile(values, 0.99)`. NaN for none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const rank = Math.max(1, Math.ceil(share * sorted.length));
  return sorted[rank - 1] ?? NaN;
}

/** The middle one, or the mean of the two in the middle. NaN for none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? NaN)) / 2;
}

/** How far something was at an instant. */
export interface Sample {
  readonly atMs: number;
  readonly done: number;
}

/** When a count was reached, on the line between the two samples around it; undefined where it was not. */
export function reachedAt(samples: readonly Sample[], count: number): number | undefined {
  const next = samples.findIndex(({ done }) => done >= count);
  if (next === -1) return undefined;
  const after = samples[next]!;
  const before = samples[next - 1];
  if (!before) return after.atMs;
  const share = (count - before.done) / (after.done - before.done);
  return before.atMs + share * (after.atMs - before.atMs);
}

/**
 * Records per second between a tenth and nine tenths of all: without the start, and without the last commits. Undefined
 * where there are too few samples on the way to tell.
 */
export function steadyRate(samples: readonly Sample[], total: number): number | undefined {
  const inside = samples.filter(({ done }) => done > 0.1 * total && done < 0.9 * total);
  const from = reachedAt(samples, 0.1 * total);
  const to = reachedAt(samples, 0.9 * total);
  if (inside.length < 3 || from === undefined || to === undefined) return undefined;
  return (0.8 * total) / ((to - from) / 1000);
}

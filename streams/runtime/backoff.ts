export interface BackoffOptions {
  readonly firstMs: number;
  readonly longestMs: number;
}

/**
 * How long to wait after a failure: twice as long as after the one before, up to the longest, and up to half of it less by
 * chance, so that whoever failed together does not come back together.
 *
 * @param failures how many there were in a row, this one included
 * @param random a number from 0 (inclusive) to 1 (exclusive); without it, no chance is involved
 */
export function backoffMs(
  failures: number,
  { firstMs, longestMs }: BackoffOptions,
  random: () => number = () => 1,
): number {
  const full = Math.min(longestMs, firstMs * 2 ** Math.max(0, failures - 1));
  return Math.ceil(full * (0.5 + random() / 2));
}

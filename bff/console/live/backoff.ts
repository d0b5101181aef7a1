/** How long to wait before connecting again: soon at first, then ever longer, and not all browsers at once. */
const FIRST_MS = 500;
const LONGEST_MS = 15_000;

/** `failures` in a row, from 1; `random` in [0, 1). */
export function waitMs(failures: number, random: number): number {
  const full = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures - 1, 10));
  return Math.round(full / 2 + (full / 2) * random);
}

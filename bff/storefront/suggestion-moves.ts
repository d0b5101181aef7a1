/**
 * Which suggestion a key goes to, -1 being the field itself; undefined: the key is not ours.
 *
 * @example
 * moved('ArrowDown', -1, 3); // 0
 * moved('ArrowDown', 2, 3); // -1: behind the last one is the field again
 */
export function moved(key: string, active: number, length: number): number | undefined {
  if (length === 0) return undefined;
  if (key === 'ArrowDown') return active + 1 >= length ? -1 : active + 1;
  if (key === 'ArrowUp') return active < 0 ? length - 1 : active - 1;
  return undefined;
}

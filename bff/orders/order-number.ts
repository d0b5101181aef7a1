import { randomBytes } from 'node:crypto';

/** Crockford's: no letter that looks like a digit, and in the order of ASCII. */
const DIGITS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const TIME_DIGITS = 9;
const RANDOM_BYTES = 8;

/**
 * An order number nobody else has: sorted by time, not to be guessed, and without what marks a payment's further attempts (`-r2`).
 *
 * @example
 * newOrderNo(Date.now()); // ORD-1HK5X3Z0A7Q2M9KD
 */
export function newOrderNo(now: number): string {
  let time = '';
  for (let rest = now; time.length < TIME_DIGITS; rest = Math.floor(rest / 32))
    time = DIGITS[rest % 32]! + time;
  const random = [...randomBytes(RANDOM_BYTES)].map((byte) => DIGITS[byte % 32]!).join('');
  return `ORD-${time}${random}`;
}

import { checkTime, parseTime } from '#schemas';
import { UsageError } from './io.ts';

/**
 * An instant as an option gives it, in epoch ms: a word of `words`, an ISO-8601 time, or epoch milliseconds.
 *
 * @example
 * parseInstant('--as-of', '2024-02-01T12:00:00Z', { now: Date.now(), end: Infinity });
 * @throws {UsageError} naming the option
 */
export function parseInstant<W>(
  option: string,
  text: string,
  words: Readonly<Record<string, W>>,
): W | number {
  if (Object.hasOwn(words, text)) return words[text]!;
  try {
    return /^\d+$/.test(text) ? checkTime(Number(text)) : parseTime(text);
  } catch (error) {
    const allowed = Object.keys(words).join(', ');
    throw new UsageError(
      `${option}: ${(error as Error).message}; it takes that, epoch milliseconds, or ${allowed}`,
    );
  }
}

import { expect, test } from 'vitest';
import { parseInstant } from './instants.ts';
import { UsageError } from './io.ts';

const words = { now: 42, end: Infinity };

test.each([
  ['now', 42],
  ['end', Infinity],
  ['1706789096000', 1_706_789_096_000],
  ['2024-02-01T12:04:56Z', 1_706_789_096_000],
])('%s', (text, instant) => expect(parseInstant('--as-of', text, words)).toBe(instant));

test.each(['', 'later', '-1', '1e3', '2024-02-30T00:00:00Z', '4102444800001', 'toString'])(
  '"%s" is wrong use',
  (text) => {
    expect(() => parseInstant('--as-of', text, words)).toThrow(UsageError);
    expect(() => parseInstant('--as-of', text, words)).toThrow(/^--as-of: .* or now, end$/);
  },
);

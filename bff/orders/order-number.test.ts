import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MAX_TIME } from '#schemas';
import { newOrderNo } from './order-number.ts';

test('is sorted by time, and never looks like a further attempt of a payment', () => {
  const instant = fc.integer({ min: 0, max: MAX_TIME });
  fc.assert(
    fc.property(instant, instant, (a, b) => {
      const [x, y] = [newOrderNo(a), newOrderNo(b)];
      expect(x).toMatch(/^ORD-[0-9A-HJKMNP-TV-Z]{17}$/);
      expect(x).not.toMatch(/-r\d+$/i);
      if (a !== b) expect(x < y).toBe(a < b);
    }),
  );
});

test('is nobody else’s', () => {
  const all = new Set(Array.from({ length: 10_000 }, () => newOrderNo(1)));
  expect(all.size).toBe(10_000);
});

import { expect, test } from 'vitest';
import { waitMs } from './backoff.ts';

test('waits longer after each failure, up to a bound', () => {
  expect([1, 2, 3, 4, 100].map((failures) => waitMs(failures, 1))).toEqual([
    500, 1000, 2000, 4000, 15_000,
  ]);
});

test('browsers that lost the connection together come back apart', () => {
  expect(waitMs(3, 0)).toBe(1000);
  expect(waitMs(3, 0.5)).toBe(1500);
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { backoffMs } from './backoff.ts';

const options = { firstMs: 100, longestMs: 1000 };

test('doubles up to the longest', () => {
  const waits = [1, 2, 3, 4, 5, 6].map((failures) => backoffMs(failures, options));
  expect(waits).toEqual([100, 200, 400, 800, 1000, 1000]);
});

test('stays finite, however often it failed', () => {
  expect(backoffMs(5000, options)).toBe(1000);
});

test('is shorter by chance, by half at most', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 50 }),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      (failures, chance) => {
        const full = backoffMs(failures, options);
        const wait = backoffMs(failures, options, () => chance);
        expect(wait).toBeGreaterThanOrEqual(full / 2);
        expect(wait).toBeLessThanOrEqual(full);
      },
    ),
  );
  expect(backoffMs(1, options, () => 0)).toBe(50);
});

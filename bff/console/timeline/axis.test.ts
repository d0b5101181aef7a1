import fc from 'fast-check';
import { expect, test } from 'vitest';
import { timeAxis } from './axis.ts';

const bounds = { left: 10, right: 710, foldWidth: 40, tickGap: 70 };
const MINUTE = 60_000;
const instants = fc.array(
  fc.oneof(
    fc.integer({ min: 0, max: 2000 }),
    fc.integer({ min: 0, max: 10 * MINUTE }),
    fc.integer({ min: 0, max: 1e12 }),
  ),
  { minLength: 1, maxLength: 20 },
);
const stretch = fc
  .tuple(fc.integer({ min: 0, max: 10 * MINUTE }), fc.integer({ min: 1, max: 10 * MINUTE }))
  .map(([from, length]) => ({ from, to: from + length }));

test('no instant is outside, and a later one is never further left', () => {
  fc.assert(
    fc.property(instants, fc.array(stretch, { maxLength: 2 }), (all, keep) => {
      const axis = timeAxis(all, keep, bounds);
      const xs = all.toSorted((a, b) => a - b).map((at) => axis.x(at));
      for (const [i, x] of xs.entries()) {
        expect(x).toBeGreaterThanOrEqual(bounds.left);
        expect(x).toBeLessThanOrEqual(bounds.right);
        if (i > 0) expect(x).toBeGreaterThanOrEqual(xs[i - 1]!);
      }
    }),
  );
});

test('ticks stand apart, inside, in order', () => {
  fc.assert(
    fc.property(instants, (all) => {
      const { ticks } = timeAxis(all, [], bounds);
      for (const [i, { x }] of ticks.entries()) {
        expect(x).toBeGreaterThanOrEqual(bounds.left);
        expect(x).toBeLessThanOrEqual(bounds.right);
        if (i > 0) expect(x - ticks[i - 1]!.x).toBeGreaterThanOrEqual(bounds.tickGap - 1e-6);
      }
      expect(ticks.length).toBeLessThan(30);
    }),
  );
});

test('a fold hides nothing that was handed in, and nothing that is kept', () => {
  fc.assert(
    fc.property(instants, fc.array(stretch, { maxLength: 2 }), (all, keep) => {
      for (const fold of timeAxis(all, keep, bounds).folds) {
        expect(all.filter((at) => at > fold.from && at < fold.to)).toEqual([]);
        expect(keep.filter(({ from, to }) => from < fold.to && to > fold.from)).toEqual([]);
      }
    }),
  );
});

test('two idle days after five busy minutes are folded', () => {
  const two = 48 * 60 * MINUTE;
  const axis = timeAxis([0, MINUTE, 5 * MINUTE, two], [], bounds);
  expect(axis.folds).toEqual([{ from: 5 * MINUTE, to: two, x: 670, width: 40 }]);
  expect(axis.x(5 * MINUTE)).toBe(670);
  expect(axis.x(two)).toBe(710);
});

test('the grace is never folded, however long it is against the rest', () => {
  const keep = [{ from: 1000, to: 1000 + 5 * MINUTE }];
  expect(timeAxis([0, 1000, 1000 + 5 * MINUTE], keep, bounds).folds).toEqual([]);
});

test('one instant is in the middle', () => {
  expect(timeAxis([7], [], bounds).x(7)).toBe(360);
});

test('ticks are round in the zone of the page', () => {
  const hour = 60 * MINUTE;
  const halfPast = timeAxis([0, 12 * hour], [], bounds, 30 * MINUTE).ticks;
  expect(halfPast.every(({ at }) => (at + 30 * MINUTE) % hour === 0)).toBe(true);
});

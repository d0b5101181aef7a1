import fc from 'fast-check';
import { expect, test } from 'vitest';
import { placeLabels, textWidth } from './labels.ts';

const edges = { left: 0, right: 600, gap: 6 };
const wishes = fc.array(
  fc.record({ x: fc.integer({ min: 0, max: 600 }), width: fc.integer({ min: 1, max: 200 }) }),
  { maxLength: 30 },
);

test('no two labels of a row overlap, and none leaves the picture', () => {
  fc.assert(
    fc.property(wishes, (all) => {
      const places = placeLabels(all, edges);
      for (const [i, { left, row }] of places.entries()) {
        const right = left + all[i]!.width;
        expect(left).toBeGreaterThanOrEqual(0);
        expect(right).toBeLessThanOrEqual(600);
        for (const [j, other] of places.entries()) {
          if (j <= i || other.row !== row) continue;
          const otherRight = other.left + all[j]!.width;
          expect(right + edges.gap <= other.left || left >= otherRight + edges.gap).toBe(true);
        }
      }
    }),
  );
});

test('a label that has room is centred in the nearest row', () => {
  const places = placeLabels(
    [
      { x: 100, width: 50 },
      { x: 300, width: 50 },
    ],
    edges,
  );
  expect(places).toEqual([
    { left: 75, row: 0 },
    { left: 275, row: 0 },
  ]);
});

test('one at the edge is moved inside, one that would touch goes a row further', () => {
  const places = placeLabels(
    [
      { x: 5, width: 60 },
      { x: 20, width: 60 },
    ],
    edges,
  );
  expect(places).toEqual([
    { left: 0, row: 0 },
    { left: 0, row: 1 },
  ]);
});

test('a Japanese character is about as wide as it is high', () => {
  expect(textWidth('注文', 12)).toBeGreaterThanOrEqual(24);
  expect(textWidth('PAID', 12)).toBeLessThan(textWidth('支払い', 12));
});

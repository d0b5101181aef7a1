import fc from 'fast-check';
import { expect, test } from 'vitest';
import { demoPlan, SHARES } from './plan.ts';

const offers = Array.from({ length: 5 }, (_, i) => ({ sku: `S-${i}`, price: 100 * (i + 1) }));

test('meets every share exactly, whatever chance does', () => {
  const randoms = fc.infiniteStream(fc.double({ min: 0, max: 0.999_999, noNaN: true }));
  fc.assert(
    fc.property(randoms, (stream) => {
      const random = () => stream.next().value as number;
      const shoppers = demoPlan(200, { run: 'R', offers, shares: SHARES, random });
      const count = (what: string) =>
        shoppers.filter((each) => JSON.stringify(each).includes(what)).length;
      expect(shoppers).toHaveLength(200);
      expect(new Set(shoppers.map(({ orderNo }) => orderNo)).size).toBe(200);
      expect([count('"declines"'), count('"leaves"')]).toEqual([10, 10]);
      expect([count('"lost"'), count('"twice"'), count('"delayMs"')]).toEqual([20, 20, 10]);
      expect(count('"expected":"FAILED"')).toBe(20);
      for (const { lines } of shoppers) {
        expect(new Set(lines.map(({ sku }) => sku)).size).toBe(lines.length);
        expect(lines.every(({ quantity }) => quantity >= 1)).toBe(true);
      }
    }),
    { numRuns: 20 },
  );
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { attemptAfter, attemptsUpTo, orderOf } from './attempts.ts';

test('attempts lead back to their order, and to those before them', () => {
  const orderNos = fc.stringMatching(/^ORD-[A-Z0-9]{1,12}$/);
  fc.assert(
    fc.property(orderNos, fc.integer({ min: 0, max: 6 }), (orderNo, further) => {
      const attempts = [orderNo];
      for (let i = 0; i < further; i++) attempts.push(attemptAfter(attempts.at(-1)!));
      expect(new Set(attempts).size).toBe(further + 1);
      for (const attempt of attempts) expect(orderOf(attempt)).toBe(orderNo);
      expect(attemptsUpTo(attempts.at(-1)!)).toEqual(attempts.reverse());
    }),
  );
});

test('are named so that the order shows', () => {
  expect(attemptsUpTo('ORD-7-r3')).toEqual(['ORD-7-r3', 'ORD-7-r2', 'ORD-7']);
});

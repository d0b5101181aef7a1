import { expect, test } from 'vitest';
import { checkPushes } from './push-check.ts';

const appended = [1, 2, 3].map((i) => ({ orderNo: 'A', updatedAt: i, appendedAt: 10 * i }));
const came = (...times: number[]) =>
  new Map([['A', times.map((statusAt) => ({ statusAt, receivedAt: 10 * statusAt + 5 }))]]);

test('all in order is right, and each has its latency', () => {
  expect(checkPushes(appended, came(1, 2, 3))).toEqual({ latencies: [5, 5, 5], fault: undefined });
});

test.each([
  ['lost', came(1, 3)],
  ['out of order', came(1, 3, 2)],
  ['told twice', came(1, 2, 2, 3)],
  ['never opened', new Map()],
])('one that was %s is found out', (_, pushes) => {
  expect(checkPushes(appended, pushes).fault).toMatch(/1 orders were not told all in order/);
});

import { expect, test } from 'vitest';
import { StatusStorm } from './status-storm.ts';

test('in two seconds each order has had two turns and a burst, at times of its own', () => {
  const storm = new StatusStorm(250, 1000);
  const changes = [storm.until(1500), storm.until(2990), storm.until(3000)].flat();
  for (const orderNo of storm.orderNos) {
    const times = changes.filter((c) => c.orderNo === orderNo).map(({ updatedAt }) => updatedAt);
    expect(times).toHaveLength(3);
    expect(new Set(times).size).toBe(3);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  }
  expect(storm.nextAt).toBe(3010);
  expect(storm.until(3005)).toEqual([]);
});

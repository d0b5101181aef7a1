import { expect, test } from 'vitest';
import { LogEnds } from './log-ends.ts';

const range = (partition: number, start: number, end: number) => ({
  topic: 'product-events',
  partition,
  start,
  end,
});

test('what is empty, or begins at its end, is reached at once', async () => {
  expect(await isReached(new LogEnds([]))).toBe(true);
  expect(await isReached(new LogEnds([range(0, 0, 0), range(1, 7, 7)]))).toBe(true);
});

test('all partitions must be read, each to its own end', async () => {
  const ends = new LogEnds([range(0, 0, 3), range(1, 2, 5), range(2, 4, 4)]);
  ends.reached('product-events', 0, 3);
  expect(await isReached(ends)).toBe(false);
  ends.reached('product-events', 1, 4);
  expect(await isReached(ends)).toBe(false);
  ends.reached('product-events', 1, 5);
  expect(await isReached(ends)).toBe(true);
});

test('an end that is passed is reached: the last offsets may be control records', async () => {
  const ends = new LogEnds([range(0, 0, 3)]);
  ends.reached('product-events', 0, 9);
  expect(await isReached(ends)).toBe(true);
});

test('another topic, or more of the same partition, changes nothing', async () => {
  const ends = new LogEnds([range(0, 0, 3), range(1, 0, 3)]);
  ends.reached('storage-commands', 1, 3);
  ends.reached('product-events', 0, 3);
  ends.reached('product-events', 0, 4);
  expect(await isReached(ends)).toBe(false);
});

async function isReached(ends: LogEnds): Promise<boolean> {
  return Promise.race([
    ends.allReached.then(() => true),
    new Promise<boolean>((resolve) => setImmediate(resolve, false)),
  ]);
}

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DefaultPartitioner } from '../testing/kafkajs-protocol.ts';
import { murmur2 } from './kafkajs-internals.ts';
import { partitionFor } from './partitioner.ts';

function theirs(key: Buffer, partitions: number): number {
  const partitionMetadata = Array.from({ length: partitions }, (_, partitionId) => ({
    partitionId,
    leader: 1,
  }));
  return DefaultPartitioner()({ topic: 't', partitionMetadata, message: { key } });
}

test("a key's partition is that of the default partitioner", () => {
  const key = fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes));
  fc.assert(
    fc.property(key, fc.integer({ min: 1, max: 50 }), (k, partitions) => {
      expect(partitionFor(k, partitions)).toBe(theirs(k, partitions));
    }),
  );
});

// The hashes are those of the test of the Java client (UtilsTest).
test.each([
  ['21', -973932308],
  ['foobar', -790332482],
  ['a-little-bit-long-string', -985981536],
  ['a-little-bit-longer-string', -1486304829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
])('a negative hash (%s) gives a partition all the same', (text, hash) => {
  const key = Buffer.from(text);
  expect(murmur2(key)).toBe(hash);
  expect(partitionFor(key, 7)).toBe((hash & 0x7fffffff) % 7);
});

test('records without a key stay together', () => {
  expect(partitionFor(null, 7)).toBe(0);
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  bytesOf,
  decodeWithKafkaJs,
  encoder,
  kafkaJsRequest,
  receive,
} from '../testing/kafkajs-protocol.ts';
import { KafkaError, type ProduceBatch } from './kafka.ts';
import { produceRequest } from './produce-request.ts';
import { ByteReader } from './varint.ts';

const producer = { transactionalId: 'app-0_0', producerId: 2n ** 40n, epoch: 12 };

const bytes = fc.uint8Array({ maxLength: 100 }).map((b) => Buffer.from(b));
const record = fc.record({
  topic: fc.constant('unused'),
  key: fc.option(bytes),
  value: fc.option(bytes),
  headers: fc.dictionary(fc.constantFrom('trace', 'größe'), bytes),
});
const batch: fc.Arbitrary<ProduceBatch> = fc.record({
  topic: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 100 }),
  partition: fc.nat(10_000),
  records: fc.array(record, { minLength: 1, maxLength: 10 }),
  baseSequence: fc.nat(2 ** 31 - 1),
  timestamp: fc.integer({ min: 1, max: 2 ** 41 }),
});

/** Batches have a field that the broker fills in: kafkajs writes 0, and Java -1, as we do. */
function withoutLeaderEpochs(request: Buffer): Buffer {
  const reader = new ByteReader(Buffer.from(request));
  reader.string();
  reader.position += 6; // acks, timeout
  for (let topics = reader.int32(); topics > 0; topics--) {
    reader.string();
    reader.position += 8; // one partition, its number
    const size = reader.int32();
    reader.bytes.writeInt32BE(-1, reader.position + 12);
    reader.position += size;
  }
  expect(reader.position).toBe(request.length);
  return reader.bytes;
}

describe('the request', () => {
  test('is what kafkajs sends for the same', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(batch, { maxLength: 4 }), async (batches) => {
        const ours = await bytesOf(produceRequest(producer, batches).request);
        const theirs = await kafkaJsRequest('produce', 7, {
          acks: -1,
          timeout: 30_000,
          transactionalId: producer.transactionalId,
          producerId: producer.producerId.toString(),
          producerEpoch: producer.epoch,
          topicData: batches.map(({ topic, partition, records, baseSequence, timestamp }) => ({
            topic,
            partitions: [
              {
                partition,
                firstSequence: baseSequence,
                messages: records.map(({ key, value, headers }) => ({
                  key,
                  value,
                  headers,
                  timestamp,
                })),
              },
            ],
          })),
        });
        expect(ours.equals(withoutLeaderEpochs(ours))).toBe(true);
        expect(ours).toEqual(withoutLeaderEpochs(theirs));
      }),
    );
  });

  test('of a producer without a transactional id is in no transaction', async () => {
    const plain = { producerId: producer.producerId, epoch: producer.epoch };
    await fc.assert(
      fc.asyncProperty(batch, async (one) => {
        const request = await bytesOf(produceRequest(plain, [one]).request);
        const reader = new ByteReader(request);
        expect(reader.string()).toBe(null);
        reader.position += 6 + 4; // acks, timeout, one topic
        expect(reader.string()).toBe(one.topic);
        reader.position += 8; // one partition, its number
        const written = await decodeWithKafkaJs(request.subarray(reader.position + 4));
        expect(written).toMatchObject({
          inTransaction: false,
          producerId: plain.producerId.toString(),
          producerEpoch: plain.epoch,
          firstSequence: one.baseSequence,
        });
        expect(written.records).toHaveLength(one.records.length);
      }),
    );
  });

  test('names its version', () => {
    expect(produceRequest(producer, []).request).toMatchObject({ apiKey: 0, apiVersion: 7 });
  });
});

interface PartitionAnswer {
  readonly topic: string;
  readonly partition: number;
  readonly errorCode?: number;
  readonly baseOffset?: number;
}

function answerOf(partitions: readonly PartitionAnswer[], throttle = 0): Buffer {
  const topics = partitions.map(({ topic, partition, errorCode = 0, baseOffset = -1 }) =>
    encoder()
      .writeString(topic)
      .writeArray([
        encoder()
          .writeInt32(partition)
          .writeInt16(errorCode)
          .writeInt64(baseOffset)
          .writeInt64(-1)
          .writeInt64(0),
      ]),
  );
  return encoder().writeArray(topics).writeInt32(throttle).buffer;
}

const batchOf = (topic: string, partition: number) => ({
  topic,
  partition,
  records: [],
  baseSequence: 0,
  timestamp: 0,
});

describe('the answer', () => {
  const batches = [batchOf('a', 0), batchOf('b', 0), batchOf('a', 1)];
  const { response } = produceRequest(producer, batches);

  test("has the base offsets in the batches' order", async () => {
    const bytes = answerOf([
      { topic: 'a', partition: 1, baseOffset: 3 },
      { topic: 'a', partition: 0, baseOffset: 2 ** 40 },
      { topic: 'b', partition: 0, baseOffset: 0 },
    ]);
    expect(await receive(response, bytes)).toEqual([2 ** 40, 0, 3]);
  });

  test.each([
    [10, 'MESSAGE_TOO_LARGE'],
    [47, 'INVALID_PRODUCER_EPOCH'],
    [6, 'NOT_LEADER_FOR_PARTITION'],
    [87, 'INVALID_RECORD'],
  ])('has error %d in the place of the batch that it is about', async (errorCode, type) => {
    const bytes = answerOf([
      { topic: 'a', partition: 0, baseOffset: 5 },
      { topic: 'b', partition: 0, errorCode },
      { topic: 'a', partition: 1, baseOffset: 6 },
    ]);
    const message = expect.stringContaining('produce to b-0') as string;
    const outcomes = (await receive(response, bytes)) as unknown[];
    expect(outcomes).toEqual([5, expect.any(KafkaError), 6]);
    expect(outcomes[1]).toMatchObject({ type, message });
  });

  test('that leaves a partition out is no answer', async () => {
    const bytes = answerOf([
      { topic: 'a', partition: 0, baseOffset: 5 },
      { topic: 'a', partition: 1, baseOffset: 6 },
    ]);
    const message = expect.stringContaining('b-0') as string;
    const missing = expect.objectContaining({ type: 'NETWORK', message }) as unknown;
    expect(await receive(response, bytes)).toEqual([5, missing, 6]);
  });

  test('hands the throttle time to the connection', async () => {
    const { response: none } = produceRequest(producer, []);
    expect(await none.decode(answerOf([], 250))).toMatchObject({ clientSideThrottleTime: 250 });
  });
});

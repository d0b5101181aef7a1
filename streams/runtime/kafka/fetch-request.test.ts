import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { storedBatch } from '../testing/batches.ts';
import {
  bytesOf,
  createRequestBytes,
  encoder,
  kafkaJsRequest,
  receive,
} from '../testing/kafkajs-protocol.ts';
import { fetchRequest } from './fetch-request.ts';
import { KafkaError, type FetchedPartition, type FetchPosition } from './kafka.ts';

const position = fc.record(
  {
    topic: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 100 }),
    partition: fc.nat(10_000),
    offset: fc.nat(2 ** 50),
    maxBytes: fc.integer({ min: 1, max: 1 << 24 }),
  },
  { requiredKeys: ['topic', 'partition', 'offset'] },
);

function theirs(positions: readonly FetchPosition[], maxWaitTime: number): Promise<Buffer> {
  return kafkaJsRequest('fetch', 10, {
    replicaId: -1,
    maxWaitTime,
    minBytes: 1,
    maxBytes: 16 << 20,
    isolationLevel: 1, // read_committed
    topics: positions.map(({ topic, partition, offset, maxBytes = 64 << 10 }) => ({
      topic,
      partitions: [{ partition, fetchOffset: offset, maxBytes }],
    })),
  });
}

describe('the request', () => {
  test('is what kafkajs sends for the same', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(position), fc.nat(60_000), async (positions, maxWaitMs) => {
        const { request } = fetchRequest(positions, maxWaitMs);
        expect(await bytesOf(request)).toEqual(await theirs(positions, maxWaitMs));
      }),
    );
  });

  test("goes through kafkajs's connection whole, behind a header with its version", async () => {
    const positions = [{ topic: 'orders', partition: 3, offset: 17 }];
    const { request } = fetchRequest(positions, 100);
    const sent = (await createRequestBytes({ request, correlationId: 5, clientId: 'c' })).buffer;
    const payload = await theirs(positions, 100);
    const header = sent.subarray(0, sent.length - payload.length);
    expect(sent.subarray(header.length)).toEqual(payload);
    expect(header.readInt32BE(0)).toBe(sent.length - 4);
    expect([header.readInt16BE(4), header.readInt16BE(6)]).toEqual([1, 10]);
  });
});

interface PartitionAnswer {
  readonly topic?: string;
  readonly partition?: number;
  readonly errorCode?: number;
  readonly aborted?: readonly (readonly [producerId: number, firstOffset: number])[] | null;
  readonly records?: Buffer | null;
  readonly lastStableOffset?: number;
  readonly logStartOffset?: number;
}

/** An answer as a broker writes it. */
function answerOf(partitions: readonly PartitionAnswer[], errorCode = 0, throttle = 0): Buffer {
  const topics = partitions.map((p) => {
    const { aborted = [], records = Buffer.alloc(0) } = p;
    const answer = encoder()
      .writeInt32(p.partition ?? 0)
      .writeInt16(p.errorCode ?? 0)
      .writeInt64(999) // high watermark
      .writeInt64(p.lastStableOffset ?? 100)
      .writeInt64(p.logStartOffset ?? 0);
    if (aborted === null) answer.writeInt32(-1);
    else {
      const entries = aborted.map(([id, first]) => encoder().writeInt64(id).writeInt64(first));
      answer.writeArray(entries);
    }
    answer.writeBytes(records);
    return encoder()
      .writeString(p.topic ?? 'orders')
      .writeArray([answer]);
  });
  const head = encoder().writeInt32(throttle).writeInt16(errorCode).writeInt32(0);
  return head.writeArray(topics).buffer;
}

async function read(
  positions: readonly FetchPosition[],
  bytes: Buffer,
): Promise<FetchedPartition[]> {
  return (await receive(fetchRequest(positions, 100).response, bytes)) as FetchedPartition[];
}

const at = (offset: number, partition = 0, topic = 'orders') => ({ topic, partition, offset });
const batch = (from: number, to: number, transaction: object = {}) => {
  const records = Array.from({ length: to - from + 1 }, (_, i) => ({ offset: from + i }));
  return storedBatch({ baseOffset: from, records, ...transaction });
};

describe('the answer', () => {
  test('has the records from the offset asked for, and where each partition stands', async () => {
    const [first, second, ...rest] = await read(
      [at(11), at(0, 4, 'payments')],
      answerOf([
        { records: batch(10, 12), lastStableOffset: 40, logStartOffset: 3 },
        { topic: 'payments', partition: 4, records: Buffer.concat([batch(0, 0), batch(1, 5)]) },
      ]),
    );
    expect(rest).toEqual([]);
    expect(first).toMatchObject({
      topic: 'orders',
      partition: 0,
      error: undefined,
      nextOffset: 13,
      lastStableOffset: 40,
      logStartOffset: 3,
    });
    expect(first!.records.map((r) => r.offset)).toEqual([11, 12]);
    expect(second).toMatchObject({ topic: 'payments', partition: 4, nextOffset: 6 });
    expect(second!.records).toHaveLength(6);
  });

  test('leaves out what transactions have aborted', async () => {
    const transaction = { producerId: 7, isTransactional: true };
    const records = Buffer.concat([batch(0, 1, transaction), batch(2, 3)]);
    const [fetched] = await read([at(0)], answerOf([{ records, aborted: [[7, 0]] }]));
    expect(fetched!.records.map((r) => r.offset)).toEqual([2, 3]);
    expect(fetched!.nextOffset).toBe(4);
  });

  test.each([
    ['empty', Buffer.alloc(0)],
    ['null', null],
  ])('without records (%s) leaves the position', async (_name, records) => {
    const answer = answerOf([{ records, aborted: null }, { topic: 'payments' }]);
    expect(await read([at(9), at(4, 0, 'payments')], answer)).toMatchObject([
      { records: [], nextOffset: 9, error: undefined },
      { topic: 'payments', records: [], nextOffset: 4 },
    ]);
  });

  test('tells the error of a partition, and still has the others', async () => {
    const [failed, fine] = await read(
      [at(9, 0), at(0, 1)],
      answerOf([
        { partition: 0, errorCode: 1, lastStableOffset: -1, records: null, aborted: null },
        { partition: 1, records: batch(0, 2) },
      ]),
    );
    expect(failed).toMatchObject({ partition: 0, records: [], nextOffset: 9 });
    expect(failed!.error).toBeInstanceOf(KafkaError);
    expect(failed!.error!.type).toBe('OFFSET_OUT_OF_RANGE');
    expect(failed!.error!.message).toContain('orders-0 at offset 9');
    expect(fine).toMatchObject({ partition: 1, error: undefined, nextOffset: 3 });
  });

  test('tells which partition can not be read, and still has the others', async () => {
    const [failed, fine] = await read(
      [at(0, 0), at(0, 1)],
      answerOf([
        {
          partition: 0,
          records: storedBatch({ baseOffset: 0, records: [{ offset: 0 }], compression: 2 }),
        },
        { partition: 1, records: batch(0, 2) },
      ]),
    );
    expect(failed!.error!.type).toBe('UNSUPPORTED_COMPRESSION_TYPE');
    expect(failed!.error!.message).toContain('orders-0');
    expect(failed).toMatchObject({ records: [], nextOffset: 0 });
    expect(fine!.records).toHaveLength(3);
  });

  test('with bytes that are no records is corrupt', async () => {
    const broken = batch(0, 2);
    broken.writeInt32BE(5, 8);
    const [failed] = await read([at(0)], answerOf([{ records: broken }]));
    expect(failed!.error!.type).toBe('CORRUPT_MESSAGE');
  });

  test('that is an error as a whole is thrown', async () => {
    await expect(read([at(0)], answerOf([], 70))).rejects.toMatchObject({
      type: 'FETCH_SESSION_ID_NOT_FOUND',
    });
  });

  test('hands the throttle time to the connection', async () => {
    const { response } = fetchRequest([at(0)], 100);
    expect(await response.decode(answerOf([], 0, 250))).toMatchObject({
      clientSideThrottleTime: 250,
    });
  });
});

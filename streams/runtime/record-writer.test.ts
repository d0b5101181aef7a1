import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { StreamsException } from '../errors.ts';
import { NO_HEADERS } from '../processor/record.ts';
import type { OutputRecord } from '../task/commit.ts';
import type { KafkaError, ProduceBatch } from './kafka/kafka.ts';
import { encodeBatch, sizeAlone } from './kafka/record-batch.ts';
import { nameOf, RecordsRefused, RecordWriter, type RefusedRecord } from './record-writer.ts';
import { LeapingClock } from './testing/clocks.ts';
import { answer, kafkaError, stubKafka } from './testing/stub-kafka.ts';

const producer = { producerId: 7n, epoch: 0 };

/** A broker that takes batches up to a size, and no record whose key is `bad`; checks sequence numbers. */
class Broker {
  readonly appended = new Map<string, OutputRecord[]>();
  readonly requests: (readonly ProduceBatch[])[] = [];
  /** By partition: what the next batch meets. */
  readonly faults = new Map<string, KafkaError>();
  readonly maxBytes: number;
  readonly writer: RecordWriter;

  constructor(maxBytes = Infinity) {
    this.maxBytes = maxBytes;
    this.writer = new RecordWriter({
      producer,
      clock: new LeapingClock(),
      partitionCounts: new Map([['out', 3]]),
      deadLetterTopic: 'app-dead-letter',
      leader: ({ partition }) => Promise.resolve(partition % 2),
      kafka: stubKafka({
        produce: (_producer, _leader, batches) =>
          answer(() => {
            this.requests.push(batches);
            return batches.map((batch) => this.#append(batch));
          }),
      }),
    });
  }

  async write(records: readonly OutputRecord[]): Promise<readonly RefusedRecord[]> {
    try {
      await this.writer.write(this.writer.batchesOf(records));
      return [];
    } catch (error) {
      if (error instanceof RecordsRefused) return error.refused;
      throw error;
    }
  }

  of(partition: number): OutputRecord[] {
    return this.appended.get(`out-${partition}`) ?? [];
  }

  #append(batch: ProduceBatch): number | KafkaError {
    const name = nameOf(batch);
    const fault = this.faults.get(name);
    if (fault) return fault;
    const { records, baseSequence } = batch;
    if (encodeBatch(records, producer, 0, 0).length > this.maxBytes)
      return kafkaError('MESSAGE_TOO_LARGE');
    if (records.some(({ key }) => key?.toString() === 'bad')) return kafkaError('INVALID_RECORD');
    const log = this.appended.get(name) ?? [];
    this.appended.set(name, log);
    if (baseSequence !== log.length) return kafkaError('OUT_OF_ORDER_SEQUENCE_NUMBER');
    log.push(...records);
    return log.length - records.length;
  }
}

function record(size: number, key = 'good', partition = 0): OutputRecord {
  return {
    topic: 'out',
    partition,
    key: Buffer.from(key),
    value: Buffer.alloc(size),
    headers: NO_HEADERS,
  };
}

describe('records that the broker refuses', () => {
  test('are found among the others, which are all appended in their order', async () => {
    const shape = fc.record({
      size: fc.integer({ min: 0, max: 3000 }),
      key: fc.constantFrom('good', 'good', 'good', 'bad'),
      partition: fc.constantFrom(0, 1, 2),
    });
    const all = fc.array(shape, { minLength: 1, maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(all, fc.integer({ min: 200, max: 4000 }), async (shapes, maxBytes) => {
        const records = shapes.map(({ size, key, partition }) => record(size, key, partition));
        const isTaken = (r: OutputRecord) =>
          sizeAlone(r) <= maxBytes && r.key?.toString() !== 'bad';
        const broker = new Broker(maxBytes);
        for (const half of [records.slice(0, 20), records.slice(20)]) {
          const refused = await broker.write(half);
          const found = new Set(refused.map((r) => r.record));
          expect(found).toEqual(new Set(half.filter((r) => !isTaken(r))));
          for (const { record: r, error } of refused)
            expect(error.isTooLarge).toBe(sizeAlone(r) > maxBytes);
        }
        for (const partition of [0, 1, 2])
          expect(broker.of(partition)).toEqual(
            records.filter((r) => r.partition === partition && isTaken(r)),
          );
      }),
    );
  });

  test('are named with the topic and the reason', async () => {
    const broker = new Broker();
    const batches = broker.writer.batchesOf([record(1), record(1, 'bad'), record(1, 'bad')]);
    const failure = expect(broker.writer.write(batches)).rejects;
    await failure.toThrow("2 record(s) were refused, the first one for 'out': INVALID_RECORD");
  });

  test('for their size make later batches smaller', async () => {
    const broker = new Broker(20_000);
    const records = Array.from({ length: 100 }, () => record(1000));
    expect(await broker.write(records)).toEqual([]);
    const before = broker.requests.length;
    expect(await broker.write(records)).toEqual([]);
    const after = broker.requests.length - before;
    expect(after).toBeLessThan(before);
    expect(after).toBeLessThan(15);
    expect(broker.of(0)).toHaveLength(200);
  });

  test('are cut down where they are dead letters, and refused when that is too much, too', async () => {
    const large = {
      ...record(5000),
      topic: 'app-dead-letter',
      headers: { '__streams.errors.topic': 'in' },
    };
    for (const [maxBytes, count] of [
      [1000, 0],
      [100, 1],
    ] as const) {
      const broker = new Broker(maxBytes);
      const refused = await broker.write([large]);
      expect(refused).toHaveLength(count);
      const written = broker.appended.get('app-dead-letter-0') ?? [];
      expect(written.map(({ value, headers }) => [value, headers])).toEqual(
        count === 1
          ? []
          : [[null, { '__streams.errors.topic': 'in', '__streams.errors.omitted': '5004' }]],
      );
    }
  });

  test('for the time of their writing are not looked for: it is the same for all', async () => {
    const broker = new Broker();
    broker.faults.set('out-0', kafkaError('INVALID_TIMESTAMP'));
    const records = Array.from({ length: 100 }, () => record(1));
    expect(await broker.write(records)).toHaveLength(100);
    expect(broker.requests).toHaveLength(1);
  });

  test('for which there is no request are not sent', async () => {
    const broker = new Broker();
    const huge = record(91 * 1024 * 1024);
    expect((await broker.write([record(1), huge, record(2)])).map((r) => r.record)).toEqual([huge]);
    expect(broker.of(0).map(({ value }) => value?.length)).toEqual([1, 2]);
  });

  test('do not hide that the producer was fenced', async () => {
    const broker = new Broker();
    broker.faults.set('out-2', kafkaError('INVALID_PRODUCER_EPOCH'));
    const all = [record(1, 'bad'), record(1), record(1, 'good', 2)];
    await expect(broker.write(all)).rejects.toMatchObject({ type: 'INVALID_PRODUCER_EPOCH' });
    expect(broker.requests).toHaveLength(1);
  });
});

test('batches of many partitions are spread over requests that a broker takes', async () => {
  const broker = new Broker();
  const records = Array.from({ length: 300 }, (_, i) => record(500_000, 'good', 2 * i));
  expect(await broker.write(records)).toEqual([]);
  expect(broker.requests.length).toBeGreaterThan(8);
  for (const request of broker.requests) expect(request.length).toBeLessThan(40);
});

test('a topic without a known number of partitions stops the application', () => {
  const { key, value, headers } = record(1);
  const keyed = { topic: 'unknown', key, value, headers };
  expect(() => new Broker().writer.batchesOf([keyed])).toThrow(StreamsException);
});

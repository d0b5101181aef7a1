import { gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NO_HEADERS, type Headers } from '../../processor/record.ts';
import type { OutputRecord } from '../../task/commit.ts';
import { marker, storedBatch, type RecordShape } from '../testing/batches.ts';
import { decodeWithKafkaJs, Record, RecordBatch } from '../testing/kafkajs-protocol.ts';
import { KafkaError } from './kafka.ts';
import { decodeBatches, encodeBatch, recordSizeBound, sizeAlone } from './record-batch.ts';
import type { AbortedTransaction } from './record-batch.ts';

const producer = { producerId: 4711n, epoch: 3 };
const AT = 1_700_000_000_000;

const bytes = fc.uint8Array({ maxLength: 200 }).map((b) => Buffer.from(b));
const nullable = fc.option(bytes);
/** As `decodeBatches` gives them: buffers, and an array for a name only where there are several. */
const headerValue = fc.oneof(bytes, fc.array(bytes, { minLength: 2, maxLength: 3 }));
const anyName = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('__proto__', 'constructor', 'toString'),
);
const plainName = fc.constantFrom('trace', 'größe', 'x-1', '');

function headersOf(name: fc.Arbitrary<string>): fc.Arbitrary<Headers> {
  return fc
    .array(fc.tuple(name, headerValue), { maxLength: 3 })
    .map((entries) => Object.fromEntries(entries));
}

function recordsOf(name: fc.Arbitrary<string>): fc.Arbitrary<OutputRecord[]> {
  const record = fc.record({
    topic: fc.constant('out'),
    key: nullable,
    value: nullable,
    headers: headersOf(name),
  });
  return fc.array(record, { minLength: 1, maxLength: 20 });
}

function output(key: string | null, value: string | null, headers: Headers = NO_HEADERS) {
  const buffer = (text: string | null) => (text === null ? null : Buffer.from(text));
  return { topic: 'out', key: buffer(key), value: buffer(value), headers };
}

/** As the broker stores it: the base offset is not part of what the checksum covers. */
function at(batch: Buffer, baseOffset: number): Buffer {
  const stored = Buffer.from(batch);
  stored.writeBigInt64BE(BigInt(baseOffset));
  return stored;
}

function numbered(from: number, to: number): RecordShape[] {
  return Array.from({ length: to - from + 1 }, (_, i) => ({ offset: from + i }));
}

function offsets(stored: readonly Buffer[], from = 0, aborted: readonly AbortedTransaction[] = []) {
  const { records, nextOffset } = decodeBatches(Buffer.concat(stored), from, aborted);
  return { offsets: records.map((r) => r.offset), nextOffset };
}

function entriesOf(headers: Headers): (readonly [string, unknown])[] {
  return Object.entries(headers).map(([name, value]) => [name, value] as const);
}

function thrownBy(call: () => unknown): KafkaError {
  try {
    call();
  } catch (error) {
    if (error instanceof KafkaError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('what is encoded', () => {
  test('decodes to the same records', () => {
    const baseOffset = fc.nat(2 ** 40);
    fc.assert(
      fc.property(recordsOf(anyName), baseOffset, (records, offset) => {
        const decoded = decodeBatches(
          at(encodeBatch(records, producer, 0, AT), offset),
          offset,
          [],
        );
        expect(decoded.nextOffset).toBe(offset + records.length);
        expect(
          decoded.records.map(({ headers, ...record }) => ({
            ...record,
            headers: entriesOf(headers),
          })),
        ).toEqual(
          records.map(({ key, value, headers }, i) => ({
            offset: offset + i,
            timestamp: AT,
            key,
            value,
            headers: entriesOf(headers),
          })),
        );
      }),
    );
  });

  test('is decoded by kafkajs to the same', async () => {
    const sequence = fc.nat(2 ** 31 - 1);
    await fc.assert(
      fc.asyncProperty(recordsOf(plainName), sequence, async (records, baseSequence) => {
        const theirs = await decodeWithKafkaJs(encodeBatch(records, producer, baseSequence, AT));
        expect(theirs).toMatchObject({
          firstOffset: '0',
          lastOffsetDelta: records.length - 1,
          producerId: '4711',
          producerEpoch: 3,
          firstSequence: baseSequence,
          firstTimestamp: String(AT),
          maxTimestamp: String(AT),
          inTransaction: true,
          isControlBatch: false,
        });
        expect(
          theirs.records.map(({ offset, timestamp, key, value, headers }) => ({
            offset: Number(offset),
            timestamp: Number(timestamp),
            key,
            value,
            headers,
          })),
        ).toEqual(
          records.map(({ key, value, headers }, i) => ({
            offset: i,
            timestamp: AT,
            key,
            value,
            headers,
          })),
        );
      }),
    );
  });

  test('has the time of its writing, or the record’s own', async () => {
    const times = fc.array(fc.option(fc.nat(2 ** 41), { nil: undefined }), { minLength: 1 });
    await fc.assert(
      fc.asyncProperty(times, async (own) => {
        const records = own.map((timestamp) => ({
          ...{ topic: 'unused', key: null, value: null, headers: NO_HEADERS },
          ...(timestamp !== undefined && { timestamp }),
        }));
        const expected = own.map((timestamp) => timestamp ?? AT);
        const batch = encodeBatch(records, producer, 0, AT);
        expect(decodeBatches(batch, 0, []).records.map((r) => r.timestamp)).toEqual(expected);
        const theirs = await decodeWithKafkaJs(batch);
        expect(theirs.records.map((r) => Number(r.timestamp))).toEqual(expected);
        expect(Number(theirs.maxTimestamp)).toBe(Math.max(...expected));
        const bound = records.reduce((sum, record) => sum + recordSizeBound(record), 61);
        expect(batch.length).toBeLessThanOrEqual(bound);
        if (records.length === 1) expect(batch.length - sizeAlone(records[0]!)).toBeLessThan(10);
      }),
    );
  });

  test('takes alone what is said of it beforehand', () => {
    fc.assert(
      fc.property(recordsOf(anyName), ([record]) => {
        expect(encodeBatch([record!], producer, 0, AT).length).toBe(sizeAlone(record!));
      }),
    );
  });

  test('keeps within the bound that batches are filled by', () => {
    fc.assert(
      fc.property(recordsOf(anyName), (records) => {
        const bound = records.reduce((sum, record) => sum + recordSizeBound(record), 61);
        expect(encodeBatch(records, producer, 0, AT).length).toBeLessThanOrEqual(bound);
      }),
    );
  });

  test('takes header values that are text', () => {
    const batch = encodeBatch(
      [output('k', 'v', { a: 'x', b: ['y', Buffer.from('z')] })],
      producer,
      0,
      AT,
    );
    expect(decodeBatches(batch, 0, []).records[0]!.headers).toEqual({
      a: Buffer.from('x'),
      b: [Buffer.from('y'), Buffer.from('z')],
    });
  });

  test('may have a value of megabytes', () => {
    const value = Buffer.alloc(5 << 20, 'v');
    const batch = encodeBatch([{ ...output('k', ''), value }], producer, 0, AT);
    expect(decodeBatches(batch, 0, []).records[0]!.value!.equals(value)).toBe(true);
  });

  test('may be hundreds of thousands of records', () => {
    const record = output('k', 'v');
    const batch = encodeBatch(new Array<OutputRecord>(250_000).fill(record), producer, 0, AT);
    const { records, nextOffset } = decodeBatches(batch, 0, []);
    expect([records.length, nextOffset, records.at(-1)!.offset]).toEqual([
      250_000, 250_000, 249_999,
    ]);
  });
});

describe('what kafkajs encodes', () => {
  const records = fc.array(
    fc.record({
      key: nullable,
      value: nullable,
      headers: headersOf(plainName),
      timestamp: fc.nat(2 ** 40),
    }),
    { minLength: 1, maxLength: 20 },
  );

  test.each([
    ['plain', 0],
    ['gzip', 1],
  ])('decodes to the same (%s)', async (_name, compression) => {
    await fc.assert(
      fc.asyncProperty(records, fc.nat(2 ** 40), async (messages, firstOffset) => {
        const firstTimestamp = messages[0]!.timestamp;
        const batch = await RecordBatch({
          compression,
          firstOffset,
          firstTimestamp,
          maxTimestamp: Math.max(...messages.map((m) => m.timestamp)),
          lastOffsetDelta: messages.length - 1,
          records: messages.map((message, i) =>
            Record({
              ...message,
              offsetDelta: i,
              timestampDelta: message.timestamp - firstTimestamp,
            }),
          ),
        });
        expect(decodeBatches(batch.buffer, firstOffset, [])).toEqual({
          nextOffset: firstOffset + messages.length,
          records: messages.map((message, i) => ({ ...message, offset: firstOffset + i })),
        });
      }),
    );
  });
});

describe('compression', () => {
  const records = [{ offset: 7, key: Buffer.from('k'), value: Buffer.alloc(1000, 'v') }];

  test.each([
    ['gzip', 1, gzipSync],
    ['zstd', 4, zstdCompressSync],
  ] as const)('%s is read', (_name, compression, compress) => {
    const batch = storedBatch({ baseOffset: 7, records, compression, compress });
    expect(batch.length).toBeLessThan(500);
    expect(decodeBatches(batch, 7, []).records).toMatchObject(records);
  });

  test.each([
    ['snappy', 2],
    ['lz4', 3],
  ])('%s is refused, with what to change', (name, compression) => {
    const error = thrownBy(() =>
      decodeBatches(storedBatch({ baseOffset: 7, records, compression }), 7, []),
    );
    expect(error.type).toBe('UNSUPPORTED_COMPRESSION_TYPE');
    expect(error.isRetriable).toBe(false);
    expect(error.message).toContain(`offset 7 is compressed with ${name}`);
    expect(error.message).toContain('compression.type');
  });
});

describe('a batch', () => {
  test.each(['a bit of a record', 'a bit of the header'])('with %s flipped is corrupt', (where) => {
    const batch = storedBatch({ baseOffset: 5, records: numbered(5, 6) });
    const position = where === 'a bit of a record' ? batch.length - 1 : 25;
    batch[position]! ^= 1;
    const error = thrownBy(() => decodeBatches(batch, 5, []));
    expect(error.type).toBe('CORRUPT_MESSAGE');
    expect(error.message).toContain('offset 5');
  });

  test('of the format before Kafka 0.11 is refused', () => {
    const batch = storedBatch({ baseOffset: 5, records: numbered(5, 6) });
    batch[16] = 1;
    expect(thrownBy(() => decodeBatches(batch, 5, [])).message).toContain('format 1 at offset 5');
  });

  test('that the end of the answer cuts off is left out, wherever it is cut', () => {
    const whole = storedBatch({ baseOffset: 0, records: numbered(0, 2) });
    const next = storedBatch({ baseOffset: 3, records: numbered(3, 5) });
    for (let length = 0; length < next.length; length++) {
      const { records, nextOffset } = decodeBatches(
        Buffer.concat([whole, next.subarray(0, length)]),
        0,
        [],
      );
      expect([records.length, nextOffset]).toEqual([3, 3]);
    }
    expect(offsets([whole, next]).nextOffset).toBe(6);
  });

  test('is read from the offset asked for, though the broker sends all of it', () => {
    const batch = storedBatch({ baseOffset: 10, records: numbered(10, 14) });
    expect(offsets([batch], 12)).toEqual({ offsets: [12, 13, 14], nextOffset: 15 });
  });

  test('of which compaction has left the middle keeps its offsets', () => {
    const records = [{ offset: 12 }, { offset: 17 }];
    const batch = storedBatch({ baseOffset: 10, records, lastOffset: 19 });
    expect(offsets([batch], 10)).toEqual({ offsets: [12, 17], nextOffset: 20 });
  });

  test('that compaction has emptied moves the position (kafkajs #1072)', () => {
    const empty = storedBatch({ baseOffset: 10, lastOffset: 14 });
    expect(offsets([empty], 10)).toEqual({ offsets: [], nextOffset: 15 });
    const compressed = storedBatch({ baseOffset: 15, lastOffset: 16, compression: 1 });
    expect(offsets([empty, compressed], 10)).toEqual({ offsets: [], nextOffset: 17 });
  });

  test('of a transaction end that compaction has emptied moves the position', () => {
    const control = { isTransactional: true, isControl: true, producerId: 1 };
    const empty = storedBatch({ baseOffset: 10, ...control });
    const after = storedBatch({ baseOffset: 11, records: numbered(11, 11) });
    expect(offsets([empty, after], 10)).toEqual({ offsets: [11], nextOffset: 12 });
  });

  test('behind which nothing comes leaves the position behind it', () => {
    const batch = storedBatch({ baseOffset: 0, records: numbered(0, 3) });
    expect(offsets([batch], 9)).toEqual({ offsets: [], nextOffset: 9 });
    expect(offsets([], 9)).toEqual({ offsets: [], nextOffset: 9 });
  });
});

describe('timestamps', () => {
  const records = [
    { offset: 0, timestampDelta: 0 },
    { offset: 1, timestampDelta: -5 },
    { offset: 2, timestampDelta: 2 ** 33 },
  ];

  test("are the producer's", () => {
    const batch = storedBatch({ baseOffset: 0, records, baseTimestamp: AT, maxTimestamp: AT + 9 });
    expect(decodeBatches(batch, 0, []).records.map((r) => r.timestamp)).toEqual([
      AT,
      AT - 5,
      AT + 2 ** 33,
    ]);
  });

  test("are the broker's where the topic says so", () => {
    const batch = storedBatch({
      baseOffset: 0,
      records,
      isAppendTime: true,
      baseTimestamp: 1,
      maxTimestamp: AT,
    });
    expect(decodeBatches(batch, 0, []).records.map((r) => r.timestamp)).toEqual([AT, AT, AT]);
  });
});

describe('headers', () => {
  const read = (headers: readonly (readonly [string, Buffer | null])[]) =>
    decodeBatches(storedBatch({ baseOffset: 0, records: [{ offset: 0, headers }] }), 0, [])
      .records[0]!.headers;

  test('of one name become an array, in their order', () => {
    const a = Buffer.from('a');
    const b = Buffer.from('b');
    const c = Buffer.from('c');
    expect(
      read([
        ['x', a],
        ['y', b],
        ['x', b],
        ['x', c],
      ]),
    ).toEqual({ x: [a, b, c], y: b });
  });

  test('without a value are empty', () => {
    expect(read([['x', null]])).toEqual({ x: Buffer.alloc(0) });
  });

  test('may be named like what every object has', () => {
    const value = Buffer.from('v');
    const headers = read([
      ['constructor', value],
      ['__proto__', value],
    ]);
    expect(Object.entries(headers)).toEqual([
      ['constructor', value],
      ['__proto__', value],
    ]);
  });

  test('that are none cost nothing', () => {
    expect(read([])).toBe(NO_HEADERS);
  });
});

describe('transactions', () => {
  const data = (producerId: number, from: number, to: number, isTransactional = true) =>
    storedBatch({ baseOffset: from, records: numbered(from, to), producerId, isTransactional });
  const abortedFrom = (producerId: number, firstOffset: number) => ({
    producerId: BigInt(producerId),
    firstOffset,
  });

  test('end with a marker that is no record, and moves the position', () => {
    const committed = [data(1, 0, 1), marker(2, 1, 'commit')];
    expect(offsets(committed)).toEqual({ offsets: [0, 1], nextOffset: 3 });
    expect(offsets([marker(2, 1, 'commit')], 2)).toEqual({ offsets: [], nextOffset: 3 });
  });

  test('that were aborted leave nothing', () => {
    const aborted = [data(1, 0, 1), marker(2, 1, 'abort')];
    expect(offsets(aborted, 0, [abortedFrom(1, 0)])).toEqual({ offsets: [], nextOffset: 3 });
  });

  test('of two producers are told apart', () => {
    const log = [
      data(1, 0, 0),
      data(2, 1, 1),
      data(1, 2, 2),
      marker(3, 1, 'abort'),
      data(2, 4, 4),
      marker(5, 2, 'commit'),
    ];
    expect(offsets(log, 0, [abortedFrom(1, 0)]).offsets).toEqual([1, 4]);
  });

  test('of one producer are told apart by their markers', () => {
    const log = [
      data(1, 0, 0),
      marker(1, 1, 'abort'),
      data(1, 2, 2),
      marker(3, 1, 'commit'),
      data(1, 4, 4),
      marker(5, 1, 'abort'),
    ];
    const aborted = [abortedFrom(1, 0), abortedFrom(1, 4)];
    expect(offsets(log, 0, aborted)).toEqual({ offsets: [2], nextOffset: 6 });
  });

  test('that were aborted in any number before the first record leave nothing', () => {
    const log = [data(1, 0, 0), marker(1, 1, 'abort'), data(2, 2, 3), marker(4, 2, 'abort')];
    // The answer begins within the second, and the broker names both, in whatever order.
    const aborted = [abortedFrom(2, 2), abortedFrom(1, 0)];
    expect(offsets(log, 0, aborted).offsets).toEqual([]);
    expect(offsets(log.slice(2), 3, aborted).offsets).toEqual([]);
  });

  test('are not what a plain record of the same producer belongs to', () => {
    const log = [data(1, 0, 0), data(1, 1, 1, false), marker(2, 1, 'abort')];
    expect(offsets(log, 0, [abortedFrom(1, 0)]).offsets).toEqual([1]);
  });

  test('are not ended by a record whose key looks like a marker', () => {
    const key = Buffer.alloc(4);
    const transaction = { producerId: 1, isTransactional: true };
    const lookalike = storedBatch({ baseOffset: 0, records: [{ offset: 0, key }], ...transaction });
    expect(decodeBatches(lookalike, 0, []).records).toMatchObject([{ offset: 0, key }]);
    const log = [lookalike, data(1, 1, 1), marker(2, 1, 'abort')];
    expect(offsets(log, 0, [abortedFrom(1, 0)]).offsets).toEqual([]);
  });

  test('read as the model has it, however they interleave', () => {
    const step = fc.record({
      producerId: fc.integer({ min: 1, max: 3 }),
      act: fc.constantFrom('data', 'data', 'data', 'commit', 'abort', 'plain', 'emptied'),
      count: fc.integer({ min: 1, max: 3 }),
    });
    const shuffle = fc.infiniteStream(fc.nat());
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 40 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        shuffle,
        (steps, where, order) => {
          const log = new ModelLog();
          for (const { act, producerId, count } of steps) {
            if (act === 'commit' || act === 'abort') log.end(producerId, act);
            else log.append(producerId, count, act);
          }
          const from = Math.floor(where * log.lastStableOffset);
          const { stored, aborted, expected } = log.fetch(from);
          aborted.sort(() => (order.next().value! % 3) - 1);
          expect(offsets(stored, from, aborted)).toEqual({
            offsets: expected,
            nextOffset: log.lastStableOffset,
          });
        },
      ),
      { numRuns: 500 },
    );
  });
});

interface Transaction {
  readonly producerId: number;
  readonly firstOffset: number;
  end?: { readonly offset: number; readonly type: 'commit' | 'abort' };
}

/** A partition as read_committed readers must see it: every record knows its transaction. */
class ModelLog {
  #nextOffset = 0;
  readonly #batches: { bytes: Buffer; lastOffset: number }[] = [];
  readonly #records: { offset: number; transaction: Transaction | undefined }[] = [];
  readonly #transactions: Transaction[] = [];

  append(producerId: number, count: number, kind: 'data' | 'plain' | 'emptied'): void {
    const baseOffset = this.#nextOffset;
    const lastOffset = baseOffset + count - 1;
    let transaction: Transaction | undefined;
    if (kind !== 'plain') {
      transaction = this.#open(producerId);
      if (!transaction) {
        transaction = { producerId, firstOffset: baseOffset };
        this.#transactions.push(transaction);
      }
    }
    const kept = kind === 'emptied' ? [] : numbered(baseOffset, lastOffset);
    for (const { offset } of kept) this.#records.push({ offset, transaction });
    const shape = { baseOffset, lastOffset, records: kept };
    this.#push(
      storedBatch(transaction ? { ...shape, producerId, isTransactional: true } : shape),
      lastOffset,
    );
  }

  end(producerId: number, type: 'commit' | 'abort'): void {
    const offset = this.#nextOffset;
    const transaction = this.#open(producerId);
    if (transaction) transaction.end = { offset, type };
    this.#push(marker(offset, producerId, type), offset);
  }

  get lastStableOffset(): number {
    const open = this.#transactions.filter((t) => !t.end).map((t) => t.firstOffset);
    return Math.min(this.#nextOffset, ...open);
  }

  /** What a broker answers, and the offsets to be read from it. */
  fetch(from: number): { stored: Buffer[]; aborted: AbortedTransaction[]; expected: number[] } {
    const end = this.lastStableOffset;
    const stored = this.#batches.filter((b) => b.lastOffset >= from && b.lastOffset < end);
    const aborted = this.#transactions.filter(
      (t) => t.end?.type === 'abort' && t.end.offset >= from && t.firstOffset < end,
    );
    const visible = this.#records.filter(
      ({ offset, transaction }) =>
        offset >= from && offset < end && transaction?.end?.type !== 'abort',
    );
    return {
      stored: stored.map((b) => b.bytes),
      aborted: aborted.map((t) => ({
        producerId: BigInt(t.producerId),
        firstOffset: t.firstOffset,
      })),
      expected: visible.map((r) => r.offset),
    };
  }

  #open(producerId: number): Transaction | undefined {
    return this.#transactions.find((t) => t.producerId === producerId && !t.end);
  }

  #push(bytes: Buffer, lastOffset: number): void {
    this.#batches.push({ bytes, lastOffset });
    this.#nextOffset = lastOffset + 1;
  }
}

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { StreamsException, TaskCorrupted, TaskMigrated } from '../errors.ts';
import { NO_HEADERS } from '../processor/record.ts';
import type { OutputRecord, TaskCommit } from '../task/commit.ts';
import type { ProduceBatch, TopicPartition } from './kafka/kafka.ts';
import { partitionFor } from './kafka/partitioner.ts';
import { encodeBatch } from './kafka/record-batch.ts';
import { silentLogger } from './logger.ts';
import { LeapingClock } from './testing/clocks.ts';
import { answer, kafkaError, stubKafka } from './testing/stub-kafka.ts';
import { RecordsRefused, sequenceAfter } from './record-writer.ts';
import { TransactionManager } from './transaction-manager.ts';

const CHANGELOG = 'app-counts-changelog';
const BATCH_BYTES = 512 * 1024;
const { signal } = new AbortController();

type Call = 'init' | 'partitions' | 'leader' | 'produce' | 'offsets' | 'end';
const CALLS = ['partitions', 'leader', 'produce', 'offsets', 'end'] as const;

/** Brokers that note what they are asked, and fail when they are told to. */
class Brokers {
  readonly clock = new LeapingClock();
  readonly log: string[] = [];
  readonly batches: ProduceBatch[] = [];
  readonly leaders = new Map<string, number>();
  /** By call: what it answers instead, one after the other; null lets it through. */
  readonly faults: Partial<Record<Call, (Error | null)[]>> = {};
  readonly ends = new Map<string, number>();
  transactions: TransactionManager;
  /** A record that is not taken. */
  refused: OutputRecord | undefined;
  refreshed = 0;
  onOffsets: () => void = () => undefined;
  #epoch = -1;

  constructor() {
    this.transactions = new TransactionManager({
      clock: this.clock,
      logger: silentLogger,
      transactionalId: 'app-0_1',
      groupId: 'app',
      transactionTimeoutMs: 10_000,
      partitionCounts: new Map([
        ['alerts', 5],
        ['notices', 3],
      ]),
      kafka: stubKafka({
        initProducerId: (transactionalId, timeoutMs) =>
          this.#call('init', () => {
            this.log.push(`init ${transactionalId} ${timeoutMs}`);
            return { producerId: 7n, epoch: ++this.#epoch };
          }),
        addPartitionsToTxn: ({ epoch }, partitions) =>
          this.#call('partitions', () => {
            this.log.push(`partitions ${partitions.map(nameOf).join(' ')} #${epoch}`);
          }),
        leader: (partition) => this.#call('leader', () => this.#leader(partition)),
        produce: ({ epoch }, leader, batches) =>
          this.#call('produce', () => {
            const written = batches.map((b) => `${nameOf(b)}:${b.records.length}`).join(' ');
            this.log.push(`produce to ${leader} ${written} #${epoch}`);
            return batches.map((batch) =>
              this.refused && batch.records.includes(this.refused)
                ? kafkaError('INVALID_RECORD')
                : this.#append(batch),
            );
          }),
        sendOffsetsToTxn: ({ epoch }, groupId, offsets) =>
          this.#call('offsets', () => {
            this.onOffsets();
            const all = offsets.map((o) => `${nameOf(o)}=${o.offset}${o.metadata}`).join(' ');
            this.log.push(`offsets of ${groupId} ${all} #${epoch}`);
          }),
        endTxn: ({ epoch }, outcome) =>
          this.#call('end', () => {
            this.log.push(`${outcome} #${epoch}`);
          }),
        refresh: () =>
          answer(() => {
            this.refreshed++;
          }),
      }),
    });
  }

  async initialised(): Promise<this> {
    await this.transactions.init(signal);
    this.log.length = 0;
    return this;
  }

  #call<T>(call: Call, then: () => T): Promise<T> {
    return answer(() => {
      const fault = this.faults[call]?.shift();
      if (fault) {
        this.log.push(`${call} failed`);
        throw fault;
      }
      return then();
    });
  }

  #leader(partition: TopicPartition): number {
    return this.leaders.get(nameOf(partition)) ?? 1;
  }

  #append(batch: ProduceBatch): number {
    this.batches.push(batch);
    const name = nameOf(batch);
    const base = this.ends.get(name) ?? 0;
    this.ends.set(name, base + batch.records.length);
    return base;
  }
}

function nameOf({ topic, partition }: TopicPartition): string {
  return `${topic}-${partition}`;
}

function output(topic: string, partition: number, size = 1): OutputRecord {
  return { topic, partition, key: null, value: Buffer.alloc(size), headers: NO_HEADERS };
}

const change = (size = 1) => output(CHANGELOG, 1, size);

function commitOf(
  outputs: readonly OutputRecord[] = [],
  changelog: readonly OutputRecord[] = [],
): TaskCommit {
  const offsets = [{ topic: 'orders', partition: 1, offset: 12, metadata: '{}' }];
  return { outputs, changelog, offsets, standsAt: new Map() };
}

async function failureOf(promise: Promise<unknown>): Promise<Error> {
  return promise.then(
    () => {
      throw new Error('nothing was thrown');
    },
    (error: unknown) => error as Error,
  );
}

describe('a transaction', () => {
  test('takes over, writes records, then offsets, then ends', async () => {
    const brokers = new Brokers();
    await brokers.transactions.init(signal);
    await brokers.transactions.commit(commitOf([output('alerts', 4)], [change(), change()]));
    expect(brokers.log).toEqual([
      'init app-0_1 10000',
      `partitions alerts-4 ${CHANGELOG}-1 #0`,
      `produce to 1 alerts-4:1 ${CHANGELOG}-1:2 #0`,
      'offsets of app orders-1=12{} #0',
      'commit #0',
    ]);
  });

  test('without records is offsets only', async () => {
    const brokers = await new Brokers().initialised();
    expect(await brokers.transactions.commit(commitOf())).toEqual(new Map());
    expect(brokers.log).toEqual(['offsets of app orders-1=12{} #0', 'commit #0']);
  });

  test('needs to have taken over before', async () => {
    const brokers = new Brokers();
    await expect(brokers.transactions.commit(commitOf())).rejects.toThrow('commit before init');
    expect(brokers.log).toEqual([]);
  });

  test('has the time of its writing', async () => {
    const brokers = await new Brokers().initialised();
    brokers.clock.pass(5000);
    await brokers.transactions.commit(commitOf([output('alerts', 0)]));
    expect(brokers.batches.map((b) => b.timestamp)).toEqual([brokers.clock.now()]);
  });
});

describe('taking over', () => {
  test('is tried until it succeeds', async () => {
    const brokers = new Brokers();
    const away = new Array<Error>(50).fill(kafkaError('NETWORK'));
    brokers.faults.init = [...away, kafkaError('CONCURRENT_TRANSACTIONS')];
    await brokers.transactions.init(signal);
    expect(brokers.log.at(-1)).toBe('init app-0_1 10000');
  });

  test('is tried until it is called off', async () => {
    const brokers = new Brokers();
    const fault = kafkaError('NETWORK');
    brokers.faults.init = [fault, fault];
    const error = await failureOf(brokers.transactions.init(AbortSignal.abort()));
    expect(error).toBe(fault);
    expect(brokers.log).toEqual(['init failed']);
  });
});

describe('records', () => {
  test('go where their key belongs, unless they say where', async () => {
    const brokers = await new Brokers().initialised();
    const headers = NO_HEADERS;
    const keys = ['a', 'b', 'c', 'd', 'e'].map((key) => Buffer.from(key));
    const keyed: OutputRecord[] = keys.map((key) => ({
      topic: 'alerts',
      key,
      value: null,
      headers,
    }));
    const placed = { ...output('alerts', 3), key: keys[0]! };
    await brokers.transactions.commit(commitOf([...keyed, placed]));
    const written = brokers.batches.flatMap(({ partition, records }) =>
      records.map((record) => [record, partition] as const),
    );
    expect(new Map(written)).toEqual(
      new Map([...keyed.map((r) => [r, partitionFor(r.key, 5)] as const), [placed, 3]]),
    );
  });

  test('keep their order within a partition', async () => {
    const record = fc.tuple(fc.constantFrom(0, 1, 2), fc.integer({ min: 1, max: 300_000 }));
    await fc.assert(
      fc.asyncProperty(fc.array(record, { minLength: 1, maxLength: 15 }), async (shapes) => {
        const brokers = await new Brokers().initialised();
        brokers.leaders.set('notices-1', 2);
        const outputs = shapes.map(([partition, size]) => output('notices', partition, size));
        await brokers.transactions.commit(commitOf(outputs));
        for (const partition of [0, 1, 2]) {
          const batches = brokers.batches.filter((b) => b.partition === partition);
          expect(batches.flatMap((b) => b.records)).toEqual(
            outputs.filter((r) => r.partition === partition),
          );
          let sequence = 0;
          for (const batch of batches) {
            expect(batch.baseSequence).toBe(sequence);
            sequence += batch.records.length;
          }
        }
      }),
      { numRuns: 30 },
    );
  });

  test('of a topic that is not known stop the application', async () => {
    const brokers = await new Brokers().initialised();
    const record = { topic: 'unknown', key: null, value: null, headers: NO_HEADERS };
    const error = await failureOf(brokers.transactions.commit(commitOf([record])));
    expect(error.constructor).toBe(StreamsException);
    expect(error.message).toContain("'unknown'");
  });

  test('go to the leader of their partition, one request for each', async () => {
    const brokers = await new Brokers().initialised();
    brokers.leaders.set('alerts-0', 1).set('alerts-1', 2).set('alerts-2', 1);
    const outputs = [0, 1, 2].map((partition) => output('alerts', partition));
    await brokers.transactions.commit(commitOf(outputs));
    expect(brokers.log.slice(1, -2)).toEqual([
      'produce to 1 alerts-0:1 alerts-2:1 #0',
      'produce to 2 alerts-1:1 #0',
    ]);
  });
});

describe('batches', () => {
  test('are cut, and written one after the other', async () => {
    const brokers = await new Brokers().initialised();
    const large = Array.from({ length: 5 }, () => change(200 * 1024));
    await brokers.transactions.commit(commitOf([output('alerts', 0)], large));
    expect(brokers.log.slice(1, -2)).toEqual([
      `produce to 1 alerts-0:1 ${CHANGELOG}-1:2 #0`,
      `produce to 1 ${CHANGELOG}-1:2 #0`,
      `produce to 1 ${CHANGELOG}-1:1 #0`,
    ]);
    expect(brokers.batches.map((b) => b.baseSequence)).toEqual([0, 0, 2, 4]);
  });

  test('stay below the limit, whatever the sizes', async () => {
    const sizes = fc.array(fc.integer({ min: 0, max: BATCH_BYTES - 100 }), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(sizes, async (all) => {
        const brokers = await new Brokers().initialised();
        await brokers.transactions.commit(commitOf([], all.map(change)));
        for (const { records } of brokers.batches) {
          const { length } = encodeBatch(records, { producerId: 7n, epoch: 0 }, 0, 0);
          expect(length).toBeLessThanOrEqual(BATCH_BYTES + 61);
        }
      }),
      { numRuns: 20 },
    );
  });

  test('hold a record that is larger by itself', async () => {
    const brokers = await new Brokers().initialised();
    const records = [change(), change(2 * BATCH_BYTES), change()];
    await brokers.transactions.commit(commitOf([], records));
    expect(brokers.batches.map((b) => b.records.length)).toEqual([1, 1, 1]);
  });
});

describe('what is refused', () => {
  test('ends the transaction: it is not committed, and the records are named', async () => {
    const brokers = await new Brokers().initialised();
    const bad = output('alerts', 2);
    brokers.refused = bad;
    const all = [output('alerts', 2), bad, output('alerts', 2)];
    const error = await failureOf(brokers.transactions.commit(commitOf(all, [change()])));
    expect(error).toBeInstanceOf(RecordsRefused);
    expect(error).toMatchObject({ refused: [{ record: bad }] });
    expect(brokers.log.at(-1)).toMatch(/^produce /);
    await expect(brokers.transactions.commit(commitOf())).rejects.toThrow('commit before init');
  });
});

describe('where local state stands after a commit', () => {
  test('is behind the last record of each changelog, and of nothing else', async () => {
    const brokers = await new Brokers().initialised();
    brokers.ends.set(`${CHANGELOG}-1`, 100).set('other-changelog-1', 7);
    const changes = [change(), output('other-changelog', 1), change(), change()];
    const ends = await brokers.transactions.commit(commitOf([output('alerts', 1)], changes));
    expect(ends).toEqual(
      new Map([
        [CHANGELOG, 103],
        ['other-changelog', 8],
      ]),
    );
  });

  test('is behind the last batch, where there are several', async () => {
    const brokers = await new Brokers().initialised();
    brokers.ends.set(`${CHANGELOG}-1`, 100);
    const changes = Array.from({ length: 5 }, () => change(300 * 1024));
    const ends = await brokers.transactions.commit(commitOf([], changes));
    expect(ends).toEqual(new Map([[CHANGELOG, 105]]));
  });
});

describe('sequence numbers', () => {
  test('go on from transaction to transaction, by partition', async () => {
    const brokers = await new Brokers().initialised();
    await brokers.transactions.commit(commitOf([output('alerts', 0)], [change(), change()]));
    await brokers.transactions.commit(commitOf([output('alerts', 1)], [change()]));
    expect(brokers.batches.map((b) => [nameOf(b), b.baseSequence])).toEqual([
      ['alerts-0', 0],
      [`${CHANGELOG}-1`, 0],
      ['alerts-1', 0],
      [`${CHANGELOG}-1`, 2],
    ]);
  });

  test('begin anew with a new producer', async () => {
    const brokers = await new Brokers().initialised();
    await brokers.transactions.commit(commitOf([], [change(), change()]));
    await brokers.transactions.init(signal);
    await brokers.transactions.commit(commitOf([], [change()]));
    expect(brokers.batches.map((b) => b.baseSequence)).toEqual([0, 0]);
    expect(brokers.log.at(-1)).toBe('commit #1');
  });

  test('are of 31 bits, and begin anew at 0', () => {
    expect(sequenceAfter(0, 5)).toBe(5);
    expect(sequenceAfter(2 ** 31 - 1, 1)).toBe(0);
    expect(sequenceAfter(2 ** 31 - 3, 10)).toBe(7);
    expect(sequenceAfter(2 ** 31 - 3, 2)).toBe(2 ** 31 - 1);
  });
});

const work = () => commitOf([output('alerts', 0)], [change()]);

describe('a coordinator', () => {
  const coordinated = ['partitions', 'offsets', 'end'] as const;

  test.each(coordinated)(
    'that is still at the last transaction is asked again: %s',
    async (call) => {
      const brokers = await new Brokers().initialised();
      const busy = kafkaError('CONCURRENT_TRANSACTIONS');
      brokers.faults[call] = [busy, busy, busy];
      await brokers.transactions.commit(work());
      expect(brokers.log.filter((line) => line.endsWith('failed'))).toHaveLength(3);
      expect(brokers.log.at(-1)).toBe('commit #0');
      expect(brokers.clock.pauses).toEqual([20, 20, 20]);
    },
  );

  test.each(coordinated)('that has moved is looked up anew: %s', async (call) => {
    const brokers = await new Brokers().initialised();
    brokers.faults[call] = [kafkaError('NOT_COORDINATOR_FOR_GROUP')];
    await brokers.transactions.commit(work());
    expect(brokers.refreshed).toBe(1);
    expect(brokers.log.at(-1)).toBe('commit #0');
  });

  test.each(coordinated)('is waited for as long as it keeps the transaction: %s', async (call) => {
    const brokers = await new Brokers().initialised();
    const startedAt = brokers.clock.now();
    brokers.faults[call] = new Array<Error>(1000).fill(kafkaError('GROUP_LOAD_IN_PROGRESS'));
    const error = await failureOf(brokers.transactions.commit(work()));
    expect(error).toBeInstanceOf(TaskCorrupted);
    expect(brokers.clock.now() - startedAt).toBeGreaterThanOrEqual(10_000);
    expect(brokers.clock.now() - startedAt).toBeLessThan(12_000);
  });
});

test('all its requests together have the time that the broker gives a transaction', async () => {
  const brokers = await new Brokers().initialised();
  const startedAt = brokers.clock.now();
  const loading = kafkaError('GROUP_LOAD_IN_PROGRESS');
  brokers.faults.partitions = [...new Array<Error>(10).fill(loading), null];
  brokers.faults.offsets = new Array<Error>(1000).fill(loading);
  await failureOf(brokers.transactions.commit(work()));
  expect(brokers.log.filter((line) => line === 'offsets failed').length).toBeGreaterThan(1);
  expect(brokers.clock.now() - startedAt).toBeLessThan(12_000);
});

test.each([
  [9_000, 'another producer has taken over'],
  [11_000, 'it took longer than transactionTimeoutMs = 10000: raise that'],
])('fenced after %i ms: %s', async (ms, why) => {
  const brokers = await new Brokers().initialised();
  brokers.onOffsets = () => brokers.clock.pass(ms);
  brokers.faults.end = [kafkaError('INVALID_PRODUCER_EPOCH')];
  const error = await failureOf(brokers.transactions.commit(commitOf()));
  expect(error.message).toContain(`fenced after ${ms} ms`);
  expect(error.message).toContain(why);
});

describe('leaders', () => {
  test('that are being elected are waited for', async () => {
    const brokers = await new Brokers().initialised();
    brokers.faults.leader = [kafkaError('LEADER_NOT_AVAILABLE')];
    await brokers.transactions.commit(work());
    expect(brokers.refreshed).toBe(1);
    expect(brokers.log.at(-1)).toBe('commit #0');
  });

  test.each(['NOT_LEADER_FOR_PARTITION', 'NETWORK'])(
    'are looked up anew after %s: the next attempt goes elsewhere',
    async (type) => {
      const brokers = await new Brokers().initialised();
      brokers.faults.produce = [kafkaError(type)];
      expect(await failureOf(brokers.transactions.commit(work()))).toBeInstanceOf(TaskCorrupted);
      expect(brokers.refreshed).toBe(1);
    },
  );

  test('that can not be looked up change nothing about the verdict', async () => {
    const brokers = await new Brokers().initialised();
    brokers.faults.produce = [kafkaError('NETWORK')];
    const kafka = stubKafka({
      initProducerId: () => answer(() => ({ producerId: 7n, epoch: 0 })),
      addPartitionsToTxn: () => Promise.reject(kafkaError('NETWORK')),
      refresh: () => Promise.reject(kafkaError('NETWORK')),
    });
    const transactions = new TransactionManager({
      kafka,
      clock: brokers.clock,
      logger: silentLogger,
      transactionalId: 'app-0_1',
      groupId: 'app',
      transactionTimeoutMs: 10_000,
      partitionCounts: new Map(),
    });
    await transactions.init(signal);
    expect(await failureOf(transactions.commit(work()))).toBeInstanceOf(TaskCorrupted);
  });
});

describe('records are written once:', () => {
  test.each(['REQUEST_TIMED_OUT', 'NOT_LEADER_FOR_PARTITION', 'CONCURRENT_TRANSACTIONS'])(
    'after %s the transaction ends',
    async (type) => {
      const brokers = await new Brokers().initialised();
      brokers.faults.produce = [kafkaError(type)];
      expect(await failureOf(brokers.transactions.commit(work()))).toBeInstanceOf(TaskCorrupted);
      expect(brokers.batches).toEqual([]);
      expect(brokers.log.at(-1)).toBe('produce failed');
    },
  );
});

describe.each(CALLS)('at %s', (call) => {
  // The kind and no other: a corrupted task goes on, a migrated one goes, anything else stops the application.
  test.each([
    ['INVALID_PRODUCER_EPOCH', TaskMigrated],
    ['KAFKAJS_UNKNOWN_ERROR_CODE', TaskMigrated],
    ['INVALID_TXN_STATE', TaskMigrated],
    ['UNKNOWN', TaskCorrupted],
    ['MESSAGE_TOO_LARGE', StreamsException],
    ['TOPIC_AUTHORIZATION_FAILED', StreamsException],
    ['TRANSACTIONAL_ID_AUTHORIZATION_FAILED', StreamsException],
    ['GROUP_AUTHORIZATION_FAILED', StreamsException],
  ] as const)('%s ends it at once', async (type, kind) => {
    const brokers = await new Brokers().initialised();
    const fault = kafkaError(type);
    brokers.faults[call] = [fault];
    const error = await failureOf(brokers.transactions.commit(work()));
    expect(error.constructor).toBe(kind);
    expect(error.cause).toBe(fault);
    expect(error.message).toContain("'app-0_1'");
    expect(brokers.log.at(-1)).toBe(`${call} failed`);
  });

  test('a mistake in the code is what it is', async () => {
    const brokers = await new Brokers().initialised();
    const mistake = new TypeError('x is not a function');
    brokers.faults[call] = [mistake];
    expect(await failureOf(brokers.transactions.commit(work()))).toBe(mistake);
    await expect(brokers.transactions.commit(work())).rejects.toThrow('commit before init');
  });
});

describe.each(CALLS.filter((call) => call !== 'leader'))('without an answer at %s', (call) => {
  test('the task starts again: nothing is sent before it has taken over anew', async () => {
    const brokers = await new Brokers().initialised();
    brokers.faults[call] = [kafkaError('NETWORK')];
    const error = await failureOf(brokers.transactions.commit(work()));
    expect(error).toBeInstanceOf(TaskCorrupted);
    const asked = brokers.log.length;
    expect(brokers.log.at(-1)).toBe(`${call} failed`);
    const again = await failureOf(brokers.transactions.commit(work()));
    expect(again.constructor).toBe(StreamsException);
    expect(brokers.log).toHaveLength(asked);

    brokers.batches.length = 0;
    await brokers.transactions.init(signal);
    await brokers.transactions.commit(work());
    expect(brokers.log.slice(asked)).toEqual([
      'init app-0_1 10000',
      `partitions alerts-0 ${CHANGELOG}-1 #1`,
      `produce to 1 alerts-0:1 ${CHANGELOG}-1:1 #1`,
      'offsets of app orders-1=12{} #1',
      'commit #1',
    ]);
    expect(brokers.batches.map((b) => b.baseSequence)).toEqual([0, 0]);
  });
});

import { describe, expect, onTestFinished, test } from 'vitest';
import { Fetcher, type FetchSubscription } from './fetcher.ts';
import type { FetchedPartition, KafkaError, TopicPartition } from './kafka/kafka.ts';
import { ManualClock, settle } from './testing/clocks.ts';
import { answer, collectingLogger, kafkaError, stubKafka } from './testing/stub-kafka.ts';

const MAX_WAIT_MS = 100;
const ERROR_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 1000;
const NO_ROOM_PAUSE_MS = 5;

const RECORD = { offset: 0, timestamp: 0, key: null, value: null, headers: {} };

interface Answered {
  readonly of: string;
  readonly error?: KafkaError;
  /** Default: that of the request. */
  readonly nextOffset?: number;
  readonly records?: number;
}

/** A fetch that waits for the test to answer it. */
interface OpenFetch {
  readonly leader: number;
  /** `topic-partition@offset` */
  readonly asked: readonly string[];
  answer(...partitions: readonly Answered[]): Promise<void>;
  fail(error: Error): Promise<void>;
}

/** A fetcher before a cluster in which the test answers every fetch by itself. */
class Harness {
  readonly clock = new ManualClock();
  readonly log: string[] = [];
  /** What brokers know: `topic-partition` to leader. */
  readonly leaders = new Map<string, number>();
  readonly open: OpenFetch[] = [];
  refreshed = 0;
  onRefresh: () => void = () => undefined;
  onLeader: () => void = () => undefined;
  /** What the client knows of it. */
  #known = new Map<string, number>();
  readonly logger = collectingLogger();
  readonly fetcher: Fetcher;

  constructor(leaders: Record<string, number>) {
    this.leaders = new Map(Object.entries(leaders));
    this.moveLeaders();
    this.fetcher = new Fetcher({
      kafka: stubKafka({
        leader: (partition) => answer(() => this.#leader(partition)),
        fetch: (leader, positions, maxWaitMs) => {
          expect(maxWaitMs).toBe(MAX_WAIT_MS);
          return this.#fetch(leader, positions);
        },
        refresh: () =>
          answer(() => {
            this.refreshed++;
            this.onRefresh();
            this.moveLeaders();
          }),
      }),
      clock: this.clock,
      logger: this.logger,
      maxWaitMs: MAX_WAIT_MS,
      onError: ({ topic, partition }, { type }) => this.log.push(`${topic}-${partition}: ${type}`),
      onContact: (error) => this.log.push(`contact: ${error?.type ?? 'fine'}`),
    });
    onTestFinished(() => this.stop());
  }

  /** The client's metadata becomes what brokers know, whoever has asked for it. */
  moveLeaders(): void {
    this.#known = new Map(this.leaders);
  }

  async stop(): Promise<void> {
    const stopped = this.fetcher.stop();
    while (this.open.length > 0) await this.open[0]!.answer();
    await stopped;
  }

  /** The fetch under way to a leader; there must be one. */
  fetchTo(leader: number): OpenFetch {
    const found = this.open.filter((f) => f.leader === leader);
    expect(found, `fetches to ${leader}`).toHaveLength(1);
    return found[0]!;
  }

  get asked(): string[][] {
    return this.open.map((f) => [...f.asked]);
  }

  #leader({ topic, partition }: TopicPartition): number {
    const leader = this.#known.get(`${topic}-${partition}`);
    this.onLeader();
    if (leader === undefined) throw kafkaError('LEADER_NOT_AVAILABLE');
    return leader;
  }

  #fetch(
    leader: number,
    positions: readonly (TopicPartition & { offset: number })[],
  ): Promise<FetchedPartition[]> {
    const asked = positions.map((p) => ({ ...p, name: `${p.topic}-${p.partition}` }));
    return new Promise((resolve, reject) => {
      const end = (how: () => void) => {
        this.open.splice(this.open.indexOf(fetch), 1);
        how();
        return settle();
      };
      const fetch: OpenFetch = {
        leader,
        asked: asked.map(({ name, offset }) => `${name}@${offset}`),
        fail: (error) => end(() => reject(error)),
        answer: (...partitions) =>
          end(() => {
            const answers = partitions.map(({ of, error, nextOffset, records: count = 0 }) => {
              const { topic, partition, offset } = asked.find((p) => p.name === of)!;
              const next = nextOffset ?? offset;
              const ends = { lastStableOffset: next, logStartOffset: 0 };
              const records = Array.from({ length: count }, () => RECORD);
              return { topic, partition, error, records, nextOffset: next, ...ends };
            });
            resolve(answers);
          }),
      };
      this.open.push(fetch);
    });
  }
}

/** A subscription that notes what it gets. */
function subscription(partition: number, options: Partial<FetchSubscription> = {}) {
  const delivered: number[] = [];
  const deliver = ({ nextOffset }: FetchedPartition) => {
    delivered.push(nextOffset);
    return undefined;
  };
  const hasRoom = () => true;
  return { topic: 't', partition, offset: 0, hasRoom, deliver, ...options, delivered };
}

async function fetching(leaders: Record<string, number>, ...subscriptions: FetchSubscription[]) {
  const harness = new Harness(leaders);
  harness.fetcher.add(subscriptions);
  await settle();
  return harness;
}

describe('positions', () => {
  test('move to where each answer says, also when there were no records', async () => {
    const a = subscription(0, { offset: 7 });
    const b = subscription(1, { offset: 3 });
    const harness = await fetching({ 't-0': 1, 't-1': 1 }, a, b);
    expect(harness.asked).toEqual([['t-0@7', 't-1@3']]);
    await harness.fetchTo(1).answer({ of: 't-0', nextOffset: 12 }, { of: 't-1' });
    expect(harness.asked).toEqual([['t-1@3', 't-0@12']]);
    expect([a.delivered, b.delivered]).toEqual([[12], [3]]);
  });

  test.each([
    ['of the question, when there is news', 1, 40, 0],
    ['of the end of the wait, when there is none', 0, MAX_WAIT_MS + 40, MAX_WAIT_MS],
    ['of the answer, when it comes without news before that', 0, 40, 40],
  ])('come with the time %s', async (_name, records, answeredAfterMs, expectedAfterMs) => {
    const times: number[] = [];
    const deliver = (_fetched: FetchedPartition, at: number) => {
      times.push(at);
      return undefined;
    };
    const a = subscription(0, { deliver });
    const harness = await fetching({ 't-0': 1 }, a);
    const askedAt = harness.clock.now();
    await harness.clock.advance(answeredAfterMs);
    await harness.fetchTo(1).answer({ of: 't-0', nextOffset: records });
    expect(times).toEqual([askedAt + expectedAfterMs]);
  });

  test('stay where the broker leaves a partition out', async () => {
    const harness = await fetching({ 't-0': 1 }, subscription(0, { offset: 7 }));
    await harness.fetchTo(1).answer();
    expect(harness.asked).toEqual([['t-0@7']]);
  });
});

describe('a partition', () => {
  test('without room is not asked for, until it has some', async () => {
    let hasRoom = false;
    const harness = await fetching(
      { 't-0': 1, 't-1': 1 },
      subscription(0, { hasRoom: () => hasRoom }),
      subscription(1),
    );
    expect(harness.asked).toEqual([['t-1@0']]);
    hasRoom = true;
    await harness.fetchTo(1).answer({ of: 't-1' });
    expect(harness.asked).toEqual([['t-0@0', 't-1@0']]);
  });

  test('alone and without room is looked at again soon', async () => {
    let hasRoom = false;
    const harness = await fetching({ 't-0': 1 }, subscription(0, { hasRoom: () => hasRoom }));
    expect(harness.open).toEqual([]);
    hasRoom = true;
    await harness.clock.advance(NO_ROOM_PAUSE_MS);
    expect(harness.asked).toEqual([['t-0@0']]);
  });

  test('is not asked for while an answer is being delivered', async () => {
    const delivery = Promise.withResolvers<undefined>();
    const slow = subscription(0, { deliver: () => delivery.promise });
    const harness = await fetching({ 't-0': 1, 't-1': 1 }, slow, subscription(1));
    await harness.fetchTo(1).answer({ of: 't-0', nextOffset: 5 }, { of: 't-1' });
    expect(harness.asked).toEqual([['t-1@0']]);
    delivery.resolve(undefined);
    await settle();
    await harness.fetchTo(1).answer({ of: 't-1' });
    expect(harness.asked).toEqual([['t-1@0', 't-0@5']]);
  });

  test('that was given up gets no answer, and is not asked for again', async () => {
    const a = subscription(0);
    const harness = await fetching({ 't-0': 1, 't-1': 1 }, a, subscription(1));
    harness.fetcher.remove([a]);
    await harness.fetchTo(1).answer({ of: 't-0', nextOffset: 5 }, { of: 't-1' });
    expect(a.delivered).toEqual([]);
    expect(a.offset).toBe(0);
    expect(harness.asked).toEqual([['t-1@0']]);
  });

  test('that was given up and taken again does not get the answer to the old request', async () => {
    const old = subscription(0);
    const harness = await fetching({ 't-0': 1 }, old);
    const again = subscription(0, { offset: 2 });
    harness.fetcher.remove([old]);
    harness.fetcher.add([again]);
    await settle();
    await harness.fetchTo(1).answer({ of: 't-0', nextOffset: 5 });
    expect([old.delivered, again.delivered]).toEqual([[], []]);
    expect(harness.asked).toEqual([['t-0@2']]);
  });

  test('that is taken just when the last other one was given up is fetched', async () => {
    const a = subscription(0);
    const harness = await fetching({ 't-0': 1, 't-1': 1 }, a);
    // At every instant of the loop's end.
    for (let ticks = 0; ticks < 12; ticks++) {
      const last = harness.fetchTo(1);
      const b = subscription(1, { offset: ticks });
      harness.fetcher.remove([a]);
      void last.answer();
      for (let i = 0; i < ticks; i++) await Promise.resolve();
      harness.fetcher.add([b]);
      await settle();
      expect(harness.asked, `after ${ticks} ticks`).toEqual([[`t-1@${ticks}`]]);
      harness.fetcher.remove([b]);
      harness.fetcher.add([a]);
      await settle();
      await harness.fetchTo(1).answer();
    }
  });
});

describe('an error of a partition', () => {
  test('that passes leads to another look at the leaders, and the others go on', async () => {
    const b = subscription(1);
    const harness = await fetching({ 't-0': 1, 't-1': 1 }, subscription(0, { offset: 4 }), b);
    const error = kafkaError('NOT_LEADER_FOR_PARTITION');
    await harness.fetchTo(1).answer({ of: 't-0', error }, { of: 't-1', nextOffset: 9 });
    expect(b.delivered).toEqual([9]);
    expect(harness.asked).toEqual([['t-1@9']]);
    await harness.clock.advance(ERROR_PAUSE_MS);
    expect(harness.refreshed).toBe(1);
    await harness.fetchTo(1).answer({ of: 't-1' });
    expect(harness.asked).toEqual([['t-0@4', 't-1@9']]);
    expect(harness.fetcher.faults).toEqual([]);
  });

  test('that does not pass is told once, and ends the partition', async () => {
    const harness = await fetching({ 't-0': 1, 't-1': 1 }, subscription(0), subscription(1));
    const error = kafkaError('OFFSET_OUT_OF_RANGE');
    await harness.fetchTo(1).answer({ of: 't-0', error }, { of: 't-1' });
    expect(harness.log).toEqual(['contact: fine', 't-0: OFFSET_OUT_OF_RANGE']);
    expect(harness.asked).toEqual([['t-1@0']]);
    await harness.fetchTo(1).answer({ of: 't-1' });
    expect(harness.log).not.toContain('t-1: OFFSET_OUT_OF_RANGE');
    expect(harness.log.filter((line) => line.startsWith('t-'))).toHaveLength(1);
  });

  test.each([
    [
      'at once',
      () => {
        throw new TypeError('not a value');
      },
    ],
    ['later', () => Promise.reject(new TypeError('not a value'))],
  ])(
    'is also one of whoever takes its records (%s): none are passed over',
    async (_name, deliver) => {
      const failing = subscription(0, { deliver });
      const harness = await fetching({ 't-0': 1, 't-1': 1 }, failing, subscription(1));
      await harness.fetchTo(1).answer({ of: 't-0', nextOffset: 5 }, { of: 't-1' });
      expect(harness.log).toContain('t-0: UNKNOWN');
      expect(harness.asked).toEqual([['t-1@0']]);
    },
  );

  test('of whoever takes the records of a partition given up is told nobody', async () => {
    const delivery = Promise.withResolvers<undefined>();
    const a = subscription(0, { deliver: () => delivery.promise });
    const harness = await fetching({ 't-0': 1 }, a);
    await harness.fetchTo(1).answer({ of: 't-0', nextOffset: 5 });
    harness.fetcher.remove([a]);
    delivery.reject(new Error('closed meanwhile'));
    await settle();
    expect(harness.log).toEqual(['contact: fine']);
  });
});

describe('a partition that can not be read', () => {
  /** Answers everything, the damaged partition with an error, for so long; returns when it was asked for. */
  async function watch(harness: Harness, type: string, forMs: number): Promise<number[]> {
    const times: number[] = [];
    const startedAt = harness.clock.now();
    while (harness.clock.now() < startedAt + forMs) {
      for (const fetch of [...harness.open]) {
        const answers = fetch.asked.map((asked) => {
          const of = asked.split('@')[0]!;
          if (of !== 't-0') return { of };
          times.push(harness.clock.now() - startedAt);
          return { of, error: kafkaError(type) };
        });
        await fetch.answer(...answers);
      }
      await harness.clock.advance(10);
    }
    return times;
  }

  test('rests longer each time, and holds up no other', async () => {
    const b = subscription(1);
    const harness = await fetching({ 't-0': 1, 't-1': 1 }, subscription(0, { offset: 4 }), b);
    const times = await watch(harness, 'CORRUPT_MESSAGE', 60_000);
    const pauses = times.slice(1).map((time, i) => time - times[i]!);
    expect(pauses.length).toBeLessThan(14);
    const doubled = [100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000];
    doubled.forEach((pause, i) => {
      expect(pauses[i]).toBeGreaterThanOrEqual(pause);
      expect(pauses[i]).toBeLessThan(pause + 120);
    });
    expect(b.delivered.length).toBeGreaterThan(1000);
  });

  test('for a reason that the broker does not know is one of them', async () => {
    const harness = await fetching({ 't-0': 1 }, subscription(0, { offset: 4 }));
    await watch(harness, 'UNKNOWN', 1000);
    expect(harness.fetcher.faults).toMatchObject([{ offset: 4, type: 'UNKNOWN' }]);
    expect(harness.log).not.toContain('t-0: UNKNOWN');
  });

  test('is told at once and then now and then, with its place and what to do', async () => {
    const harness = await fetching({ 't-0': 1 }, subscription(0, { offset: 4 }));
    await watch(harness, 'CORRUPT_MESSAGE', 500);
    expect(harness.logger.warnings).toHaveLength(1);
    const [fields] = harness.logger.warnings[0]!;
    expect(fields).toMatchObject({ topic: 't', partition: 0, offset: 4, type: 'CORRUPT_MESSAGE' });
    expect((fields as { advice: string }).advice).toContain('t-0 at offset 4 is damaged');
    await watch(harness, 'CORRUPT_MESSAGE', 59_500);
    expect(harness.logger.warnings.length).toBeGreaterThan(3);
    expect(harness.logger.warnings.length).toBeLessThan(8);
  });

  test('is listed until it can be read', async () => {
    const harness = await fetching({ 't-0': 1 }, subscription(0, { offset: 4 }));
    await watch(harness, 'CORRUPT_MESSAGE', 1000);
    expect(harness.fetcher.faults).toMatchObject([
      { topic: 't', partition: 0, offset: 4, type: 'CORRUPT_MESSAGE', attempts: 4 },
    ]);
    await harness.clock.advance(1000);
    await harness.fetchTo(1).answer({ of: 't-0', nextOffset: 9 });
    expect(harness.fetcher.faults).toEqual([]);
    expect(harness.asked).toEqual([['t-0@9']]);
  });

  test('since its topic is gone is listed after a while: leaders pass by themselves', async () => {
    const harness = await fetching({ 't-0': 1 }, subscription(0));
    await watch(harness, 'UNKNOWN_TOPIC_OR_PARTITION', 5000);
    expect(harness.fetcher.faults).toEqual([]);
    expect(harness.logger.warnings).toEqual([]);
    await watch(harness, 'UNKNOWN_TOPIC_OR_PARTITION', 6000);
    expect(harness.fetcher.faults[0]!.advice).toContain('does not exist any more');
    expect(harness.logger.warnings).toHaveLength(1);
  });

  test('with an answer that says nothing of single ones is one of those asked for', async () => {
    const harness = await fetching({ 't-0': 1, 't-1': 2 }, subscription(0), subscription(1));
    await harness.fetchTo(1).fail(new TypeError('not an answer'));
    expect(harness.fetcher.faults).toMatchObject([{ topic: 't', partition: 0, type: 'UNKNOWN' }]);
    await harness.clock.advance(2 * ERROR_PAUSE_MS);
    expect(harness.fetchTo(1).asked).toEqual(['t-0@0']);
  });

  test('is forgotten when it is given up', async () => {
    const a = subscription(0);
    const harness = await fetching({ 't-0': 1 }, a);
    await watch(harness, 'CORRUPT_MESSAGE', 1000);
    harness.fetcher.remove([a]);
    expect(harness.fetcher.faults).toEqual([]);
    await harness.clock.advance(20_000);
    expect(harness.open).toEqual([]);
    expect(harness.clock.pauses).toEqual([]);
  });
});

test('whoever got something is asked for last: an answer has no room for all, always', async () => {
  const all = [0, 1, 2].map((partition) => subscription(partition));
  const harness = await fetching({ 't-0': 1, 't-1': 1, 't-2': 1 }, ...all);
  // Room for the first one in the question only.
  for (let round = 1; round <= 6; round++) {
    const [first] = harness.fetchTo(1).asked;
    const [of, offset] = first!.split('@');
    await harness.fetchTo(1).answer({ of: of!, nextOffset: Number(offset) + 1 });
  }
  expect(all.map(({ offset }) => offset)).toEqual([2, 2, 2]);
});

test('counts fetches, their records and how long they took', async () => {
  const harness = await fetching({ 't-0': 1 }, subscription(0));
  await harness.clock.advance(30);
  await harness.fetchTo(1).answer({ of: 't-0', nextOffset: 3, records: 2 });
  await harness.clock.advance(12);
  await harness.fetchTo(1).answer({ of: 't-0' });
  expect(harness.fetcher.counts).toEqual({ polls: 2, records: 2, ms: 42 });
});

describe('a broker that is away', () => {
  test('is told, tried again, and told to be back', async () => {
    const harness = await fetching({ 't-0': 1 }, subscription(0, { offset: 3 }));
    await harness.fetchTo(1).fail(kafkaError('NETWORK'));
    expect(harness.log).toEqual(['contact: NETWORK']);
    await harness.clock.advance(ERROR_PAUSE_MS);
    expect(harness.refreshed).toBe(1);
    expect(harness.asked).toEqual([['t-0@3']]);
    await harness.fetchTo(1).answer({ of: 't-0' });
    expect(harness.log).toEqual(['contact: NETWORK', 'contact: fine']);
  });

  test('is tried again although nothing can be looked up', async () => {
    const harness = await fetching({ 't-0': 1 }, subscription(0));
    harness.onRefresh = () => {
      throw kafkaError('NETWORK');
    };
    for (let i = 0; i < 3; i++) {
      await harness.fetchTo(1).fail(kafkaError('NETWORK'));
      await harness.clock.advance(LONGEST_PAUSE_MS);
    }
    expect(harness.asked).toEqual([['t-0@0']]);
  });

  test('does not hold up another', async () => {
    const b = subscription(1);
    const harness = await fetching({ 't-0': 1, 't-1': 2 }, subscription(0), b);
    await harness.fetchTo(1).fail(kafkaError('NETWORK'));
    await harness.fetchTo(2).answer({ of: 't-1', nextOffset: 4 });
    expect(b.delivered).toEqual([4]);
  });
});

describe('leaders', () => {
  test('have a fetch each, with their own partitions', async () => {
    const harness = await fetching(
      { 't-0': 1, 't-1': 2, 't-2': 1 },
      ...[0, 1, 2].map((partition) => subscription(partition)),
    );
    expect(harness.fetchTo(1).asked).toEqual(['t-0@0', 't-2@0']);
    expect(harness.fetchTo(2).asked).toEqual(['t-1@0']);
  });

  test('change: the partition goes to the loop of the new one', async () => {
    const a = subscription(0, { offset: 6 });
    const harness = await fetching({ 't-0': 1, 't-1': 1 }, a, subscription(1));
    harness.leaders.set('t-0', 2);
    const error = kafkaError('NOT_LEADER_FOR_PARTITION');
    await harness.fetchTo(1).answer({ of: 't-0', error }, { of: 't-1' });
    await harness.clock.advance(ERROR_PAUSE_MS);
    expect(harness.fetchTo(1).asked).toEqual(['t-1@0']);
    expect(harness.fetchTo(2).asked).toEqual(['t-0@6']);
    await harness.fetchTo(2).answer({ of: 't-0', nextOffset: 8 });
    expect(a.delivered).toEqual([8]);
  });

  test.each([
    ['with others left', ['t-0', 't-1']],
    ['with none left', ['t-0']],
  ])('change, and someone else finds out (%s)', async (_name, names) => {
    const all = names.map((_, partition) => subscription(partition));
    const harness = await fetching(Object.fromEntries(names.map((n) => [n, 1])), ...all);
    harness.leaders.set('t-0', 2);
    harness.moveLeaders();
    await harness.fetchTo(1).answer(...names.map((of) => ({ of })));
    expect(harness.fetchTo(2).asked).toEqual(['t-0@0']);
  });

  test('change while a partition is asked for: it is in one fetch at a time', async () => {
    const a = subscription(0);
    const b = subscription(1);
    const harness = await fetching({ 't-0': 1, 't-1': 2 }, a, b);
    harness.leaders.set('t-0', 2);
    harness.moveLeaders();
    await harness.fetchTo(2).answer({ of: 't-1' });
    expect(harness.fetchTo(2).asked).toEqual(['t-1@0']);
    await harness.fetchTo(1).answer({ of: 't-0', nextOffset: 5 });
    await harness.fetchTo(2).answer({ of: 't-1' });
    expect(harness.asked).toEqual([['t-1@0', 't-0@5']]);
  });

  test('change just when the loop of the new one is ending', async () => {
    // At every instant of its end.
    for (let ticks = 0; ticks < 12; ticks++) {
      const a = subscription(0);
      const harness = await fetching({ 't-0': 2, 't-1': 1 }, a, subscription(1));
      harness.fetcher.remove([a]);
      harness.leaders.set('t-1', 2);
      // From the next look on: the ending loop still sees the old leader, others the new one.
      harness.onLeader = () => harness.moveLeaders();
      const [toOld, toNew] = [harness.fetchTo(1), harness.fetchTo(2)];
      void toNew.answer();
      for (let i = 0; i < ticks; i++) await Promise.resolve();
      await toOld.answer({ of: 't-1' });
      await harness.clock.advance(NO_ROOM_PAUSE_MS);
      expect(harness.fetchTo(2).asked, `after ${ticks} ticks`).toEqual(['t-1@0']);
      await harness.stop();
    }
  });

  test('may be missing for a while, and hold up no other partition', async () => {
    const b = subscription(1);
    const harness = await fetching({ 't-1': 2 }, subscription(0), b);
    expect(harness.asked).toEqual([['t-1@0']]);
    for (let offset = 1; offset < 4; offset++) {
      await harness.fetchTo(2).answer({ of: 't-1', nextOffset: offset });
      await harness.clock.advance(ERROR_PAUSE_MS);
    }
    expect(b.delivered).toEqual([1, 2, 3]);
    harness.leaders.set('t-0', 1);
    await harness.fetchTo(2).answer({ of: 't-1' });
    await harness.clock.advance(LONGEST_PAUSE_MS);
    expect(harness.fetchTo(1).asked).toEqual(['t-0@0']);
  });

  test('may be missing at first', async () => {
    const harness = await fetching({}, subscription(0));
    expect(harness.open).toEqual([]);
    await harness.clock.advance(3 * ERROR_PAUSE_MS);
    harness.leaders.set('t-0', 1);
    await harness.clock.advance(LONGEST_PAUSE_MS);
    expect(harness.asked).toEqual([['t-0@0']]);
  });

  test('that can not be had end the partition', async () => {
    const harness = new Harness({ 't-0': 1 });
    harness.onLeader = () => {
      throw kafkaError('TOPIC_AUTHORIZATION_FAILED');
    };
    harness.fetcher.add([subscription(0)]);
    await settle();
    expect(harness.log).toEqual(['t-0: TOPIC_AUTHORIZATION_FAILED']);
    expect(harness.clock.pauses).toEqual([]);
  });

  test('without partitions are not asked', async () => {
    const a = subscription(0);
    const harness = await fetching({ 't-0': 1 }, a);
    const fetch = harness.fetchTo(1);
    harness.fetcher.remove([a]);
    await fetch.answer({ of: 't-0' });
    expect(harness.open).toEqual([]);
    expect(harness.clock.pauses).toEqual([]);
  });
});

describe('stop', () => {
  test('waits for what is under way, and asks no more', async () => {
    const harness = await fetching({ 't-0': 1, 't-1': 2 }, subscription(0), subscription(1));
    let isOver = false;
    void harness.fetcher.stop().then(() => (isOver = true));
    await harness.fetchTo(1).answer({ of: 't-0', nextOffset: 1 });
    expect(isOver).toBe(false);
    await harness.fetchTo(2).fail(kafkaError('NETWORK'));
    expect(isOver).toBe(true);
    expect(harness.open).toEqual([]);
    expect(harness.refreshed).toBe(0);
  });

  test.each([
    ['for room', { 't-0': 1 }],
    ['for a leader', {}],
  ])('ends the waiting %s', async (_name, leaders) => {
    const harness = await fetching(leaders, subscription(0, { hasRoom: () => false }));
    expect(harness.clock.pauses).toHaveLength(1);
    await harness.fetcher.stop();
    expect(harness.clock.pauses).toEqual([]);
  });

  test('before anything was added is over at once', async () => {
    await new Harness({}).fetcher.stop();
  });
});

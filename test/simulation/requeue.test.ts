/** Sending dead letters back over a model of Kafka that loses requests and answers, by processes that are killed. */
import { describe, expect, test } from 'vitest';
import { DeadLetters, type DeadLetter, type RequeueOptions } from '#streams';
import { partitionFor } from '#streams/runtime/kafka/partitioner';
import { deadLetterHeaders } from '#streams/task/dead-letter';
import { ModelBroker } from './broker/model-broker.ts';
import { ModelClient } from './broker/model-client.ts';
import { NO_LIMIT } from './broker/partition-log.ts';
import type { Fate, Faults } from './faults.ts';
import { Random } from './random.ts';
import { Scheduler } from './scheduler.ts';
import { SimClock } from './sim-clock.ts';
import { SimProcess } from './sim-process.ts';
import { Trace } from './trace.ts';

const START = Date.parse('2024-02-01T12:00:00.000Z');
const LETTERS = 'app-dead-letter';
const KEYS = ['a', 'b', 'c', 'd', 'e'];

/** Brokers with the topics of an application, and dead letters of it. */
class World {
  readonly random: Random;
  readonly scheduler: Scheduler;
  readonly broker: ModelBroker;
  /** Chance that a request or its answer is lost. */
  loss = 0;
  /** Whether a request may come after it was given up. */
  isLate = false;
  /** Chance that the process is killed at a request. */
  killing = 0;
  #processes = 0;

  constructor(seed: number) {
    this.random = new Random(seed);
    this.scheduler = new Scheduler(this.random, START);
    const { random, scheduler } = this;
    const isInvalid = ({ value }: { value: Buffer | null }) => value?.toString() === 'invalid';
    this.broker = new ModelBroker({
      ...{ random, scheduler, brokers: 2, lastEpoch: 1000, initialDelayMs: 0 },
      trace: new Trace(scheduler, 0),
      faults: this.#faults(),
      observer: {
        onCommitted: () => undefined,
        onOffsets: () => undefined,
        onProducer: () => undefined,
        onAssigned: () => undefined,
        onBroken: (reason) => expect.unreachable(reason),
      },
      limitOf: (topic) => (topic === 'in' ? { ...NO_LIMIT, isInvalid } : NO_LIMIT),
    });
    this.broker.createTopic('in', 3);
    this.broker.createTopic(LETTERS, 2);
  }

  /** A record of `in` that became a dead letter. */
  letter(
    value: string,
    options: { reason?: string; attempts?: number; topic?: string } = {},
  ): void {
    const { reason = 'why', topic = 'in', attempts } = options;
    const key = Buffer.from(this.random.pick(KEYS));
    const headers = {
      trace: value,
      ...(attempts !== undefined && { '__streams.requeue.attempts': String(attempts) }),
    };
    const raw = { offset: 0, timestamp: START - 5000, key, value: Buffer.from(value), headers };
    const failure = { kind: 'process', node: { name: 'n' }, error: new Error(reason) } as const;
    const cause = { kind: 'record', topic, raw } as const;
    const written = deadLetterHeaders(cause, failure, { task: '0_0', partition: 0 });
    this.write({ key, value: raw.value, headers: written });
  }

  write(record: { key: Buffer | null; value: Buffer | null; headers: object }): void {
    const partition = partitionFor(record.key, 2);
    const log = this.broker.cluster.find({ topic: LETTERS, partition });
    log.append([record as never], this.scheduler.now);
  }

  /** What lies in `in`: the records that were sent back. */
  returned() {
    const { topics } = this.broker.cluster;
    return topics.get('in')!.flatMap((log) =>
      log.committed().map(({ key, value, headers }) => {
        expect(log.partition).toBe(partitionFor(key, 3));
        return { value: value!.toString(), headers };
      }),
    );
  }

  values(): string[] {
    return this.returned()
      .map(({ value }) => value)
      .sort();
  }

  /** Runs something in a process of its own. @returns undefined when that was killed on the way */
  async run<T>(
    work: (letters: DeadLetters) => Promise<T>,
    applicationId = 'app',
  ): Promise<T | undefined> {
    const process = new SimProcess(`p${++this.#processes}`);
    const kafka = new ModelClient(this.broker, process);
    const clock = new SimClock(this.scheduler, process);
    let outcome: { value: T } | { error: unknown } | undefined;
    void work(new DeadLetters({ applicationId, kafka, clock })).then(
      (value) => (outcome = { value }),
      (error: unknown) => (outcome = { error }),
    );
    const deadline = this.scheduler.now + 600_000;
    await this.scheduler.runUntil(() => outcome !== undefined || process.isDead, deadline);
    // A transaction counts once it is decided, and is seen once its markers are written.
    await this.scheduler.runUntil(() => this.broker.transactions.isQuiet, deadline);
    if (process.isDead) return undefined;
    if (!outcome) return expect.unreachable('it takes for ever');
    if ('error' in outcome) throw outcome.error;
    return outcome.value;
  }

  /** Lets what is under way happen. */
  async pass(ms: number): Promise<void> {
    await this.scheduler.runUntil(() => false, this.scheduler.now + ms);
  }

  requeue(options: RequeueOptions = {}): Promise<number | undefined> {
    return this.run((letters) => letters.requeue(options));
  }

  async open(options: Parameters<DeadLetters['open']>[0] = {}): Promise<string[]> {
    const found = await this.run(async (letters) => {
      const values: string[] = [];
      for await (const { value } of letters.open(options)) values.push(value!.toString());
      return values;
    });
    return found!.sort();
  }

  #faults(): Faults {
    const quiet: Fate = { sendMs: 1, answerMs: 1, loss: 'none', lossMs: 2, lateMs: 0 };
    return {
      fate: () => {
        if (!this.random.chance(this.loss)) return quiet;
        const losses = ['request', 'answer', ...(this.isLate ? (['late'] as const) : [])] as const;
        const loss = this.random.pick(losses);
        return { ...quiet, loss, lateMs: this.random.skewed(1, 3000) };
      },
      strike: (_point, process) => {
        if (this.random.chance(this.killing)) process.isDead = true;
      },
      fetchLimit: () => this.random.int(1, 50),
      isCrowdedOut: () => false,
      isMetadataStale: () => false,
      markerDelayMs: () => this.random.skewed(0, 20),
      openDelayMs: () => 1,
      isRegistryAway: () => false,
      isSecretive: () => false,
    };
  }
}

function numbered(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `v${i}`).sort();
}

// Seconds of work on a machine that is busy.
describe('sending back', { timeout: 60_000 }, () => {
  test('whatever is lost and whoever is killed: each letter goes back once', async () => {
    let kills = 0;
    for (let seed = 1; seed <= 150; seed++) {
      const world = new World(seed);
      const count = world.random.int(1, 500);
      for (const value of numbered(count)) world.letter(value);
      world.loss = world.random.pick([0, 0.05, 0.2]);
      world.killing = 0.02;
      world.isLate = true;
      let told = 0;
      const onRequeued = () => {
        told++;
      };
      for (let isDone = false; !isDone;) {
        try {
          const limit = world.random.int(1, 400);
          isDone = (await world.requeue({ onRequeued, limit })) !== undefined;
          if (!isDone) kills++;
        } catch (error) {
          // By its own late request.
          expect(String(error)).toContain('was fenced');
        }
      }
      const before = world.values().length;
      expect(told).toBeLessThanOrEqual(before);
      world.killing = world.loss = 0;
      await world.pass(10_000);
      expect(await world.requeue(), `seed ${seed}`).toBe(count - before);
      expect(world.values(), `seed ${seed}`).toEqual(numbered(count));
      expect(await world.open()).toEqual([]);
    }
    expect(kills).toBeGreaterThan(50);
  });

  test('counts what was sent by a transaction whose answer was lost', async () => {
    for (let seed = 1; seed <= 100; seed++) {
      const world = new World(seed);
      for (const value of numbered(30)) world.letter(value);
      world.loss = 0.3;
      const told: string[] = [];
      const count = await world.requeue({
        onRequeued: ({ value }) => void told.push(String(value)),
      });
      expect([count, told.sort()], `seed ${seed}`).toEqual([30, numbered(30)]);
    }
  });

  test('a second one shuts the first one out', async () => {
    const world = new World(1);
    for (const value of numbered(1000)) world.letter(value);
    let second: Promise<number | undefined> | undefined;
    const first = world.run((letters) =>
      letters.requeue({
        onRequeued: () => {
          second ??= world.run((others) => others.requeue());
        },
      }),
    );
    await expect(first).rejects.toThrow(/fenced/);
    await second;
    expect(world.values()).toEqual(numbered(1000));
  });

  test('leaves what is not meant, and finds it again, also when progress is forgotten', async () => {
    const world = new World(2);
    for (let i = 0; i < 40; i++)
      world.letter(`v${i}`, { reason: i % 3 === 0 ? 'No Schema' : 'why' });
    expect(await world.requeue({ reason: 'no schema' })).toBe(14);
    expect(await world.open({ reason: 'no schema' })).toEqual([]);
    expect(await world.requeue({ limit: 5 })).toBe(5);
    expect(await world.requeue({ topic: 'other' })).toBe(0);
    expect(await world.requeue({ from: START + 1_000_000 })).toBe(0);
    // As the broker forgets them, since nobody stays in the group.
    for (const partition of [0, 1]) {
      const offset = { topic: LETTERS, partition, offset: 0, metadata: null };
      world.broker.offsets.commit('app-dead-letters', [offset]);
    }
    expect(await world.open()).toHaveLength(21);
    expect(await world.open({ limit: 4 })).toHaveLength(4);
    expect(await world.requeue()).toBe(21);
    expect(new Set(world.values()).size).toBe(40);
    expect(world.values()).toHaveLength(40);
  });

  test('the record is as it was, and says how often it was sent', async () => {
    const world = new World(3);
    world.letter('first');
    world.letter('third', { attempts: 2 });
    await world.requeue();
    const headers = world.returned().map((record) => record.headers);
    expect(headers).toEqual(
      expect.arrayContaining([
        { trace: 'first', '__streams.requeue.attempts': '1' },
        { trace: 'third', '__streams.requeue.attempts': '3' },
      ]),
    );
  });

  test('what can not go back stays, with why, and holds nothing else up', async () => {
    const world = new World(4);
    world.letter('fine');
    world.letter('invalid');
    world.letter('lost', { topic: 'gone' });
    const timer = { kind: 'timer', node: 'watch', key: Buffer.from('a'), at: 5 } as const;
    const failure = { kind: 'timer', node: { name: 'watch' }, error: new Error('why') } as const;
    const headers = deadLetterHeaders(timer, failure, { task: '0_0', partition: 0 });
    world.write({ key: Buffer.from('a'), value: Buffer.from('timer'), headers });
    world.letter('fine too');
    const why = new Map<string, string>();
    const onUnreturnable = ({ value }: DeadLetter, reason: string) =>
      void why.set(String(value), reason);
    expect(await world.requeue({ onUnreturnable })).toBe(2);
    expect(world.values()).toEqual(['fine', 'fine too']);
    expect(await world.open()).toEqual(['invalid', 'lost', 'timer']);
    expect(Object.fromEntries(why)).toEqual({
      invalid: expect.stringContaining('INVALID_RECORD') as string,
      lost: "there is no topic 'gone'",
      timer: "it comes from no topic (timer of 'watch')",
    });
  });

  test('a letter without its content is read where it came from, as long as it is there', async () => {
    const world = new World(5);
    const source = world.broker.cluster.find({ topic: 'in', partition: 2 });
    const original = { key: Buffer.from('k'), value: Buffer.from('whole'), headers: { own: 'x' } };
    source.append([original], START);
    const reference = (offset: number) => ({
      ...{ key: null, value: null },
      headers: {
        '__streams.errors.message': 'why',
        '__streams.errors.topic': 'in',
        '__streams.errors.partition': '2',
        '__streams.errors.offset': String(offset),
        '__streams.errors.omitted': '6',
        '__streams.requeue.attempts': '1',
      },
    });
    world.write(reference(0));
    world.write(reference(7));
    const why: string[] = [];
    const onUnreturnable = (_: DeadLetter, reason: string) => void why.push(reason);
    expect(await world.requeue({ onUnreturnable })).toBe(1);
    expect(why).toEqual(['it is only a reference, and in-2@7 is gone']);
    expect(world.returned().at(-1)).toEqual({
      value: 'whole',
      headers: { own: 'x', '__streams.requeue.attempts': '2' },
    });
  });
});

test('an application without dead letters has no topic of them', async () => {
  const world = new World(6);
  const other = world.run((letters) => letters.open().next(), 'never-ran');
  await expect(other).rejects.toThrow("there is no topic 'never-ran-dead-letter'");
});

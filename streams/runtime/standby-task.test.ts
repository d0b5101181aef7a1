import { describe, expect, onTestFinished, test } from 'vitest';
import { StreamsBuilder } from '../dsl/streams-builder.ts';
import { answerQuery } from '../query/answer-query.ts';
import { MemoryBackend } from '../state/memory-backend.ts';
import type { RawRecord } from '../task/input-record.ts';
import { jsonSerde, pingTopic } from '../testing/topics.ts';
import type { Kafka } from './kafka/kafka.ts';
import { Listeners } from './listeners.ts';
import { Restores } from './restores.ts';
import { resolveConfig } from './settings.ts';
import { StandbyTask } from './standby-task.ts';
import { BrokerRefusals } from './broker-refusals.ts';
import { ManualClock, settle } from './testing/clocks.ts';
import { answer, collectingLogger, stubKafka } from './testing/stub-kafka.ts';

const GET = { kind: 'get', store: 'latest', key: Buffer.from('a') } as const;
const request = { task: '0_0', query: GET, allowStale: true };

/** A changelog that grows when the test says so, and a standby that follows it. */
class Followed {
  readonly clock = new ManualClock();
  readonly records: RawRecord[] = [];
  readonly errors: unknown[] = [];
  readonly task: StandbyTask;
  isClosed = false;
  /** Until it is resolved, no end is known. */
  readonly reached = Promise.withResolvers<undefined>();
  fetched: Error | undefined;

  constructor() {
    const builder = new StreamsBuilder('standby');
    builder.stream(pingTopic('pings')).process<string, never>('keep', {
      store: builder.store('latest', jsonSerde<string>()),
      onRecord: () => undefined,
    });
    const backend = new MemoryBackend();
    backend.close = () => answer(() => void (this.isClosed = true));
    const kafka = this.#kafka();
    const { clock } = this;
    const logger = collectingLogger();
    const config = resolveConfig({ applicationId: 'app', kafka, stateDir: '', clock, logger });
    this.task = StandbyTask.start(
      {
        topology: builder.build().subTopologies[0]!,
        config,
        kafka,
        restores: new Restores(config),
        standbyUpdates: new Listeners(logger),
        topics: { tasks: [1], partitionCounts: new Map() },
        openBackend: () => Promise.resolve(backend),
        partition: 0,
        refusals: new BrokerRefusals({ ...config, kafka }),
        member: () => undefined,
      },
      (error) => this.errors.push(error),
    );
    onTestFinished(() => this.task.close());
  }

  write(key: string, value: string): void {
    const [offset, bytes] = [this.records.length, Buffer.from(JSON.stringify(value))];
    this.records.push({ offset, timestamp: 0, key: Buffer.from(key), value: bytes, headers: {} });
  }

  ask() {
    const { queryable } = this.task;
    return queryable && answerQuery([queryable], request);
  }

  #kafka(): Kafka {
    return stubKafka({
      listOffsets: async (_partitions, at) => {
        await this.reached.promise;
        return [at === 'earliest' ? 0 : this.records.length];
      },
      leader: () => answer(() => 1),
      fetch: (_leader, [position]) =>
        answer(() => {
          if (this.fetched) throw this.fetched;
          // One at a time.
          const records = this.records.slice(position!.offset, position!.offset + 1);
          const end = this.records.length;
          const at = { topic: position!.topic, partition: 0, error: undefined, records };
          const nextOffset = position!.offset + records.length;
          return [{ ...at, nextOffset, lastStableOffset: end, logStartOffset: 0 }];
        }),
    });
  }
}

describe('a standby that is asked', () => {
  test('does not answer before it knows how far it is behind', async () => {
    const followed = new Followed();
    await settle();
    expect(followed.task.lag).toBe(Infinity);
    expect(followed.ask()).toMatchObject({ reason: expect.stringMatching('how far') as string });
    followed.write('a', 'first');
    followed.reached.resolve(undefined);
    await followed.clock.advance(0);
    expect(followed.ask()).toMatchObject({ status: 'answered', isActive: false, lag: 0 });
  });

  test('answers with what it has read, as of when it last looked', async () => {
    const followed = new Followed();
    followed.reached.resolve(undefined);
    followed.write('a', 'first');
    await followed.clock.advance(0);
    const looked = followed.clock.now();
    followed.write('a', 'second');
    await followed.clock.advance(499);
    const old = { entries: [[GET.key, Buffer.from('"first"')]], position: 1, asOf: looked };
    expect(followed.ask()).toMatchObject(old);
    await followed.clock.advance(1);
    const now = { entries: [[GET.key, Buffer.from('"second"')]], position: 2, lag: 0 };
    expect(followed.ask()).toMatchObject({ ...now, asOf: looked + 500 });
  });

  test('does not answer any more once it is told to stop: what it has may be closed', async () => {
    const followed = new Followed();
    followed.reached.resolve(undefined);
    await followed.clock.advance(0);
    const promoted = followed.task.promote();
    expect([followed.ask(), followed.task.lag]).toEqual([undefined, Infinity]);
    await promoted;
  });

  test('does not answer any more after a failure, and lets its state go', async () => {
    const followed = new Followed();
    followed.reached.resolve(undefined);
    await followed.clock.advance(0);
    followed.write('a', 'first');
    followed.fetched = new Error('broken for good');
    await followed.clock.advance(500);
    expect(followed.errors).toEqual([followed.fetched]);
    expect([followed.ask(), followed.task.lag, followed.isClosed]).toEqual([
      undefined,
      Infinity,
      true,
    ]);
  });
});

import { describe, expect, test } from 'vitest';
import { StreamsException, TaskCorrupted, TaskMigrated } from '../errors.ts';
import { NO_HEADERS } from '../processor/record.ts';
import type { OutputRecord, TaskCommit } from '../task/commit.ts';
import { AtLeastOnceCommitter } from './at-least-once.ts';
import type { KafkaError, Member } from './kafka/kafka.ts';
import { silentLogger } from './logger.ts';
import { RecordsRefused } from './record-writer.ts';
import { LeapingClock } from './testing/clocks.ts';
import { answer, kafkaError, stubKafka } from './testing/stub-kafka.ts';

const { signal } = new AbortController();

/** A broker that notes what it is asked, and the group's view of this instance. */
class Brokers {
  readonly log: string[] = [];
  /** What the next calls meet, one after the other; undefined lets one through. */
  readonly produceFaults: (KafkaError | undefined)[] = [];
  readonly offsetFaults: (KafkaError | undefined)[] = [];
  /** By topic. */
  readonly refusals = new Map<string, KafkaError>();
  readonly ends = new Map<string, number>();
  readonly clock = new LeapingClock(() => this.onSleep());
  onSleep: () => void = () => undefined;
  member: Member | undefined = memberOf('m-1', 5);
  readonly committer = new AtLeastOnceCommitter({
    clock: this.clock,
    logger: silentLogger,
    transactionalId: 'app-0_1',
    transactionTimeoutMs: 10_000,
    partitionCounts: new Map(),
    deadLetterTopic: 'app-dead-letter',
    member: () => this.member,
    kafka: stubKafka({
      initProducerId: (id) =>
        answer(() => {
          this.log.push(`init ${id}`);
          return { producerId: 7n, epoch: 3 };
        }),
      leader: () => Promise.resolve(1),
      produce: (producer, _leader, batches) =>
        answer(() => {
          const fault = this.produceFaults.shift();
          if (fault) throw fault;
          expect(producer).toEqual({ producerId: 7n, epoch: 3 });
          return batches.map(({ topic, records }) => {
            this.log.push(`${topic} ${records.length}`);
            const refusal = this.refusals.get(topic);
            if (refusal) return refusal;
            const base = this.ends.get(topic) ?? 0;
            this.ends.set(topic, base + records.length);
            return base;
          });
        }),
      commitOffsets: ({ memberId, generation }, offsets) =>
        answer(() => {
          this.log.push(`offsets ${offsets.map((o) => o.offset).join()} ${memberId}/${generation}`);
          const fault = this.offsetFaults.shift();
          if (fault) throw fault;
        }),
    }),
  });

  async initialised(): Promise<this> {
    await this.committer.init(signal);
    this.log.length = 0;
    return this;
  }
}

function memberOf(memberId: string, generation: number): Member {
  return { groupId: 'app', memberId, instanceId: 'i', generation };
}

function record(topic: string): OutputRecord {
  return { topic, partition: 1, key: Buffer.from('k'), value: null, headers: NO_HEADERS };
}

function work(changelogs: readonly string[] = ['first', 'second'], standsAt = 0): TaskCommit {
  return {
    outputs: [record('out'), record('app-dead-letter'), record('out')],
    changelog: changelogs.map(record),
    offsets: [{ topic: 'in', partition: 1, offset: 12, metadata: '{}' }],
    standsAt: new Map(changelogs.map((topic) => [topic, standsAt])),
  };
}

const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    () => expect.unreachable('nothing was thrown'),
    (error: unknown) => error as Error,
  );

describe('a commit', () => {
  test('writes what says that a record was processed behind what came of it', async () => {
    const brokers = new Brokers();
    await brokers.committer.init(signal);
    const ends = await brokers.committer.commit(work());
    expect(ends).toEqual(
      new Map([
        ['second', 1],
        ['first', 1],
      ]),
    );
    const written = ['init app-0_1', 'out 2', 'second 1', 'first 1', 'app-dead-letter 1'];
    expect(brokers.log).toEqual(written);
    await brokers.committer.postCommit(work());
    expect(brokers.log).toEqual([...written, 'offsets 12 m-1/5']);
  });

  test('goes no further than what fails', async () => {
    const brokers = await new Brokers().initialised();
    brokers.produceFaults.push(undefined, kafkaError('NETWORK'));
    expect(await failureOf(brokers.committer.commit(work()))).toBeInstanceOf(TaskCorrupted);
    expect(brokers.log).toEqual(['out 2']);
  });

  test('that was refused says which records', async () => {
    const brokers = await new Brokers().initialised();
    brokers.refusals.set('second', kafkaError('MESSAGE_TOO_LARGE'));
    const error = await failureOf(brokers.committer.commit(work()));
    expect(error).toBeInstanceOf(RecordsRefused);
    expect(error).toMatchObject({ refused: [{ record: { topic: 'second' } }] });
    expect(brokers.log).toEqual(['out 2', 'second 1']);
  });

  test('of a fenced producer is another owner’s', async () => {
    const brokers = await new Brokers().initialised();
    brokers.produceFaults.push(kafkaError('INVALID_PRODUCER_EPOCH'));
    expect(await failureOf(brokers.committer.commit(work()))).toBeInstanceOf(TaskMigrated);
  });

  test('over records that local state does not have is void: the former owner has written them', async () => {
    const brokers = await new Brokers().initialised();
    brokers.ends.set('first', 40).set('second', 40);
    await brokers.committer.commit(work(['first', 'second'], 40));
    const error = await failureOf(brokers.committer.commit(work(['first'], 39)));
    expect(error).toBeInstanceOf(TaskCorrupted);
    expect(error.message).toContain("'first' has records from 39 to 41");
  });

  test.each(['before init', 'after a failure'])('needs to have taken over: %s', async (when) => {
    const brokers = new Brokers();
    if (when === 'after a failure') {
      await brokers.initialised();
      brokers.produceFaults.push(kafkaError('NETWORK'));
      await failureOf(brokers.committer.commit(work()));
    }
    const error = await failureOf(brokers.committer.commit(work()));
    expect(error.constructor).toBe(StreamsException);
    await brokers.committer.init(signal);
    await brokers.committer.commit(work(['third']));
  });
});

describe('offsets', () => {
  test('are those of the generation that there is by then', async () => {
    const brokers = await new Brokers().initialised();
    brokers.member = memberOf('m-1', 6);
    await brokers.committer.postCommit(work());
    expect(brokers.log).toEqual(['offsets 12 m-1/6']);
  });

  test.each(['REBALANCE_IN_PROGRESS', 'ILLEGAL_GENERATION'])(
    'wait for the generation that is on its way: %s',
    async (type) => {
      const brokers = await new Brokers().initialised();
      brokers.offsetFaults.push(kafkaError(type));
      brokers.onSleep = () => (brokers.member = memberOf('m-1', 6));
      await brokers.committer.postCommit(work());
      expect(brokers.log).toEqual(['offsets 12 m-1/5', 'offsets 12 m-1/6']);
    },
  );

  test('are asked for again when there is no answer: twice is no harm', async () => {
    const brokers = await new Brokers().initialised();
    brokers.offsetFaults.push(kafkaError('NETWORK'), kafkaError('NOT_COORDINATOR_FOR_GROUP'));
    await brokers.committer.postCommit(work());
    expect(brokers.log).toHaveLength(3);
  });

  test.each(['UNKNOWN_MEMBER_ID', 'FENCED_INSTANCE_ID'])(
    'of a member that was let go are refused, and the task is another’s: %s',
    async (type) => {
      const brokers = await new Brokers().initialised();
      brokers.offsetFaults.push(kafkaError(type));
      expect(await failureOf(brokers.committer.postCommit(work()))).toBeInstanceOf(TaskMigrated);
      expect(brokers.log).toHaveLength(1);
    },
  );

  test('that are refused for as long as a transaction may last are another’s', async () => {
    const brokers = await new Brokers().initialised();
    brokers.offsetFaults.push(
      ...new Array<KafkaError>(1000).fill(kafkaError('ILLEGAL_GENERATION')),
    );
    const startedAt = brokers.clock.now();
    expect(await failureOf(brokers.committer.postCommit(work()))).toBeInstanceOf(TaskMigrated);
    expect(brokers.clock.now() - startedAt).toBeLessThan(12_000);
  });

  test.each([
    ['let go', undefined],
    ['let go, and has joined again', memberOf('m-2', 7)],
  ])('are not asked for by an instance that was %s since it got the task', async (_, member) => {
    const brokers = await new Brokers().initialised();
    brokers.member = member;
    expect(await failureOf(brokers.committer.postCommit(work()))).toBeInstanceOf(TaskMigrated);
    expect(brokers.log).toEqual([]);
  });

  test('are waited for while the coordinator is away, and then the task starts again', async () => {
    const brokers = await new Brokers().initialised();
    brokers.offsetFaults.push(...new Array<KafkaError>(1000).fill(kafkaError('NETWORK')));
    expect(await failureOf(brokers.committer.postCommit(work()))).toBeInstanceOf(TaskCorrupted);
  });
});

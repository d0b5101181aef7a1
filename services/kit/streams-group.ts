import { Kafka, type Admin } from 'kafkajs';
import { systemClock } from '#streams/runtime/clock';
import { decodeSubscription } from '#streams/runtime/group-protocol';
import { KafkaError } from '#streams/runtime/kafka/kafka';
import { KafkaJsKafka } from '#streams/runtime/kafka/kafkajs-kafka';
import { silentLogger } from '#streams/runtime/logger';
import { retry } from '#streams/runtime/retry';
import { decodeOffsetMetadata } from '#streams/task/offset-metadata';
import { kafkaConfig } from './kafka.ts';
import type { Logger } from './log.ts';
import type { Settings } from './settings.ts';

/** A coordinator that moves, or starts. */
const PATIENCE_MS = 10_000;

/** An instance's thread that is in the group. */
export interface StreamsMember {
  readonly memberId: string;
  /** The machine that it comes from. */
  readonly clientHost: string;
  /** Where its instance answers over HTTP, `host:port`; undefined: nowhere. */
  readonly address: string | undefined;
}

/** Where a group is in a partition of an input. */
export interface CommittedInput {
  readonly topic: string;
  readonly partition: number;
  /** The first offset that is still there. */
  readonly earliest: number;
  /** The next offset to process; null: nothing was committed. */
  readonly position: number | null;
  /** Behind the last committed record. */
  readonly end: number;
  /** Offsets between, markers of transactions included. */
  readonly lag: number;
  /** Of its task, as of its last commit; epoch ms. Null: none yet. */
  readonly watermark: number | null;
}

/** A position that a group is moved to. */
export interface MovedInput {
  readonly topic: string;
  readonly partition: number;
  readonly to: number;
}

/** The group has members, and is theirs. */
export class GroupInUse extends Error {
  override readonly name = 'GroupInUse';

  constructor(group: string) {
    super(`group ${group} has members by now`);
  }
}

/** The group of a topology's application, seen from outside: who is in it, and how far it is. */
export class StreamsGroup implements AsyncDisposable {
  readonly applicationId: string;
  readonly admin: Admin;
  readonly #brokers: readonly string[];
  readonly #kafka: KafkaJsKafka;

  /** @throws when the brokers can't be reached */
  static async open(
    { applicationId, kafka }: Pick<Settings, 'applicationId' | 'kafka'>,
    clientId: string,
    logger: Logger,
  ): Promise<StreamsGroup> {
    const config = kafkaConfig(kafka, clientId, logger);
    const group = new StreamsGroup(
      applicationId,
      kafka.brokers,
      new Kafka(config).admin(),
      new KafkaJsKafka(config),
    );
    try {
      await group.admin.connect();
    } catch (error) {
      await group[Symbol.asyncDispose]();
      const what = `can not reach Kafka at ${kafka.brokers.join()} (KAFKA_BROKERS)`;
      throw new Error(`${what}: ${(error as Error).message}`, { cause: error });
    }
    return group;
  }

  private constructor(
    applicationId: string,
    brokers: readonly string[],
    admin: Admin,
    kafka: KafkaJsKafka,
  ) {
    this.applicationId = applicationId;
    this.admin = admin;
    this.#brokers = brokers;
    this.#kafka = kafka;
  }

  async members(): Promise<StreamsMember[]> {
    const { groups } = await this.admin.describeGroups([this.applicationId]);
    return groups.flatMap(({ members }) =>
      members.map(({ memberId, clientHost, memberMetadata }) => ({
        memberId,
        clientHost: clientHost.replace(/^\//, ''),
        // While a rebalance is on, the broker does not say what members have said.
        address:
          memberMetadata.length === 0
            ? undefined
            : decodeSubscription(memberMetadata).applicationServer,
      })),
    );
  }

  /**
   * By topic, in the given order, then by partition.
   * @throws when a topic does not exist
   */
  async inputs(topics: readonly string[]): Promise<CommittedInput[]> {
    const counts = await this.#kafka.partitionCounts(topics);
    const missing = topics.filter((name) => !counts.has(name));
    if (missing.length > 0)
      throw new Error(
        `there is no topic ${missing.join(', ')} at ${this.#brokers.join()}: is it the right broker (KAFKA_BROKERS)?`,
      );
    const partitions = topics.flatMap((topic) =>
      Array.from({ length: counts.get(topic)! }, (_, partition) => ({ topic, partition })),
    );
    const ask = <T>(what: string, call: () => Promise<T>): Promise<T> =>
      retry(what, call, {
        ...{ kafka: this.#kafka, clock: systemClock, logger: silentLogger },
        deadline: systemClock.now() + PATIENCE_MS,
      });
    const list = (at: 'earliest' | 'latest') => () => this.#kafka.listOffsets(partitions, at);
    const earliest = await ask('first offsets', list('earliest'));
    // Before the ends: what is read later can only be ahead of it.
    const committed = await ask('committed offsets', () =>
      this.#kafka.committedOffsets(this.applicationId, partitions),
    );
    const ends = await ask('last offsets', list('latest'));
    return partitions.map((each, i): CommittedInput => {
      const position = committed[i]?.offset ?? null;
      const { watermark } = decodeOffsetMetadata(committed[i]?.metadata ?? null);
      return {
        ...each,
        earliest: earliest[i]!,
        position,
        end: ends[i]!,
        lag: Math.max(0, ends[i]! - Math.max(position ?? 0, earliest[i]!)),
        watermark: watermark === -Infinity ? null : watermark,
      };
    });
  }

  /**
   * Lets the group go on elsewhere, without a watermark.
   * @throws {GroupInUse} when it has members: they would commit over it
   */
  async moveTo(positions: readonly MovedInput[]): Promise<void> {
    // The group is nobody's, and what is committed from outside has no generation; the broker sees to both.
    const outsider = { groupId: this.applicationId, memberId: '', instanceId: '', generation: -1 };
    const offsets = positions.map(({ topic, partition, to }) => ({
      ...{ topic, partition, offset: to, metadata: null },
    }));
    try {
      await this.#kafka.commitOffsets(outsider, offsets);
    } catch (error) {
      const isInUse = error instanceof KafkaError && error.type === 'UNKNOWN_MEMBER_ID';
      throw isInUse ? new GroupInUse(this.applicationId) : error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.allSettled([this.admin.disconnect(), this.#kafka.close()]);
  }
}

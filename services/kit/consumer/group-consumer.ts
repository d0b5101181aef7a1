/**
 * A group of processes that share the partitions of some topics, for work whose effects are outside of Kafka: a call, a row, a
 * document. Membership, fetching and fencing are the stream runtime's own.
 *
 * G1. A partition number is consumed by at most one member: the next one starts when the former has ended, or was let go.
 * G2. Whoever consumes says where to begin: where what it did is kept, so is how far it came.
 * G3. What fails is started again from there, after a pause, for as long as it takes; meanwhile health is DOWN and says why.
 */
import type { AvroTopic, SchemaRegistry } from '#schemas';
import { backoffMs } from '#streams/runtime/backoff';
import { systemClock, type Clock } from '#streams/runtime/clock';
import { Fetcher, type FetchSubscription } from '#streams/runtime/fetcher';
import { heartbeatIntervalMs } from '#streams/runtime/thread-supervisor';
import type { Kafka, TopicPartition } from '#streams/runtime/kafka/kafka';
import { Membership } from '#streams/runtime/membership';
import { retry } from '#streams/runtime/retry';
import type { ComponentHealth } from '../health.ts';
import type { Logger } from '../log.ts';
import { knownPartitions } from './known-partitions.ts';
import { PartitionFeed, type ConsumedBatch, type ReadTopic } from './partition-feed.ts';

/** A partition number of all the topics, as long as it is this member's. */
export interface AssignedPartition {
  readonly partition: number;
  /** Aborted when it is not any more, or the consumer stops. */
  readonly signal: AbortSignal;
  /**
   * What the topics hold from these offsets on, as it comes; topics without one are read from their beginning. The next batch
   * is asked for when the one before is done.
   */
  read(positions: ReadonlyMap<string, number>): AsyncIterable<ConsumedBatch>;
}

/** Consumes a partition until its signal is aborted. What it throws is told, and it is called again. */
export type ConsumePartition = (assigned: AssignedPartition) => Promise<void>;

export interface GroupConsumerOptions {
  readonly groupId: string;
  /** Stable over restarts: a restarted process takes its old place at once. */
  readonly instanceId: string;
  readonly kafka: Kafka;
  readonly schemas: SchemaRegistry;
  readonly topics: readonly AvroTopic<unknown>[];
  readonly consume: ConsumePartition;
  readonly logger: Logger;
  readonly clock?: Clock;
}

/** Where a partition stands; for metrics. */
export interface ConsumerPosition extends TopicPartition {
  readonly offset: number;
  /** The partition's end, as of the last fetch. */
  readonly end: number | undefined;
}

interface Running {
  readonly stop: AbortController;
  readonly ended: Promise<void>;
  subscriptions: readonly FetchSubscription[];
  failure: string | undefined;
}

const SESSION_MS = 10_000;
const REBALANCE_MS = 60_000;
/** A fetch is answered as soon as there is something. */
const MAX_WAIT_MS = 500;
const PAUSE = { firstMs: 200, longestMs: 5000 };

export class GroupConsumer {
  readonly #options: GroupConsumerOptions;
  readonly #clock: Clock;
  readonly #stop = new AbortController();
  readonly #left = new AbortController();
  readonly #fetcher: Fetcher;
  readonly #running = new Map<number, Running>();
  #wanted: ReadonlySet<number> = new Set();
  #counts: ReadonlyMap<string, number> = new Map();
  #membership: Membership | undefined;
  #member: Promise<void> | undefined;
  #fault: string | undefined = 'not in the group yet';
  #registryFault: string | undefined;
  #letters = 0;

  constructor(options: GroupConsumerOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#fetcher = new Fetcher({
      kafka: options.kafka,
      clock: this.#clock,
      logger: options.logger,
      maxWaitMs: MAX_WAIT_MS,
      onError: (subscription, error) => this.#feeds.get(subscription)?.fail(error),
      onContact: (error) => (this.#fault = error?.message),
    });
  }

  readonly #feeds = new Map<FetchSubscription, PartitionFeed>();

  /** The partition numbers that it consumes. */
  get partitions(): number[] {
    return [...this.#running.keys()].sort((a, b) => a - b);
  }

  /** Records that could not be read, since the start. */
  get deadLetters(): number {
    return this.#letters;
  }

  get positions(): ConsumerPosition[] {
    return [...this.#running.values()].flatMap(({ subscriptions }) =>
      subscriptions.map(({ topic, partition, offset, end }) => ({ topic, partition, offset, end })),
    );
  }

  /** For `/actuator/health`. */
  get health(): Readonly<Record<'kafka' | 'schemaRegistry' | 'consumer', ComponentHealth>> {
    const failures = [...this.#running].flatMap(([partition, { failure }]) =>
      failure === undefined ? [] : [{ partition, reason: failure }],
    );
    const down = (reason: string | undefined): ComponentHealth =>
      reason === undefined ? { status: 'UP' } : { status: 'DOWN', details: { reason } };
    return {
      kafka: down(this.#fault),
      schemaRegistry: down(this.#registryFault),
      consumer: {
        status: failures.length > 0 ? 'DOWN' : 'UP',
        details: { partitions: this.partitions, ...(failures.length > 0 && { failures }) },
      },
    };
  }

  /** Joins the group in the background; waits for topics that are missing. Resolves when it has left the group. */
  async run(): Promise<void> {
    const counts = await this.#waitForTopics();
    if (!counts) return;
    this.#counts = counts;
    const { groupId, instanceId, kafka, logger } = this.#options;
    const tasks = Array.from({ length: Math.max(...counts.values()) }, (_, partition) => ({
      id: taskOf(partition),
      partition,
      topics: [...counts].filter(([, count]) => partition < count).map(([name]) => name),
    }));
    const membership = new Membership({
      kafka,
      clock: this.#clock,
      logger,
      groupId,
      instanceId,
      tasks,
      standbyReplicas: 0,
      applicationServer: undefined,
      sessionTimeoutMs: SESSION_MS,
      rebalanceTimeoutMs: REBALANCE_MS,
      heartbeatIntervalMs: heartbeatIntervalMs({ sessionTimeoutMs: SESSION_MS }),
      state: () => ({ active: [...this.#running.keys()].map(taskOf), standby: [] }),
      onAssigned: ({ active }) => {
        this.#fault = undefined;
        this.#want(new Set(active.map(partitionOf)));
      },
      onLost: () => {
        logger.warn({ groupId }, 'not in the group any more, joining again');
        this.#want(new Set());
      },
      // Nobody here asks for it.
      onShutdown: () => undefined,
    });
    this.#membership = membership;
    this.#member = this.#keepMembership(membership);
    await this.#member;
  }

  /** Lets what is under way end or go, and leaves the group. */
  async close(): Promise<void> {
    this.#stop.abort();
    this.#want(new Set());
    await Promise.all([...this.#running.values()].map(({ ended }) => ended));
    await this.#fetcher.stop();
    this.#left.abort();
    await this.#member;
    await this.#membership?.leave();
  }

  async #keepMembership(membership: Membership): Promise<void> {
    for (let failures = 1; !this.#left.signal.aborted; failures++) {
      try {
        await membership.run(this.#left.signal);
      } catch (error) {
        this.#fault = `the group can't be joined: ${(error as Error).message}`;
        this.#options.logger.error({ error }, this.#fault);
        this.#want(new Set());
        await this.#clock.sleep(backoffMs(failures, PAUSE, Math.random), this.#left.signal);
      }
    }
  }

  #waitForTopics(): Promise<ReadonlyMap<string, number> | undefined> {
    const { kafka, topics, logger } = this.#options;
    const names = topics.map(({ name }) => name);
    return knownPartitions(kafka, names, {
      clock: this.#clock,
      logger,
      signal: this.#stop.signal,
      onMissing: (missing) =>
        (this.#fault = `waiting for topics that do not exist: ${missing.join(', ')}`),
    });
  }

  #want(partitions: ReadonlySet<number>): void {
    this.#wanted = this.#stop.signal.aborted ? new Set() : partitions;
    for (const [partition, { stop }] of this.#running)
      if (!this.#wanted.has(partition)) stop.abort();
    for (const partition of this.#wanted) this.#start(partition);
  }

  /** Does nothing where it runs, or has not ended yet: it is looked at again when it has. */
  #start(partition: number): void {
    if (this.#running.has(partition)) return;
    const stop = new AbortController();
    const running: Running = {
      stop,
      subscriptions: [],
      failure: undefined,
      ended: Promise.resolve().then(() => this.#keepConsuming(partition, running)),
    };
    this.#running.set(partition, running);
  }

  async #keepConsuming(partition: number, running: Running): Promise<void> {
    const { logger, groupId } = this.#options;
    const { signal } = running.stop;
    logger.info({ groupId, partition }, 'partition taken over');
    for (let failures = 1; !signal.aborted; failures++) {
      try {
        await this.#consume(partition, running, () => {
          failures = 1;
          running.failure = undefined;
        });
      } catch (error) {
        if (isOver(signal)) break;
        const reason = (error as Error).message;
        running.failure = reason;
        const pauseMs = backoffMs(failures, PAUSE, Math.random);
        logger.warn({ groupId, partition, error, pauseMs }, `trying again: ${reason}`);
        await this.#clock.sleep(pauseMs, signal);
      }
    }
    this.#running.delete(partition);
    logger.info({ groupId, partition }, 'partition given up');
    if (this.#wanted.has(partition)) this.#start(partition);
    // So that the leader can give it to another member.
    else if (!this.#left.signal.aborted) this.#membership?.rejoin();
  }

  async #consume(partition: number, running: Running, onProgress: () => void): Promise<void> {
    const { groupId, schemas, topics, consume } = this.#options;
    const read: ReadTopic[] = topics
      .filter(({ name }) => partition < (this.#counts.get(name) ?? 0))
      .map((topic) => ({ topic, serde: schemas.serde(topic) }));
    // Of this attempt: what is left of it when it fails must not go on fetching.
    const over = new AbortController();
    const signal = AbortSignal.any([running.stop.signal, over.signal]);
    const feed = new PartitionFeed({
      topics: read,
      partition,
      groupId,
      clock: this.#clock,
      signal,
      onRegistry: (problem) => (this.#registryFault = problem),
      onQuiet: () => {
        if (running.subscriptions.every(isAtEnd)) onProgress();
      },
    });
    try {
      const start = (positions: ReadonlyMap<string, number>) =>
        this.#subscribe(feed, read, partition, positions, running);
      const count = (letters: number) => (this.#letters += letters);
      await consume({
        partition,
        signal,
        async *read(positions) {
          await start(positions);
          // To have begun is no progress: what failed before is still to come.
          for (let batch = await feed.next(); batch; batch = await feed.next()) {
            count(batch.letters.length);
            yield batch;
            onProgress();
          }
        },
      });
    } finally {
      over.abort();
      this.#fetcher.remove(running.subscriptions);
      for (const subscription of running.subscriptions) this.#feeds.delete(subscription);
      running.subscriptions = [];
    }
  }

  async #subscribe(
    feed: PartitionFeed,
    read: readonly ReadTopic[],
    partition: number,
    positions: ReadonlyMap<string, number>,
    running: Running,
  ): Promise<void> {
    const { kafka, logger, groupId } = this.#options;
    const fresh = read
      .filter(({ topic }) => !positions.has(topic.name))
      .map(({ topic }) => ({ topic: topic.name, partition }));
    const context = { kafka, clock: this.#clock, logger, signal: running.stop.signal };
    const list = () => kafka.listOffsets(fresh, 'earliest');
    const earliest =
      fresh.length === 0 ? [] : await retry(`first offsets of ${groupId}`, list, context);
    const starts = new Map(positions);
    fresh.forEach(({ topic }, i) => starts.set(topic, earliest[i]!));
    running.subscriptions = feed.subscriptions(starts);
    for (const subscription of running.subscriptions) this.#feeds.set(subscription, feed);
    this.#fetcher.add(running.subscriptions);
  }
}

/** It may be by now, whatever it was before. */
function isOver(signal: AbortSignal): boolean {
  return signal.aborted;
}

function isAtEnd({ offset, end }: FetchSubscription): boolean {
  return end !== undefined && offset >= end;
}

function taskOf(partition: number): string {
  return `0_${partition}`;
}

function partitionOf(task: string): number {
  return Number(task.slice(2));
}

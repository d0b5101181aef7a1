import { StreamsException, TaskCorrupted, TaskMigrated } from '../errors.ts';
import type { ChangelogEnds, OutputRecord, TaskCommit } from '../task/commit.ts';
import type { Clock } from './clock.ts';
import { KafkaError, type Kafka, type Producer, type ProduceBatch } from './kafka/kafka.ts';
import { partitionFor } from './kafka/partitioner.ts';
import { recordSizeBound } from './kafka/record-batch.ts';
import type { Logger } from './logger.ts';
import { retry } from './retry.ts';

/** Well below a broker's default limit of 1 MiB for a batch. */
const BATCH_BYTES = 512 * 1024;

export interface TransactionOptions {
  readonly kafka: Kafka;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly transactionalId: string;
  readonly groupId: string;
  readonly transactionTimeoutMs: number;
  /** Partition counts of every topic that is written. */
  readonly partitionCounts: ReadonlyMap<string, number>;
}

/**
 * The transactions of one task, one after the other.
 *
 * X1. `init` fences whoever had the transactional id, and ends its open transaction; only then may committed offsets be
 *     read, since only then are they final.
 * X2. A commit is outputs, changelog and offsets, or nothing: each transaction carries offsets, so what the group has
 *     committed tells whether it counted.
 * X3. A commit that failed, or whose outcome is not known, ends this producer: its task starts again with `init`.
 */
export class TransactionManager {
  readonly #options: TransactionOptions;
  #producer: Producer | undefined;
  /** When the transaction at hand was begun; wall clock. */
  #startedAt = 0;
  #sequences = new Map<string, number>();

  constructor(options: TransactionOptions) {
    this.#options = options;
  }

  /** Tries until it succeeds or `signal` is aborted. */
  async init(signal: AbortSignal): Promise<void> {
    const { kafka, transactionalId, transactionTimeoutMs } = this.#options;
    const id = await retry(
      `taking over transactional id '${transactionalId}'`,
      () => kafka.initProducerId(transactionalId, transactionTimeoutMs),
      { ...this.#options, signal },
    );
    this.#producer = { ...id, transactionalId };
    this.#sequences = new Map();
  }

  /**
   * Writes a commit as one transaction.
   * @returns per changelog topic the offset behind its last record
   * @throws {TaskMigrated} it was fenced: another producer has taken over, or the broker has given the transaction up
   * @throws {TaskCorrupted} it failed, or whether it did is not known
   */
  async commit(commit: TaskCommit): Promise<ChangelogEnds> {
    const producer = this.#producer;
    if (!producer)
      throw new StreamsException(`'${this.#options.transactionalId}': commit before init`);
    this.#startedAt = this.#options.clock.now();
    try {
      const ends = await this.#write(producer, commit);
      await this.#soon('offsets', () =>
        this.#options.kafka.sendOffsetsToTxn(producer, this.#options.groupId, commit.offsets),
      );
      await this.#soon('end of transaction', () => this.#options.kafka.endTxn(producer, 'commit'));
      return ends;
    } catch (error) {
      this.#producer = undefined;
      await this.#refresh(error);
      throw this.#verdict(error);
    }
  }

  async #write(producer: Producer, { outputs, changelog }: TaskCommit): Promise<ChangelogEnds> {
    const ends = new Map<string, number>();
    const perPartition = this.#group([...outputs, ...changelog]);
    if (perPartition.size === 0) return ends;
    const partitions = [...perPartition.values()].map((p) => p.at);
    await this.#soon('partitions', () =>
      this.#options.kafka.addPartitionsToTxn(producer, partitions),
    );

    const changelogs = new Set(changelog.map((record) => record.topic));
    // A request has room for one batch of a partition; further ones go with the next.
    for (let round = 0; [...perPartition.values()].some((p) => p.batches.length > round); round++) {
      for (const [leader, batches] of await this.#byLeader(perPartition, round)) {
        const offsets = await this.#options.kafka.produce(producer, leader, batches);
        batches.forEach(({ topic, records }, i) => {
          if (changelogs.has(topic)) ends.set(topic, offsets[i]! + records.length);
        });
      }
    }
    return ends;
  }

  #group(records: readonly OutputRecord[]): Map<string, PartitionBatches> {
    const grouped = new Map<string, PartitionBatches>();
    for (const record of records) {
      const partition = record.partition ?? this.#partition(record);
      const name = `${record.topic}-${partition}`;
      let found = grouped.get(name);
      if (!found) {
        found = { at: { topic: record.topic, partition }, batches: [], size: Infinity };
        grouped.set(name, found);
      }
      const size = recordSizeBound(record);
      if (found.size + size > BATCH_BYTES) {
        found.batches.push([]);
        found.size = 0;
      }
      found.batches.at(-1)!.push(record);
      found.size += size;
    }
    return grouped;
  }

  #partition({ topic, key }: OutputRecord): number {
    const count = this.#options.partitionCounts.get(topic);
    if (count === undefined)
      throw new StreamsException(`the partition count of '${topic}' is not known`);
    return partitionFor(key, count);
  }

  async #byLeader(
    grouped: ReadonlyMap<string, PartitionBatches>,
    round: number,
  ): Promise<Map<number, ProduceBatch[]>> {
    const led = new Map<number, ProduceBatch[]>();
    for (const [name, { at, batches }] of grouped) {
      const records = batches[round];
      if (!records) continue;
      const leader = await this.#soon('leader', () => this.#options.kafka.leader(at));
      const baseSequence = this.#sequences.get(name) ?? 0;
      this.#sequences.set(name, sequenceAfter(baseSequence, records.length));
      const batch = { ...at, records, baseSequence, timestamp: this.#options.clock.now() };
      led.set(leader, [...(led.get(leader) ?? []), batch]);
    }
    return led;
  }

  /**
   * Requests that a coordinator has not executed when it answers with a retriable error. No answer at all is no such thing:
   * the request may have been executed. All together have the time after which the broker gives the transaction up.
   */
  #soon<T>(what: string, call: () => Promise<T>): Promise<T> {
    return retry(`${what} of '${this.#options.transactionalId}'`, call, {
      ...this.#options,
      deadline: this.#startedAt + this.#options.transactionTimeoutMs,
      isRetriable: (error) => error.isRetriable && error.type !== 'NETWORK',
    });
  }

  /** Records are not written twice; but the next attempt must not go to a leader that is none any more. */
  async #refresh(error: unknown): Promise<void> {
    if (!(error instanceof KafkaError) || !error.isRetriable) return;
    const { kafka, logger } = this.#options;
    await kafka.refresh().catch((refreshError: unknown) => {
      logger.debug({ error: refreshError }, 'metadata could not be refreshed');
    });
  }

  #verdict(error: unknown): Error {
    if (!(error instanceof KafkaError)) return error as Error;
    const { transactionalId, transactionTimeoutMs, clock } = this.#options;
    if (error.isFenced) {
      const ms = clock.now() - this.#startedAt;
      // The same answer either way: only the group knows whose the task is.
      const why =
        ms < transactionTimeoutMs
          ? 'another producer has taken over'
          : `it took longer than transactionTimeoutMs = ${transactionTimeoutMs}: raise that, or commit less at a time`;
      return new TaskMigrated(
        `a transaction of '${transactionalId}' was fenced after ${ms} ms (${error.message}); ${why}`,
        { cause: error },
      );
    }
    if (error.type === 'MESSAGE_TOO_LARGE' || error.type.endsWith('AUTHORIZATION_FAILED')) {
      return new StreamsException(
        `'${transactionalId}' can't write: ${error.message}; raise max.message.bytes of the topic, or give the rights`,
        { cause: error },
      );
    }
    const failed = `a transaction of '${transactionalId}' failed: ${error.message}`;
    // What is refused for good would be refused again: starting over would go on for ever.
    if (!error.isRetriable && error.type !== 'UNKNOWN')
      return new StreamsException(failed, { cause: error });
    return new TaskCorrupted(failed, { cause: error });
  }
}

/** Sequence numbers are of 31 bits and start again at 0. */
export function sequenceAfter(baseSequence: number, count: number): number {
  return (baseSequence + count) % 2 ** 31;
}

interface PartitionBatches {
  readonly at: { readonly topic: string; readonly partition: number };
  readonly batches: OutputRecord[][];
  /** Of the last batch. */
  size: number;
}

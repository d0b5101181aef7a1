import { StreamsException } from '../errors.ts';
import type { ChangelogEnds, TaskCommit } from '../task/commit.ts';
import { refreshAfter, verdictOf } from './commit-errors.ts';
import type { Committer, CommitterOptions } from './committer.ts';
import type { Producer, TopicPartition } from './kafka/kafka.ts';
import { changelogEnds, RecordWriter } from './record-writer.ts';
import { retry } from './retry.ts';

export interface TransactionOptions extends CommitterOptions {
  /** Whose offsets are committed. */
  readonly groupId: string;
}

/**
 * The transactions of one task, one after the other: its commits are exactly once.
 *
 * X1. `init` fences whoever had the transactional id, and ends its open transaction; only then may committed offsets be
 *     read, since only then are they final.
 * X2. A commit is outputs, changelog and offsets, or nothing: each transaction carries offsets, so what the group has
 *     committed tells whether it counted.
 * X3. A commit that failed, or whose outcome is not known, ends this producer: its task starts again with `init`, which ends
 *     what is left of the transaction.
 */
export class TransactionManager implements Committer {
  readonly #options: TransactionOptions;
  #open: { readonly producer: Producer; readonly writer: RecordWriter } | undefined;
  /** When the transaction at hand was begun; wall clock. */
  #startedAt = 0;

  constructor(options: TransactionOptions) {
    this.#options = options;
  }

  async init(signal: AbortSignal): Promise<void> {
    const { kafka, transactionalId, transactionTimeoutMs } = this.#options;
    const id = await retry(
      `taking over transactional id '${transactionalId}'`,
      () => kafka.initProducerId(transactionalId, transactionTimeoutMs),
      { ...this.#options, signal },
    );
    const producer = { ...id, transactionalId };
    const leader = (at: TopicPartition) => this.#soon('leader', () => kafka.leader(at));
    this.#open = { producer, writer: new RecordWriter({ ...this.#options, producer, leader }) };
  }

  /** Writes a commit as one transaction. */
  async commit(commit: TaskCommit): Promise<ChangelogEnds> {
    const { kafka, clock, groupId, transactionalId, transactionTimeoutMs } = this.#options;
    if (!this.#open) throw new StreamsException(`'${transactionalId}': commit before init`);
    const { producer, writer } = this.#open;
    this.#startedAt = clock.now();
    try {
      const ends = await this.#write(producer, writer, commit);
      await this.#soon('offsets', () => kafka.sendOffsetsToTxn(producer, groupId, commit.offsets));
      await this.#soon('end of transaction', () => kafka.endTxn(producer, 'commit'));
      return ends;
    } catch (error) {
      this.#open = undefined;
      await refreshAfter(error, this.#options);
      throw verdictOf(error, transactionalId, clock.now() - this.#startedAt, transactionTimeoutMs);
    }
  }

  /** Offsets are part of the transaction. */
  postCommit(): Promise<void> {
    return Promise.resolve();
  }

  async #write(
    producer: Producer,
    writer: RecordWriter,
    { outputs, changelog }: TaskCommit,
  ): Promise<ChangelogEnds> {
    const batches = writer.batchesOf([...outputs, ...changelog]);
    if (batches.length === 0) return new Map();
    const partitions = batches.map(({ at }) => at);
    await this.#soon('partitions', () =>
      this.#options.kafka.addPartitionsToTxn(producer, partitions),
    );
    return changelogEnds(changelog, await writer.write(batches));
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
}

import { deadLetterTopic } from '#streams/graph/topology';
import { systemClock, type Clock } from '#streams/runtime/clock';
import type { Kafka } from '#streams/runtime/kafka/kafka';
import { retry } from '#streams/runtime/retry';
import { TransactionManager } from '#streams/runtime/transaction-manager';
import type { OutputRecord } from '#streams/task/commit';
import type { Logger } from '../log.ts';

export interface PartitionTransactionsOptions {
  readonly groupId: string;
  readonly partition: number;
  /** What is read. */
  readonly topics: readonly string[];
  readonly kafka: Kafka;
  /** Of every topic that is written, the dead letters' included. */
  readonly partitionCounts: ReadonlyMap<string, number>;
  readonly logger: Logger;
  readonly clock?: Clock;
}

const TRANSACTION_TIMEOUT_MS = 10_000;

/** What comes of a partition, and how far it was consumed, in one transaction each. */
export class PartitionTransactions {
  readonly #options: PartitionTransactionsOptions;
  readonly #clock: Clock;
  readonly #manager: TransactionManager;

  constructor(options: PartitionTransactionsOptions) {
    const { groupId, partition } = options;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#manager = new TransactionManager({
      ...options,
      clock: this.#clock,
      transactionalId: `${groupId}-${partition}`,
      transactionTimeoutMs: TRANSACTION_TIMEOUT_MS,
      deadLetterTopic: deadLetterTopic(groupId),
    });
  }

  /** Shuts out whoever had the partition before. @returns the committed offsets, by topic */
  async begin(signal: AbortSignal): Promise<Map<string, number>> {
    const { kafka, groupId, partition, topics, logger } = this.#options;
    await this.#manager.init(signal);
    const partitions = topics.map((topic) => ({ topic, partition }));
    const found = await retry(
      `committed offsets of ${groupId}`,
      () => kafka.committedOffsets(groupId, partitions),
      { kafka, clock: this.#clock, logger, signal },
    );
    return new Map(
      topics.flatMap((topic, i) => {
        const committed = found[i];
        return committed ? [[topic, committed.offset]] : [];
      }),
    );
  }

  /** @throws as the runtime's `Committer`: whoever it fails for begins again */
  async commit(
    outputs: readonly OutputRecord[],
    positions: ReadonlyMap<string, number>,
  ): Promise<void> {
    const { partition } = this.#options;
    const offsets = [...positions].map(([topic, offset]) => ({
      topic,
      partition,
      offset,
      metadata: '',
    }));
    await this.#manager.commit({ outputs, changelog: [], standsAt: new Map(), offsets });
  }
}

import type { ChangelogEnds, TaskCommit } from '../task/commit.ts';
import type { Clock } from './clock.ts';
import type { Kafka } from './kafka/kafka.ts';
import type { Logger } from './logger.ts';

export interface CommitterOptions {
  readonly kafka: Kafka;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Whoever takes it over shuts out who had it before. */
  readonly transactionalId: string;
  readonly transactionTimeoutMs: number;
  /** Partition counts of every topic that is written. */
  readonly partitionCounts: ReadonlyMap<string, number>;
  /** If dead letters are written. */
  readonly deadLetterTopic?: string;
}

/**
 * Makes the work of one task last; one for each processing guarantee. In this order:
 *
 * C1. `init` shuts out whoever had the task before; only then may committed offsets be read.
 * C2. `commit` writes outputs and changelog. Only then local state follows.
 * C3. `postCommit` does what must come after local state. What failed on the way ends the committer: its task starts again
 *     with `init`, from what is committed.
 */
export interface Committer {
  /** Tries until it succeeds or `signal` is aborted. */
  init(signal: AbortSignal): Promise<void>;
  /**
   * @returns per changelog topic the offset behind its last record
   * @throws {TaskMigrated} another owner has taken over
   * @throws {TaskCorrupted} it failed, or whether it did is not known; `RecordsRefused`: some records can't be written at all
   */
  commit(commit: TaskCommit): Promise<ChangelogEnds>;
  /** @throws as `commit` */
  postCommit(commit: TaskCommit): Promise<void>;
}

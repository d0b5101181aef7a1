import type { Topology } from '#streams';
import type { CommittedTransaction } from '../broker/transactions.ts';
import type { LogEntry, TopicLimit } from '../broker/partition-log.ts';
import type { Arrivals } from './arrivals.ts';

/** A record of the outside world, and when it is written. */
export interface Input {
  /** Virtual time, after the start. */
  readonly atMs: number;
  readonly topic: string;
  readonly key: Buffer;
  readonly value: Buffer;
  /**
   * `plain`: outside of a transaction. Else in one that stays open for a while, and whose records are to be read or not.
   */
  readonly writer: 'plain' | 'committed' | 'aborted';
  readonly openMs: number;
  /** What the record is expected to become. */
  readonly isDeadLetter: boolean;
}

/** What one task has committed in one transaction. */
export interface TaskCommitted {
  readonly transaction: CommittedTransaction;
  readonly partition: number;
  /** The input records from the last committed offsets on. */
  readonly read: readonly LogEntry[];
  /** By topic. */
  readonly written: ReadonlyMap<string, readonly LogEntry[]>;
  /** The committed watermark, before and with this transaction. */
  readonly watermarkBefore: number;
  readonly watermark: number;
}

/** A topology with records for it, and what must have come out. Checks throw `Violation`. */
export interface Workload {
  readonly topology: Topology;
  readonly arrivals: Arrivals;
  /** Partition counts; `undefined`: that of the inputs. */
  readonly topics: ReadonlyMap<string, number | undefined>;
  readonly inputs: readonly Input[];
  /** What a topic does not take. */
  limitOf(topic: string): TopicLimit;
  /** Event time by which everything has been due. */
  readonly lastDueAt: number;
  /** A state's bytes, for a disk that has what does not belong there. */
  readonly strangeState: Buffer;
  /** Called for each transaction of a task, in the order in which they are decided. */
  checkCommit(committed: TaskCommitted): void;
  /**
   * Called when offsets are committed outside of transactions: what came of the records before them must be there.
   * @param read the input records since those that were committed before
   */
  checkProgress(read: readonly LogEntry[], records: ReadTopic): void;
  checkEnd(records: ReadTopic, guarantee: ProcessingGuarantee): void;
}

/** What readers see of a topic, partition after partition. */
export type ReadTopic = (topic: string) => readonly LogEntry[];

export type ProcessingGuarantee = 'exactly_once_v2' | 'at_least_once';

/** What must never be. */
export class Violation extends Error {
  override name = 'Violation';
}

export function ensure(condition: boolean, message: () => string): void {
  if (!condition) throw new Violation(message());
}

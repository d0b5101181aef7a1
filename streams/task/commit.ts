import type { Headers } from '../processor/record.ts';

/** A record to be written. Without a partition, its key decides (murmur2). */
export interface OutputRecord {
  readonly topic: string;
  readonly partition?: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Headers;
  /** The record's own, epoch ms; default: when it is written. */
  readonly timestamp?: number;
}

/** How far an input partition has been processed. */
export interface CommittedOffset {
  readonly topic: string;
  readonly partition: number;
  /** The next offset to be processed. */
  readonly offset: number;
  /** What a new owner needs besides: see `offset-metadata.ts`. */
  readonly metadata: string;
}

/** What a task has done since its last commit; written as one transaction, where there are any. */
export interface TaskCommit {
  readonly outputs: readonly OutputRecord[];
  /** All to the task's own partition number; by store, in the order in which a record meets the stores. */
  readonly changelog: readonly OutputRecord[];
  /** Where local state stands before it. */
  readonly standsAt: ChangelogEnds;
  readonly offsets: readonly CommittedOffset[];
}

/** Per changelog topic the offset behind the last record written: where local state stands once it has them. */
export type ChangelogEnds = ReadonlyMap<string, number>;

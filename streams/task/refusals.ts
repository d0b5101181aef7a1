import type { FailedNode } from './failure-handler.ts';
import type { Cause } from './cause.ts';
import type { OutputRecord } from './commit.ts';

/** Something that is not processed again: the broker refused what came of it. */
export interface SetAside {
  readonly cause: Cause;
  /** The sink of what was refused. */
  readonly node: FailedNode;
  readonly error: Error;
}

/**
 * What is known of the records that the broker does not take. It outlives the tasks: one whose commit was refused starts
 * anew from its last commit, and knows then what not to try again.
 */
export interface Refusals {
  /** Whether a topic is known to take no records above some size. */
  hasLimit(topic: string): boolean;
  /** Why the broker would refuse a record for its size; undefined as far as nothing is known against it. */
  tooLarge(record: OutputRecord): Error | undefined;
  /** What is set aside in a task, by `causeId`; undefined: nothing. */
  setAside(task: string): ReadonlyMap<string, SetAside> | undefined;
  /** These have become dead letters, and are committed. */
  settled(task: string, causes: readonly string[]): void;
}

/** Where every record is taken. */
export const NO_REFUSALS: Refusals = {
  hasLimit: () => false,
  tooLarge: () => undefined,
  setAside: () => undefined,
  settled: () => undefined,
};

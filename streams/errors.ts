/**
 * Errors by what must happen next:
 *
 * - `TopologyError`   the code is wrong: change it, nothing starts
 * - `TaskCorrupted`   local state or an open transaction can't be trusted: close dirty, restore, go on
 * - `TaskMigrated`    another owner has taken the task: let go and rejoin
 * - `StoreNotAvailable` nobody can answer a query just now: ask again, or take a standby's answer
 * - `StreamsException` stop: going on could lose or double something
 * - anything else thrown by a processor or a serde concerns one record: its policy says what becomes of it, a dead letter or
 *   a `RecordFailure`, which stops
 */
export class StreamsException extends Error {
  override name = 'StreamsException';
}

/** A topology that can't work; the message says what to change. */
export class TopologyError extends StreamsException {
  override name = 'TopologyError';
}

/** The task's uncommitted work is void; its committed state is sound. */
export class TaskCorrupted extends StreamsException {
  override name = 'TaskCorrupted';
}

/** The task was fenced: another instance owns it now. */
export class TaskMigrated extends StreamsException {
  override name = 'TaskMigrated';
}

/** What failed: reading a record, a step over it, a timer, a wall-clock punctuation, or writing what came of one of them. */
export type FailureKind = 'deserialize' | 'process' | 'timer' | 'punctuate' | 'produce';

/**
 * What becomes of a record (timer, punctuation) that fails. `dead-letter`: it goes to the dead-letter topic with the reason, and
 * nothing of it is kept. `stop`: the application ends before it, in `ERROR`.
 */
export type FailurePolicy = 'dead-letter' | 'stop';

/** What failed, and where. */
export interface FailedRecord {
  readonly kind: FailureKind;
  /** The task's id, e.g. `0_3`. */
  readonly task: string;
  /** The source, step or sink in which it failed. */
  readonly node: string;
  /** The input that was being processed; absent for timers and punctuations. */
  readonly topic?: string;
  readonly partition: number;
  readonly offset?: number;
  /** As text, for people. */
  readonly key?: string;
}

/**
 * A failure under the policy `stop`. Nothing from that record on is committed: after a fix the application goes on at it. What
 * was thrown is the `cause`.
 */
export class RecordFailure extends StreamsException implements FailedRecord {
  override name = 'RecordFailure';
  readonly kind: FailureKind;
  readonly task: string;
  readonly node: string;
  declare readonly topic?: string;
  readonly partition: number;
  declare readonly offset?: number;
  declare readonly key?: string;

  constructor(message: string, failed: FailedRecord, options: ErrorOptions) {
    super(message, options);
    const { kind, task, node, partition } = failed;
    this.kind = kind;
    this.task = task;
    this.node = node;
    this.partition = partition;
    Object.assign(this, failed);
  }
}

/**
 * A query could not be answered: the task is moving or being restored, its instance does not answer, or the application does
 * not run. Kafka Streams' retriable `InvalidStateStoreException`s; the message says which it is.
 */
export class StoreNotAvailable extends Error {
  override name = 'StoreNotAvailable';
}

/** Why a record could not be read; thrown by serdes, ends up in the dead letter's headers. */
export class DeserializationError extends Error {
  override name = 'DeserializationError';
}

/** The message of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The same with that of its cause, where the outer one alone says little. */
export function messageWithCause(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause === undefined ? messageOf(error) : `${messageOf(error)} (${messageOf(cause)})`;
}

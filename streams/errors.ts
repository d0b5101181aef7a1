/**
 * Errors by what must happen next:
 *
 * - `TopologyError`   the code is wrong: change it, nothing starts
 * - `TaskCorrupted`   local state or an open transaction can't be trusted: close dirty, restore, go on
 * - `TaskMigrated`    another owner has taken the task: let go and rejoin
 * - `StoreNotAvailable` nobody can answer a query just now: ask again, or take a standby's answer
 * - `StreamsException` stop: going on could lose or double something
 * - anything else thrown by a processor or a serde concerns one record: dead letter
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

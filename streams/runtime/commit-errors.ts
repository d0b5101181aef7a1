import { StreamsException, TaskCorrupted, TaskMigrated } from '../errors.ts';
import { KafkaError, type Kafka } from './kafka/kafka.ts';
import type { Logger } from './logger.ts';

/**
 * What must happen next after a commit failed.
 * @param whose e.g. the transactional id, for messages
 * @param ms how long it took
 */
export function verdictOf(
  error: unknown,
  whose: string,
  ms: number,
  transactionTimeoutMs = Infinity,
): Error {
  if (!(error instanceof KafkaError)) return error as Error;
  if (error.isFenced) {
    // The same answer either way: only the group knows whose the task is.
    const why =
      ms < transactionTimeoutMs
        ? 'another producer has taken over'
        : `it took longer than transactionTimeoutMs = ${transactionTimeoutMs}: raise that, or commit less at a time`;
    return new TaskMigrated(
      `a commit of '${whose}' was fenced after ${ms} ms (${error.message}); ${why}`,
      { cause: error },
    );
  }
  // It concerns every record of the topic: to set all of them aside would be worse than to wait for a person.
  if (error.type.endsWith('AUTHORIZATION_FAILED')) {
    return new StreamsException(`'${whose}' can't write: ${error.message}; give it the right`, {
      cause: error,
    });
  }
  const failed = `a commit of '${whose}' failed: ${error.message}`;
  // What is refused for good would be refused again: starting over would go on for ever.
  if (!error.isRetriable && error.type !== 'UNKNOWN')
    return new StreamsException(failed, { cause: error });
  return new TaskCorrupted(failed, { cause: error });
}

/** Records are not written twice; but the next attempt must not go to a leader that is none any more. */
export async function refreshAfter(
  error: unknown,
  { kafka, logger }: { readonly kafka: Kafka; readonly logger: Logger },
): Promise<void> {
  if (!(error instanceof KafkaError) || !error.isRetriable) return;
  await kafka.refresh().catch((refreshError: unknown) => {
    logger.debug({ error: refreshError }, 'metadata could not be refreshed');
  });
}

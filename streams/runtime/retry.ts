import type { Clock } from './clock.ts';
import { KafkaError, type Kafka } from './kafka/kafka.ts';
import type { Logger } from './logger.ts';

const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 1000;
/** A fault that lasts is logged, and told again this often. */
const LOG_EVERY_MS = 10_000;

export interface RetryContext {
  readonly kafka: Pick<Kafka, 'refresh'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Ends the waiting; the last error is thrown. */
  readonly signal?: AbortSignal;
  /** Wall clock after which the last error is thrown; default: never. */
  readonly deadline?: number;
  /** Which errors are worth another attempt; default: the retriable ones. */
  readonly isRetriable?: (error: KafkaError) => boolean;
}

/**
 * Calls until it succeeds, with growing pauses from 20 ms to 1 s. What a broker that is away, moving or busy with the last
 * transaction answers passes by itself; leaders and coordinators are looked up anew before the next attempt.
 * @throws {KafkaError} the last one, when it is not retriable, or waiting is over
 */
export async function retry<T>(
  what: string,
  call: () => Promise<T>,
  context: RetryContext,
): Promise<T> {
  const { clock, logger, kafka, signal, deadline = Infinity } = context;
  const isRetriable = context.isRetriable ?? ((error: KafkaError) => error.isRetriable);
  let pause = FIRST_PAUSE_MS;
  let loggedAt = clock.now();
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof KafkaError) || !isRetriable(error)) throw error;
      if (isAborted(signal) || clock.now() >= deadline) throw error;
      if (clock.now() - loggedAt >= LOG_EVERY_MS) {
        loggedAt = clock.now();
        logger.warn({ error: error.message, type: error.type }, `${what}: still trying`);
      }
      await clock.sleep(pause, signal);
      if (isAborted(signal)) throw error;
      // The broker is only slow to end the last transaction; nothing has moved.
      if (error.type === 'CONCURRENT_TRANSACTIONS') continue;
      pause = Math.min(2 * pause, LONGEST_PAUSE_MS);
      await kafka.refresh().catch((refreshError: unknown) => {
        logger.debug({ error: refreshError }, 'metadata could not be refreshed');
      });
    }
  }
}

/** It may be by now, whatever it was before the pause. */
function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted ?? false;
}

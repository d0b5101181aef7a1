import { DeadLetters } from '#streams';
import { deadLetterTopic } from '#streams/graph/topology';
import { KafkaJsKafka } from '#streams/runtime/kafka/kafkajs-kafka';
import { kafkaConfig } from './kafka.ts';
import type { Logger } from './log.ts';
import type { Settings } from './settings.ts';

export type { DeadLetter, DeadLetterFilter, DeadLetters, RequeueOptions } from '#streams';

/**
 * The dead letters of a service's topology.
 *
 * @example
 * const letters = await openDeadLetters(settings, logger);
 * for await (const { reason } of letters.open({ topic: 'orders' })) logger.info({ reason });
 * await letters.close();
 * @throws when the brokers can't be reached
 */
export async function openDeadLetters(
  { applicationId, kafka: settings }: Pick<Settings, 'applicationId' | 'kafka'>,
  logger: Logger,
): Promise<DeadLetters> {
  const config = kafkaConfig(settings, `${applicationId}-dead-letters`, logger);
  // One attempt a call: it is known there what may be repeated.
  const kafka = new KafkaJsKafka({ ...config, retry: { retries: 0 } });
  try {
    await kafka.partitionCounts([deadLetterTopic(applicationId)]);
  } catch (error) {
    await kafka.close();
    const what = `can not reach Kafka at ${settings.brokers.join()} (KAFKA_BROKERS)`;
    throw new Error(`${what}: ${(error as Error).message}`, { cause: error });
  }
  return new DeadLetters({ applicationId, kafka, logger });
}

import type { KafkaConfig, SASLOptions } from 'kafkajs';
// Unmended, every connection of the client has a timer of 1 ms for ever.
import '#streams/runtime/kafka/kafkajs-internals';
import { kafkaLogs, type Logger } from './log.ts';
import type { KafkaSettings } from './settings.ts';

/**
 * Configuration of a Kafka client. Everything that has a default is set: the client's own differ under a test runner.
 *
 * @example
 * const kafka = new Kafka(kafkaConfig(settings.kafka, 'kafka-alert-tail', logger));
 */
export function kafkaConfig(
  settings: KafkaSettings,
  clientId: string,
  logger: Logger,
): KafkaConfig {
  return {
    clientId,
    brokers: [...settings.brokers],
    ssl: typeof settings.ssl === 'boolean' ? settings.ssl : { ...settings.ssl },
    ...(settings.sasl && { sasl: settings.sasl as SASLOptions }),
    connectionTimeout: 10_000,
    authenticationTimeout: 10_000,
    requestTimeout: 30_000,
    enforceRequestTimeout: true,
    retry: { initialRetryTime: 100, maxRetryTime: 1_000, multiplier: 2, factor: 0.2, retries: 10 },
    ...kafkaLogs(logger),
  };
}

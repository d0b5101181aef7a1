import { Kafka, Partitioners, type Producer } from 'kafkajs';
import type { AvroTopic, SchemaRegistry } from '#schemas';
import { kafkaConfig } from './kafka.ts';
import type { Logger } from './log.ts';
import type { KafkaSettings } from './settings.ts';

/** A value to be written to a topic. */
export interface Publication<V = unknown> {
  readonly topic: AvroTopic<V>;
  readonly value: V;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Writes values to topics from outside of a topology. What is sent again after a time-out may be there twice. */
export interface Publisher {
  /**
   * Resolves when all in-sync replicas have all of it. Topics' schemas are registered once.
   * @throws when the brokers or the registry can't be reached in time, or refuse
   */
  publish(publications: readonly Publication[]): Promise<void>;
  close(): Promise<void>;
}

/**
 * Connects at the first publication.
 *
 * @example
 * const publisher = createPublisher({ kafka: settings.kafka, schemas, clientId: 'catalogue', logger });
 * await publisher.publish([{ topic: topics.productEvent, value: listed }]);
 */
export function createPublisher({
  kafka,
  schemas,
  clientId,
  logger,
}: {
  readonly kafka: KafkaSettings;
  readonly schemas: SchemaRegistry;
  readonly clientId: string;
  readonly logger: Logger;
}): Publisher {
  const config = kafkaConfig(kafka, clientId, logger);
  const producer = new Kafka(config).producer({
    allowAutoTopicCreation: false,
    createPartitioner: Partitioners.DefaultPartitioner, // murmur2, as Java's
    retry: config.retry ?? {},
  });
  let connected: Promise<Producer> | undefined;
  const connect = (): Promise<Producer> =>
    (connected ??= producer.connect().then(
      () => producer,
      (error: unknown) => {
        connected = undefined;
        throw error;
      },
    ));
  const registered = new Map<string, Promise<unknown>>();
  const register = (topic: AvroTopic<unknown>): Promise<unknown> => {
    let registering = registered.get(topic.name);
    if (!registering) {
      registering = schemas.register(topic);
      registered.set(topic.name, registering);
      // Asked again next time.
      registering.catch(() => registered.delete(topic.name));
    }
    return registering;
  };

  return {
    async publish(publications) {
      const byTopic = Map.groupBy(publications, ({ topic }) => topic);
      const [sender] = await Promise.all([connect(), ...[...byTopic.keys()].map(register)]);
      const topicMessages = [...byTopic].map(([topic, values]) => {
        const serde = schemas.serde(topic);
        const messages = values.map(({ value, headers = {} }) => ({
          key: topic.keyOf(value),
          value: serde.encode(value),
          headers,
        }));
        return { topic: topic.name, messages };
      });
      await sender.sendBatch({ acks: -1, topicMessages });
    },
    close: () => producer.disconnect(),
  };
}

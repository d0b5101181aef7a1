import { KafkaJsKafka } from '#streams/runtime/kafka/kafkajs-kafka';
import { kafkaConfig } from './kafka.ts';
import type { Logger } from './log.ts';
import type { KafkaSettings } from './settings.ts';

/** Where a partition ends. */
export interface EndOffset {
  readonly topic: string;
  readonly partition: number;
  /** Behind the last committed record. */
  readonly offset: number;
}

/** Where all partitions of some topics end now; topics that do not exist have none. @throws when the brokers can't be reached */
export async function endOffsets(
  settings: KafkaSettings,
  topics: readonly string[],
  logger: Logger,
): Promise<EndOffset[]> {
  const kafka = new KafkaJsKafka(kafkaConfig(settings, 'end-offsets', logger));
  try {
    const counts = await kafka.partitionCounts(topics);
    const partitions = [...counts].flatMap(([topic, count]) =>
      Array.from({ length: count }, (_, partition) => ({ topic, partition })),
    );
    const offsets = await kafka.listOffsets(partitions, 'latest');
    return partitions.map((each, i) => ({ ...each, offset: offsets[i]! }));
  } finally {
    await kafka.close();
  }
}

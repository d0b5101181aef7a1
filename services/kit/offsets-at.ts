import { Kafka, type KafkaConfig } from 'kafkajs';
import type { TopicPartition } from '#streams/runtime/kafka/kafka';

/**
 * The first offsets of records appended at or after an instant (epoch ms), in the partitions' order; the end where there
 * is none.
 */
export async function offsetsAt(
  config: KafkaConfig,
  partitions: readonly TopicPartition[],
  instant: number,
): Promise<number[]> {
  const admin = new Kafka(config).admin();
  await admin.connect();
  try {
    const found = new Map<string, number>();
    for (const topic of new Set(partitions.map((each) => each.topic))) {
      for (const { partition, offset } of await admin.fetchTopicOffsetsByTimestamp(
        topic,
        instant,
      )) {
        found.set(`${topic}-${String(partition)}`, Number(offset));
      }
    }
    return partitions.map(({ topic, partition }) => found.get(`${topic}-${String(partition)}`)!);
  } finally {
    await admin.disconnect();
  }
}

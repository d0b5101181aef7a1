import type { AvroTopic, SchemaRegistry } from '#schemas';
import { readRange } from '#streams/runtime/changelog-reader';
import { systemClock } from '#streams/runtime/clock';
import { KafkaJsKafka } from '#streams/runtime/kafka/kafkajs-kafka';
import { retry, type RetryContext } from '#streams/runtime/retry';
import { decodeRecord } from '#streams/task/decode';
import { consumedRecord, type ConsumedRecord } from './consumer/partition-feed.ts';
import { kafkaConfig } from './kafka.ts';
import type { Logger } from './log.ts';
import type { KafkaSettings } from './settings.ts';

export interface ReadToEndOptions {
  readonly kafka: KafkaSettings;
  readonly schemas: SchemaRegistry;
  readonly clientId: string;
  readonly topics: readonly AvroTopic<unknown>[];
  /** Records of one partition, in their order; the next ones of that partition come when it is done. */
  readonly onRecords: (records: readonly ConsumedRecord[]) => Promise<void>;
  /** A record that can't be read, and why; it is left out. */
  readonly onBad: (problem: string) => void;
  readonly onProgress?: (progress: ReadProgress) => void;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/** In offsets, of all partitions. */
export interface ReadProgress {
  readonly done: number;
  readonly total: number;
}

/**
 * Reads topics from their beginning to where they end as of the call, committed records only, and resolves when all is done.
 * Partition numbers are read side by side, the topics of one number after one another: what one key's records become has one writer.
 *
 * @example
 * await readToEnd({ ...settings, schemas, clientId: 'audit', topics: [topics.productEvent], onRecords, onBad, logger, signal });
 * @throws when a topic does not exist, what `onRecords` throws, and the signal's reason when it is aborted
 */
export async function readToEnd(options: ReadToEndOptions): Promise<void> {
  const { topics, logger, schemas, onRecords, onBad } = options;
  const config = kafkaConfig(options.kafka, options.clientId, logger);
  const kafka = new KafkaJsKafka({ ...config, retry: { retries: 0 } });
  // What one partition's reader fails with ends the others, too.
  const failing = new AbortController();
  const signal = AbortSignal.any([options.signal, failing.signal]);
  const context = { kafka, clock: systemClock, logger, signal };

  const readPartition = async ({ topic, partition, start, end }: Range): Promise<void> => {
    const serde = schemas.serde(topic);
    let position = start;
    for await (const chunk of readRange({ topic: topic.name, partition }, start, end, context)) {
      const records: ConsumedRecord[] = [];
      for (const raw of chunk.records) {
        if (raw.value) await serde.load(raw.value);
        const { record, error } = decodeRecord(topic, serde, partition, raw);
        if (error) onBad(`${topic.name}-${partition}@${raw.offset}: ${error.message}`);
        else records.push(consumedRecord(topic.name, partition, raw, record));
      }
      await onRecords(records);
      progress(Math.min(chunk.nextOffset, end) - position);
      position = chunk.nextOffset;
    }
  };

  let done = 0;
  let total = 0;
  const progress = (offsets: number): void => {
    done += offsets;
    options.onProgress?.({ done, total });
  };
  try {
    const ranges = await rangesOf(topics, context);
    total = ranges.reduce((sum, { start, end }) => sum + Math.max(0, end - start), 0);
    progress(0);
    const byPartition = Map.groupBy(ranges, ({ partition }) => partition);
    const reading = [...byPartition.values()].map(async (own) => {
      try {
        for (const range of own) await readPartition(range);
      } catch (error) {
        failing.abort(error);
        throw error;
      }
    });
    await Promise.allSettled(reading);
    signal.throwIfAborted();
  } finally {
    await kafka.close();
  }
}

interface Range {
  readonly topic: AvroTopic<unknown>;
  readonly partition: number;
  readonly start: number;
  readonly end: number;
}

async function rangesOf(
  topics: readonly AvroTopic<unknown>[],
  context: RetryContext & { readonly kafka: KafkaJsKafka },
): Promise<Range[]> {
  const { kafka } = context;
  const names = topics.map(({ name }) => name);
  const counts = await retry('partitions', () => kafka.partitionCounts(names), context);
  const missing = names.filter((name) => !counts.has(name));
  if (missing.length > 0) throw new Error(`there is no topic ${missing.join(', ')}`);
  const partitions = topics.flatMap((topic) =>
    Array.from({ length: counts.get(topic.name)! }, (_, partition) => ({ topic, partition })),
  );
  const at = partitions.map(({ topic, partition }) => ({ topic: topic.name, partition }));
  const starts = await retry('first offsets', () => kafka.listOffsets(at, 'earliest'), context);
  const ends = await retry('last offsets', () => kafka.listOffsets(at, 'latest'), context);
  return partitions.map((each, i) => ({ ...each, start: starts[i]!, end: ends[i]! }));
}

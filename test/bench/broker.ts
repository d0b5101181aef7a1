import kafkajs, { Kafka, type Admin, type Producer } from 'kafkajs';
import type { AvroTopic } from '#schemas';
import { systemClock } from '#streams/runtime/clock';
import type { TopicPartition } from '#streams/runtime/kafka/kafka';
import { KafkaJsKafka } from '#streams/runtime/kafka/kafkajs-kafka';
import { silentLogger } from '#streams/runtime/logger';
import { retry } from '#streams/runtime/retry';
import type { OutputRecord } from '../../streams/task/commit.ts';
import { RecordWriter } from '../support/record-writer.ts';
import { TopicReader } from './topic-reader.ts';

/** Of every topic. */
export const PARTITIONS = 6;

/** The brokers as the benchmark sees them: from outside, read_committed. */
export class BenchBroker implements AsyncDisposable {
  readonly #port: KafkaJsKafka;
  readonly #kafka: Kafka;
  readonly #admin: Admin;
  readonly #writer: RecordWriter;
  readonly #partitionCounts = new Map<string, number>();

  private constructor(brokers: string, name: string) {
    const config = { brokers: brokers.split(','), logLevel: kafkajs.logLevel.NOTHING };
    this.#port = new KafkaJsKafka(config);
    this.#kafka = new Kafka({ ...config, retry: { retries: 10 } });
    this.#admin = this.#kafka.admin();
    this.#writer = new RecordWriter(this.#port, `${name}-writer`, this.#partitionCounts);
  }

  /** @param name of whoever writes through it */
  static async open(brokers: string, name: string): Promise<BenchBroker> {
    const broker = new BenchBroker(brokers, name);
    await broker.#admin.connect();
    return broker;
  }

  async makeTopics(topics: readonly AvroTopic<unknown>[]): Promise<void> {
    await this.#admin.createTopics({
      waitForLeaders: true,
      topics: topics.map(({ name, config }) => ({
        topic: name,
        numPartitions: PARTITIONS,
        configEntries: Object.entries(config).map(([key, value]) => ({ name: key, value })),
      })),
    });
    for (const { name } of topics) this.#partitionCounts.set(name, PARTITIONS);
  }

  /** Deletes all topics whose names begin so. */
  async deleteTopics(prefix: string): Promise<void> {
    const topics = (await this.#admin.listTopics()).filter((name) => name.startsWith(prefix));
    for (const topic of topics) {
      await this.#admin.deleteTopics({ topics: [topic] }).catch((error: unknown) => {
        // Deleted before, and still listed: that takes the brokers a moment.
        if ((error as { type?: string }).type !== 'UNKNOWN_TOPIC_OR_PARTITION') throw error;
      });
    }
  }

  /** Writes exactly once, in transactions: behind the last record of each partition stands a marker. */
  write(records: readonly OutputRecord[]): Promise<void> {
    return this.#writer.write(records);
  }

  /** A producer without transactions: what it has written can be read at once. */
  async producer(): Promise<Producer> {
    const producer = this.#kafka.producer({
      allowAutoTopicCreation: false,
      createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
    });
    await producer.connect();
    return producer;
  }

  /** Where each partition of these topics ends. */
  ends(topics: readonly string[]): Promise<number[]> {
    return this.#patiently('ends', () => this.#port.listOffsets(partitionsOf(topics), 'latest'));
  }

  /** What a group has committed, in the order of `ends`; zero where it has not. */
  async committed(group: string, topics: readonly string[]): Promise<number[]> {
    const offsets = await this.#patiently('committed offsets', () =>
      this.#port.committedOffsets(group, partitionsOf(topics)),
    );
    return offsets.map((at) => at?.offset ?? 0);
  }

  /** Reads a topic from its start on. */
  reader(topic: string): TopicReader {
    return new TopicReader(this.#port, partitionsOf([topic]));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#admin.disconnect(), this.#port.close()]);
  }

  #patiently<T>(what: string, call: () => Promise<T>): Promise<T> {
    return retry(what, call, { kafka: this.#port, clock: systemClock, logger: silentLogger });
  }
}

function partitionsOf(topics: readonly string[]): TopicPartition[] {
  return topics.flatMap((topic) =>
    Array.from({ length: PARTITIONS }, (_, partition) => ({ topic, partition })),
  );
}

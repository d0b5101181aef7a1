import { setTimeout as delay } from 'node:timers/promises';
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

const DELETED_MS = 30_000;
/** What the deletion of topics that are being deleted may answer. */
const PASSES = ['UNKNOWN_TOPIC_OR_PARTITION', 'REQUEST_TIMED_OUT'];

/** The brokers as the benchmark sees them: from outside, read_committed. */
export class BenchBroker implements AsyncDisposable {
  readonly #port: KafkaJsKafka;
  readonly #kafka: Kafka;
  readonly #writer: RecordWriter;
  readonly #partitionCounts = new Map<string, number>();

  /** @param name of whoever writes through it */
  constructor(brokers: string, name: string) {
    const config = { brokers: brokers.split(','), logLevel: kafkajs.logLevel.NOTHING };
    this.#port = new KafkaJsKafka(config);
    this.#kafka = new Kafka({ ...config, retry: { retries: 10 } });
    this.#writer = new RecordWriter(this.#port, `${name}-writer`, this.#partitionCounts);
  }

  async makeTopics(topics: readonly AvroTopic<unknown>[]): Promise<void> {
    await this.#withAdmin((admin) =>
      admin.createTopics({
        waitForLeaders: true,
        topics: topics.map(({ name, config }) => ({
          topic: name,
          numPartitions: PARTITIONS,
          configEntries: Object.entries(config).map(([key, value]) => ({ name: key, value })),
        })),
      }),
    );
    for (const { name } of topics) this.#partitionCounts.set(name, PARTITIONS);
  }

  /** Deletes all topics whose names begin so, and waits until they are gone. */
  async deleteTopics(prefix: string): Promise<void> {
    await this.#withAdmin(async (admin) => {
      const deadline = Date.now() + DELETED_MS;
      for (;;) {
        const topics = (await admin.listTopics()).filter((name) => name.startsWith(prefix));
        if (topics.length === 0) return;
        if (Date.now() > deadline)
          throw new Error(`${topics.join(', ')}: still there ${DELETED_MS} ms after the deletion`);
        await admin.deleteTopics({ topics }).catch((error: unknown) => {
          if (!PASSES.includes(typeOf(error))) throw error;
        });
        await delay(50);
      }
    });
  }

  /** Writes exactly once, in transactions: behind the last record of each partition stands a marker. */
  write(records: readonly OutputRecord[]): Promise<void> {
    return this.#writer.write(records);
  }

  /** Waits until all that was written to these topics counts: a transaction's markers follow after its end was answered. */
  async hasSettled(topics: readonly string[]): Promise<void> {
    for (;;) {
      const written = await this.#withAdmin(async (admin) => {
        const offsets = [];
        for (const topic of topics) offsets.push(...inOrder(await admin.fetchTopicOffsets(topic)));
        return offsets;
      });
      const stable = await this.ends(topics);
      if (written.every((offset, i) => stable[i] === offset)) return;
      await delay(20);
    }
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
    await this.#port.close();
  }

  /** A client for each purpose: one that has heard of a topic asks for it for ever, also when it is gone. */
  async #withAdmin<T>(body: (admin: Admin) => Promise<T>): Promise<T> {
    const admin = this.#kafka.admin();
    await admin.connect();
    try {
      return await body(admin);
    } finally {
      await admin.disconnect();
    }
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

function inOrder(offsets: readonly { partition: number; high: string }[]): number[] {
  const sorted = offsets.toSorted((a, b) => a.partition - b.partition);
  return sorted.map(({ high }) => Number(high));
}

/** Kafka's name of an error, also of one that was tried again in vain. */
function typeOf(error: unknown): string {
  const { type, cause } = error as { type?: string; cause?: { type?: string } };
  return type ?? cause?.type ?? '';
}

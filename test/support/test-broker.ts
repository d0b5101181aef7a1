import { randomUUID } from 'node:crypto';
import kafkajs, { Kafka, type Admin } from 'kafkajs';
import { readRange } from '#streams/runtime/changelog-reader';
import { systemClock } from '#streams/runtime/clock';
import type { Kafka as KafkaPort } from '#streams/runtime/kafka/kafka';
import { KafkaJsKafka } from '#streams/runtime/kafka/kafkajs-kafka';
import { silentLogger } from '#streams/runtime/logger';
import { retry } from '#streams/runtime/retry';
import type { OutputRecord } from '../../streams/task/commit.ts';
import type { RawRecord } from '../../streams/task/input-record.ts';
import { RecordWriter } from './record-writer.ts';
import { tapped } from './tapped-kafka.ts';

export interface StoredRecord extends RawRecord {
  readonly partition: number;
}

/** What a test does with brokers from outside, whether or not all of them are there; all that it makes has a name of its own. */
export class TestBroker implements AsyncDisposable {
  /** Prefix of every name, and the application's id. */
  readonly name = `t-${randomUUID().slice(0, 8)}`;
  readonly admin: Admin;
  readonly #port: KafkaJsKafka;
  /** The same, with calls that are tried until they succeed. */
  readonly #patient: KafkaPort;
  readonly #partitionCounts = new Map<string, number>();
  readonly #writer: RecordWriter;

  constructor(brokers: readonly string[]) {
    const config = { brokers: [...brokers], logLevel: kafkajs.logLevel.NOTHING };
    this.#port = new KafkaJsKafka(config);
    const context = { kafka: this.#port, clock: systemClock, logger: silentLogger };
    this.#patient = tapped(this.#port, ({ name }, goOn) => retry(name, goOn, context));
    this.#writer = new RecordWriter(this.#port, `${this.name}-writer`, this.#partitionCounts);
    this.admin = new Kafka({ ...config, retry: { retries: 10 } }).admin();
  }

  async makeTopics(
    topics: readonly { name: string; partitions: number; config?: Record<string, string> }[],
  ): Promise<void> {
    await this.admin.connect();
    await this.admin.createTopics({
      waitForLeaders: true,
      topics: topics.map(({ name, partitions, config = {} }) => ({
        topic: name,
        numPartitions: partitions,
        configEntries: Object.entries(config).map(([key, value]) => ({ name: key, value })),
      })),
    });
  }

  /** Writes records exactly once and in the given order, keyed as Java's default partitioner would. */
  async writeRecords(records: readonly OutputRecord[]): Promise<void> {
    const names = [...new Set(records.map(({ topic }) => topic))];
    for (const name of names) await this.#partitionsOf(name);
    await this.#writer.write(records);
  }

  /** All committed records of a topic, partition by partition. @param from where to begin; default: the first offsets */
  async readAll(topic: string, from: readonly number[] = []): Promise<StoredRecord[]> {
    const partitions = await this.#partitionsOf(topic);
    const ends = await this.#patient.listOffsets(partitions, 'latest');
    const context = { kafka: this.#port, clock: systemClock, logger: silentLogger };
    const records: StoredRecord[] = [];
    for (const [i, at] of partitions.entries()) {
      for await (const chunk of readRange(at, from[i] ?? 0, ends[i]!, context))
        records.push(...chunk.records.map((r) => ({ ...r, partition: at.partition })));
    }
    return records;
  }

  /** Where the committed records of each partition end. */
  async ends(topic: string): Promise<number[]> {
    return this.#patient.listOffsets(await this.#partitionsOf(topic), 'latest');
  }

  /** Sums of what the application has committed, and of the ends, over these inputs. */
  async progressOf(topics: readonly string[]): Promise<{ committed: number; end: number }> {
    const partitions = (await Promise.all(topics.map((name) => this.#partitionsOf(name)))).flat();
    const committed = await this.#patient.committedOffsets(this.name, partitions);
    const ends = await this.#patient.listOffsets(partitions, 'latest');
    return {
      committed: committed.reduce((sum, at) => sum + (at?.offset ?? 0), 0),
      end: ends.reduce((sum, end) => sum + end, 0),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.admin.disconnect(), this.#port.close()]);
  }

  async #partitionsOf(topic: string): Promise<{ topic: string; partition: number }[]> {
    let count = this.#partitionCounts.get(topic);
    if (count === undefined) {
      count = (await this.#patient.partitionCounts([topic])).get(topic);
      if (count === undefined) return [];
      this.#partitionCounts.set(topic, count);
    }
    return Array.from({ length: count }, (_, partition) => ({ topic, partition }));
  }
}

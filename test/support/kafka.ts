import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import kafkajs, { Kafka, type Admin } from 'kafkajs';
import { inject } from 'vitest';
import { renamed, SchemaRegistry, topics, type AvroTopic } from '#schemas';
import { systemClock } from '#streams/runtime/clock';
import { readRange } from '#streams/runtime/changelog-reader';
import { KafkaJsKafka } from '#streams/runtime/kafka/kafkajs-kafka';
import { silentLogger } from '#streams/runtime/logger';
import { retry } from '#streams/runtime/retry';
import { NO_HEADERS } from '../../streams/processor/record.ts';
import type { OutputRecord } from '../../streams/task/commit.ts';
import type { RawRecord } from '../../streams/task/input-record.ts';
import { RecordWriter } from './record-writer.ts';

/** `KAFKA_BROKERS` and `SCHEMA_REGISTRY_URL`. */
export type Addresses = Readonly<Record<string, string>>;

/** The four topics of kafka-alert under names of their own, made on the broker, their schemas registered. */
export interface TestTopics {
  readonly orderStatusChanged: typeof topics.orderStatusChanged;
  readonly paymentStatusObserved: typeof topics.paymentStatusObserved;
  readonly alertRaised: typeof topics.alertRaised;
  readonly alertResolved: typeof topics.alertResolved;
}

export interface TestRecord {
  readonly topic: AvroTopic<unknown>;
  readonly key: string | null;
  /** A value of the topic's type, or bytes to be written as they are. */
  readonly value: unknown;
}

/** What a test does with the broker from outside; everything it makes has a name of its own. */
export class TestKafka implements AsyncDisposable {
  /** Prefix of every name. */
  readonly name = `t-${randomUUID().slice(0, 8)}`;
  readonly topics: TestTopics;
  readonly registry: SchemaRegistry;
  readonly admin: Admin;
  readonly #port: KafkaJsKafka;
  readonly #addresses: Addresses;
  #writer: Promise<RecordWriter> | undefined;

  private constructor(addresses: Addresses) {
    this.#addresses = addresses;
    const brokers = addresses['KAFKA_BROKERS']!.split(',');
    const config = { brokers, logLevel: kafkajs.logLevel.NOTHING };
    this.#port = new KafkaJsKafka(config);
    this.admin = new Kafka({ ...config, retry: { retries: 10 } }).admin();
    this.registry = new SchemaRegistry({ url: addresses['SCHEMA_REGISTRY_URL']! });
    this.topics = {
      orderStatusChanged: this.#renamed(topics.orderStatusChanged),
      paymentStatusObserved: this.#renamed(topics.paymentStatusObserved),
      alertRaised: this.#renamed(topics.alertRaised),
      alertResolved: this.#renamed(topics.alertResolved),
    };
  }

  /**
   * @param partitions of every topic
   * @param addresses  default: those of the broker and registry that the suite's set-up has started
   */
  static async open(
    partitions = 3,
    addresses: Addresses = inject('addresses'),
  ): Promise<TestKafka> {
    const kafka = new TestKafka(addresses);
    await kafka.admin.connect();
    await kafka.#makeTopics(partitions);
    return kafka;
  }

  /** The settings under which a service uses these topics. */
  get env(): Record<string, string> {
    const { orderStatusChanged, paymentStatusObserved, alertRaised, alertResolved } = this.topics;
    return {
      ...this.#addresses,
      APPLICATION_ID: this.name,
      ORDER_TOPIC: orderStatusChanged.name,
      PAYMENT_TOPIC: paymentStatusObserved.name,
      ALERT_TOPIC: alertRaised.name,
      RESOLVED_TOPIC: alertResolved.name,
    };
  }

  /** Writes records exactly once and in the given order, keyed as Java's default partitioner would. */
  async write(records: readonly TestRecord[]): Promise<void> {
    this.#writer ??= this.#newWriter();
    const writer = await this.#writer;
    await writer.write(records.map((record) => this.#encoded(record)));
  }

  /** All committed records of a topic, partition by partition. @param from where to begin; default: the first offsets */
  async readAll(
    topic: string,
    from: readonly number[] = [],
  ): Promise<(RawRecord & { partition: number })[]> {
    const partitions = await this.#partitionsOf(topic);
    const ends = await this.#port.listOffsets(partitions, 'latest');
    const records: (RawRecord & { partition: number })[] = [];
    for (const [i, at] of partitions.entries()) {
      const context = { kafka: this.#port, clock: systemClock, logger: silentLogger };
      for await (const chunk of readRange(at, from[i] ?? 0, ends[i]!, context)) {
        records.push(...chunk.records.map((r) => ({ ...r, partition: at.partition })));
      }
    }
    return records;
  }

  /** Where the committed records of each partition end. */
  async ends(topic: string): Promise<number[]> {
    return this.#port.listOffsets(await this.#partitionsOf(topic), 'latest');
  }

  /** The committed values of a topic. */
  async readValues<V>(topic: AvroTopic<V>): Promise<V[]> {
    const serde = this.registry.serde(topic);
    const records = await this.readAll(topic.name);
    for (const { value } of records) await serde.load(value!);
    return records.map(({ value }) => serde.decode(value!));
  }

  /** Sums of committed offsets and of ends over the inputs. */
  async progress(): Promise<{ committed: number; end: number }> {
    const names = [this.topics.orderStatusChanged.name, this.topics.paymentStatusObserved.name];
    const counts = await this.#port.partitionCounts(names);
    const partitions = names.flatMap((topic) =>
      Array.from({ length: counts.get(topic) ?? 0 }, (_, partition) => ({ topic, partition })),
    );
    const context = { kafka: this.#port, clock: systemClock, logger: silentLogger };
    const committed = await retry(
      'committed offsets',
      () => this.#port.committedOffsets(this.name, partitions),
      context,
    );
    const ends = await retry('ends', () => this.#port.listOffsets(partitions, 'latest'), context);
    const sum = (offsets: readonly number[]) =>
      offsets.reduce((total, offset) => total + offset, 0);
    return { committed: sum(committed.map((c) => c?.offset ?? 0)), end: sum(ends) };
  }

  async #partitionsOf(topic: string): Promise<{ topic: string; partition: number }[]> {
    const count = (await this.#port.partitionCounts([topic])).get(topic) ?? 0;
    return Array.from({ length: count }, (_, partition) => ({ topic, partition }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.admin.disconnect(), this.#port.close()]);
  }

  #encoded({ topic, key, value }: TestRecord): OutputRecord {
    const isBytes = value === null || Buffer.isBuffer(value);
    return {
      topic: topic.name,
      key: key === null ? null : Buffer.from(key),
      value: isBytes ? value : this.registry.serde(topic).encode(value),
      headers: NO_HEADERS,
    };
  }

  async #newWriter(): Promise<RecordWriter> {
    const { orderStatusChanged, paymentStatusObserved } = this.topics;
    const names = [orderStatusChanged.name, paymentStatusObserved.name];
    return new RecordWriter(
      this.#port,
      `${this.name}-writer`,
      await this.#port.partitionCounts(names),
    );
  }

  #renamed<V>(topic: AvroTopic<V>): AvroTopic<V> {
    return renamed(topic, `${this.name}-${topic.name}`);
  }

  async #makeTopics(partitions: number): Promise<void> {
    const all = Object.values(this.topics) as AvroTopic<unknown>[];
    await this.admin.createTopics({
      waitForLeaders: true,
      topics: all.map(({ name, config }) => ({
        topic: name,
        numPartitions: partitions,
        configEntries: Object.entries(config).map(([key, value]) => ({ name: key, value })),
      })),
    });
    for (const topic of all) await this.registry.register(topic);
  }
}

/**
 * Asks until the answer is one; for what another process brings about.
 * @param everyMs longer where asking is much work
 */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T | undefined | false> | T | undefined | false,
  { timeoutMs = 60_000, everyMs = 50 } = {},
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (Date.now() > deadline) throw new Error(`still waiting for ${what} after ${timeoutMs} ms`);
    await delay(everyMs);
  }
}

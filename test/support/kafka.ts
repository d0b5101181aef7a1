import { setTimeout as delay } from 'node:timers/promises';
import { inject } from 'vitest';
import { renamed, SchemaRegistry, topics, type AvroTopic } from '#schemas';
import { NO_HEADERS } from '../../streams/processor/record.ts';
import type { OutputRecord } from '../../streams/task/commit.ts';
import { TestBroker } from './test-broker.ts';

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

/** Brokers and a registry with kafka-alert's topics. */
export class TestKafka extends TestBroker {
  readonly topics: TestTopics;
  readonly registry: SchemaRegistry;
  readonly #addresses: Addresses;

  private constructor(addresses: Addresses) {
    super(addresses['KAFKA_BROKERS']!.split(','));
    this.#addresses = addresses;
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
    const all = Object.values(kafka.topics) as AvroTopic<unknown>[];
    await kafka.makeTopics(all.map(({ name, config }) => ({ name, partitions, config })));
    for (const topic of all) await kafka.registry.register(topic);
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

  /** As `writeRecords`. */
  write(records: readonly TestRecord[]): Promise<void> {
    return this.writeRecords(records.map((record) => this.#encoded(record)));
  }

  /** The committed values of a topic. */
  async readValues<V>(topic: AvroTopic<V>): Promise<V[]> {
    const serde = this.registry.serde(topic);
    const records = await this.readAll(topic.name);
    for (const { value } of records) await serde.load(value!);
    return records.map(({ value }) => serde.decode(value!));
  }

  /** As `progressOf` both inputs. */
  progress(): Promise<{ committed: number; end: number }> {
    const { orderStatusChanged, paymentStatusObserved } = this.topics;
    return this.progressOf([orderStatusChanged.name, paymentStatusObserved.name]);
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

  #renamed<V>(topic: AvroTopic<V>): AvroTopic<V> {
    return renamed(topic, `${this.name}-${topic.name}`);
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

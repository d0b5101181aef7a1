import { systemClock } from '../../streams/runtime/clock.ts';
import { Fetcher } from '../../streams/runtime/fetcher.ts';
import { KafkaJsKafka } from '../../streams/runtime/kafka/kafkajs-kafka.ts';
import { createLogger, kafkaConfig, type Settings } from '#kit';
import { topics, type AvroTopic, type RegistrySerde, type SchemaRegistry } from '#schemas';

interface Read {
  readonly key: string;
  readonly value: unknown;
  readonly headers: Readonly<Record<string, string>>;
}

/** All that comes to the shop's topics, as it comes. */
export class TopicReader {
  readonly #kafka: KafkaJsKafka;
  readonly #fetcher: Fetcher;
  readonly #records = new Map<string, Read[]>();

  private constructor(kafka: KafkaJsKafka, fetcher: Fetcher) {
    this.#kafka = kafka;
    this.#fetcher = fetcher;
  }

  static async open(settings: Settings, schemas: SchemaRegistry): Promise<TopicReader> {
    const logger = createLogger({ name: 'test', level: 'silent' });
    const kafka = new KafkaJsKafka(kafkaConfig(settings.kafka, 'topic-reader', logger));
    const fetcher = new Fetcher({
      kafka,
      clock: systemClock,
      logger,
      maxWaitMs: 100,
      onError: (at, error) => {
        throw new Error(`${at.topic}-${at.partition}: ${error.message}`);
      },
      onContact: () => undefined,
    });
    const reader = new TopicReader(kafka, fetcher);
    const all = Object.values(topics) as AvroTopic<unknown>[];
    const counts = await kafka.partitionCounts(all.map(({ name }) => name));
    for (const topic of all) {
      const serde = schemas.serde(topic);
      for (let partition = 0; partition < (counts.get(topic.name) ?? 0); partition++)
        reader.#follow(topic, partition, serde);
    }
    return reader;
  }

  /** The values of a topic so far. */
  values<V>(topic: AvroTopic<V>): V[] {
    return (this.#records.get(topic.name) ?? []).map(({ value }) => value as V);
  }

  /** The headers of a key's records so far. */
  headers(topic: { readonly name: string }, key: string): Read['headers'][] {
    const own = (this.#records.get(topic.name) ?? []).filter((record) => record.key === key);
    return own.map(({ headers }) => headers);
  }

  async close(): Promise<void> {
    await this.#fetcher.stop();
    await this.#kafka.close();
  }

  #follow(topic: AvroTopic<unknown>, partition: number, serde: RegistrySerde<unknown>): void {
    const read = this.#records.get(topic.name) ?? [];
    this.#records.set(topic.name, read);
    this.#fetcher.add([
      {
        topic: topic.name,
        partition,
        offset: 0,
        hasRoom: () => true,
        deliver: async ({ records }) => {
          for (const { key, value, headers } of records) {
            await serde.load(value!);
            const texts = Object.entries(headers).map(([name, text]) => [name, text.toString()]);
            // Dead letters in the making can't be read: they are the services' to look at.
            const decoded = decodeOrUndefined(serde, value!);
            if (decoded !== undefined)
              read.push({
                key: key!.toString(),
                value: decoded,
                headers: Object.fromEntries(texts) as Record<string, string>,
              });
          }
        },
      },
    ]);
  }
}

function decodeOrUndefined(serde: RegistrySerde<unknown>, value: Buffer): unknown {
  try {
    return serde.decode(value);
  } catch {
    return undefined;
  }
}

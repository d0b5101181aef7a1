/** Publishes the catalogue: what is new, what has changed, what is gone. */
import { Kafka, Partitioners, type Producer } from 'kafkajs';
import {
  createLogger,
  follow,
  kafkaConfig,
  provisionTopics,
  registerSchemas,
  type Settings,
} from '#kit';
import { SchemaRegistry, topics, type AvroTopic, type ProductEvent } from '#schemas';
import { importPlan, remember, type ImportPlan, type Known } from './import-plan.ts';
import type { Product } from './products.ts';

const CLIENT_ID = 'catalogue-import';

export interface ImportOptions {
  readonly settings: Settings;
  readonly products: readonly Product[];
  /** Says what would be done, and changes nothing: no topic, no schema, no record. */
  readonly dryRun: boolean;
  /** Wall clock, epoch ms. */
  readonly now: () => number;
  /** A line of progress. */
  readonly report: (line: string) => void;
}

/**
 * Makes the shop sell these products and nothing else; answers what that took. It can be repeated, also after it failed
 * halfway: what is there already is left as it is.
 *
 * @example
 * const { listed } = await importCatalogue({ settings, products, dryRun: false, now: Date.now, report });
 * @throws when the broker or the registry can't be reached
 */
export async function importCatalogue(options: ImportOptions): Promise<ImportPlan> {
  const { settings, products, dryRun, now, report } = options;
  const registry = new SchemaRegistry({ url: settings.schemaRegistryUrl });
  let isThere = true;
  if (dryRun) {
    isThere = await hasTopic(settings, topics.productEvent.name);
  } else {
    const written = [topics.productEvent, topics.storageCommand] as AvroTopic<unknown>[];
    await provisionTopics(settings, written, 'as found', report);
    await registerSchemas(registry, written, report);
  }
  const known = isThere ? await readKnown(settings, registry, report) : new Map<string, never>();
  report(`${String(known.size)} products are known in ${topics.productEvent.name}`);
  const plan = importPlan(known, products, now());
  if (!dryRun) await publish(plan, settings, registry, report);
  return plan;
}

/** Reads the product events to their end. */
async function readKnown(
  settings: Settings,
  registry: SchemaRegistry,
  report: (line: string) => void,
): Promise<Known> {
  const known = new Map<string, ProductEvent>();
  const following = await follow({
    kafka: settings.kafka,
    clientId: CLIENT_ID,
    from: 'earliest',
    topics: [
      {
        name: topics.productEvent.name,
        serde: registry.serde(topics.productEvent),
        onValue: (event: ProductEvent) => {
          remember(known, event);
        },
      },
    ],
    onBad: (problem) => {
      report(`left out: ${problem}`);
    },
    onContact: (problem) => {
      if (problem !== undefined) report(`trying again: ${problem}`);
    },
    logger: silent(),
  });
  try {
    await Promise.race([following.caughtUp, following.failed]);
  } finally {
    await following.stop();
  }
  return known;
}

/**
 * Stock comes before the products: whoever ends this halfway leaves products without an event, which the next import finds,
 * and not products without stock, which nobody would.
 */
async function publish(
  { listed, changed, delisted, restocked }: ImportPlan,
  settings: Settings,
  registry: SchemaRegistry,
  report: (line: string) => void,
): Promise<void> {
  const events = [...listed, ...changed, ...delisted];
  if (events.length === 0) return;
  const config = kafkaConfig(settings.kafka, CLIENT_ID, silent());
  const producer = new Kafka(config).producer({
    allowAutoTopicCreation: false,
    createPartitioner: Partitioners.DefaultPartitioner, // murmur2, as Java's
    retry: config.retry ?? {},
  });
  await producer.connect();
  try {
    await send(producer, registry, topics.storageCommand, restocked);
    await send(producer, registry, topics.productEvent, events);
  } finally {
    await producer.disconnect();
  }
  report(
    `published ${String(events.length)} product events and ${String(restocked.length)} stock commands`,
  );
}

async function send<V>(
  producer: Producer,
  registry: SchemaRegistry,
  topic: AvroTopic<V>,
  values: readonly V[],
): Promise<void> {
  if (values.length === 0) return;
  const serde = registry.serde(topic);
  await producer.send({
    topic: topic.name,
    acks: -1,
    messages: values.map((value) => ({ key: topic.keyOf(value), value: serde.encode(value) })),
  });
}

async function hasTopic({ kafka }: Settings, topic: string): Promise<boolean> {
  const config = kafkaConfig(kafka, CLIENT_ID, silent());
  // Somebody is waiting for an answer: "not reached" is one.
  const admin = new Kafka({ ...config, retry: { ...config.retry, retries: 1 } }).admin();
  try {
    await admin.connect();
    return (await admin.listTopics()).includes(topic);
  } catch (error) {
    const what = `can not reach Kafka at ${kafka.brokers.join()} (KAFKA_BROKERS)`;
    throw new Error(`${what}: ${(error as Error).message}`, { cause: error });
  } finally {
    await admin.disconnect();
  }
}

function silent() {
  return createLogger({ name: CLIENT_ID, level: 'silent' });
}

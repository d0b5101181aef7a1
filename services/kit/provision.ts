import kafkajs, { Kafka, type Admin } from 'kafkajs';
import { renamed, SchemaRegistry, topics, type AvroTopic } from '#schemas';
import { kafkaConfig } from './kafka.ts';
import { createLogger } from './log.ts';
import { patiently, type Patience } from './patience.ts';
import { readSettings, type Settings } from './settings.ts';

/** Something that trying again does not mend; the message says what does. */
export class ProvisionError extends Error {
  override readonly name = 'ProvisionError';
}

/**
 * Creates the topics and registers the schemas; what is there already is left as it is. Waits for a broker or a registry
 * that is still starting.
 *
 * @param env    settings by their names (`KAFKA_BROKERS`, …), before those of the process
 * @param report one line of progress at a time
 *
 * @example
 * await provision({ KAFKA_BROKERS: '127.0.0.1:9092', SCHEMA_REGISTRY_URL: 'http://127.0.0.1:8081' }, console.error);
 * @throws {ProvisionError} when a topic is there with another number of partitions
 * @throws when the broker or the registry did not answer in time, or refused
 */
export async function provision(
  env: Readonly<Record<string, string>>,
  report: (line: string) => void,
  patience: Patience = {},
): Promise<void> {
  const settings = readSettings({ env: { ...process.env, ...env }, cwd: process.cwd() });
  const all = topicsOf(settings);
  await provisionTopics(settings, all, 'as declared', report, patience);
  await registerSchemas(
    new SchemaRegistry({ url: settings.schemaRegistryUrl }),
    all,
    report,
    patience,
  );
}

/** Creates the missing ones of these topics, once there is a broker; as `ensureTopics`. */
export async function provisionTopics(
  settings: Settings,
  declared: readonly AvroTopic<unknown>[],
  partitions: PartitionPolicy,
  report: (line: string) => void,
  patience: Patience = {},
): Promise<void> {
  await patiently('the broker', report, patience, isFinal, () =>
    withAdmin(settings, async (admin) => {
      for (const line of await ensureTopics(admin, declared, partitions)) report(line);
    }),
  );
}

/** Registers the schemas of these topics, once there is a registry. */
export async function registerSchemas(
  registry: SchemaRegistry,
  declared: readonly AvroTopic<unknown>[],
  report: (line: string) => void,
  patience: Patience = {},
): Promise<void> {
  for (const topic of declared) {
    const register = () => registry.register(topic);
    const id = await patiently('the schema registry', report, patience, isFinal, register);
    report(`schema ${String(id)} is registered for ${topic.name}`);
  }
}

/** The four topics under the names that the settings give them. */
export function topicsOf(settings: Settings): readonly AvroTopic<unknown>[] {
  return [
    renamed(topics.orderStatusChanged, settings.orderTopic),
    renamed(topics.paymentStatusObserved, settings.paymentTopic),
    renamed(topics.alertRaised, settings.alertTopic),
    renamed(topics.alertResolved, settings.resolvedTopic),
  ];
}

/**
 * `as declared`: an existing topic must have the declared number of partitions.
 * `as found`: existing topics are right as they are, and missing ones get as many partitions as the first existing one.
 */
export type PartitionPolicy = 'as declared' | 'as found';

/**
 * Creates those of the topics that are missing. Answers what it did, a line for each topic that it created or finds odd.
 *
 * @throws {ProvisionError} when one is there with another number of partitions than declared
 */
export async function ensureTopics(
  admin: Admin,
  declared: readonly Pick<AvroTopic<unknown>, 'name' | 'partitions' | 'config'>[],
  policy: PartitionPolicy = 'as declared',
): Promise<string[]> {
  const names = new Set(await admin.listTopics());
  const existing = declared.filter(({ name }) => names.has(name));
  const missing = declared.filter(({ name }) => !names.has(name));
  const counts = await partitionCounts(admin, existing);
  if (policy === 'as declared') checkPartitions(existing, counts);
  const found = policy === 'as found' ? counts.values().next().value : undefined;
  const created = missing.map(({ name, partitions, config }) => ({
    topic: name,
    numPartitions: found ?? partitions,
    replicationFactor: -1, // the broker's default
    configEntries: Object.entries(config).map(([key, value]) => ({ name: key, value })),
  }));
  if (created.length > 0) {
    // Answers false when another process was faster, and that is as good.
    await admin.createTopics({ waitForLeaders: true, topics: created });
  }
  return [
    ...created.map(
      (each) => `topic ${each.topic} created, ${String(each.numPartitions)} partitions`,
    ),
    ...(await wrongTimestamps(admin, existing)),
  ];
}

async function partitionCounts(
  admin: Admin,
  existing: readonly { readonly name: string }[],
): Promise<Map<string, number>> {
  if (existing.length === 0) return new Map<string, number>(); // asked for none, a broker answers all
  const request = { topics: existing.map(({ name }) => name) };
  const { topics: found } = await admin.fetchTopicMetadata(request);
  return new Map(found.map(({ name, partitions }) => [name, partitions.length]));
}

function checkPartitions(
  existing: readonly { readonly name: string; readonly partitions: number }[],
  counts: ReadonlyMap<string, number>,
): void {
  const faults = existing
    .filter(({ name, partitions }) => counts.get(name) !== partitions)
    .map(
      ({ name, partitions }) =>
        `topic ${name} has ${String(counts.get(name))} partitions, declared are ${String(partitions)}`,
    );
  if (faults.length > 0) {
    throw new ProvisionError(
      `${faults.join('; ')}. Adding partitions would send the keys elsewhere than their history is: ` +
        'delete the topic (with its records), or name another one (ORDER_TOPIC, PAYMENT_TOPIC, ALERT_TOPIC, RESOLVED_TOPIC)',
    );
  }
}

const TIMESTAMP_TYPE = 'message.timestamp.type';

async function wrongTimestamps(
  admin: Admin,
  declared: readonly { readonly name: string; readonly config: Readonly<Record<string, string>> }[],
): Promise<string[]> {
  if (declared.length === 0) return [];
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: declared.map(({ name }) => ({
      // Node does not see this name as an export of its own.
      type: kafkajs.ConfigResourceTypes.TOPIC,
      name,
      configNames: [TIMESTAMP_TYPE],
    })),
  });
  return declared.flatMap(({ name, config }) => {
    const actual = resources
      .find((resource) => resource.resourceName === name)
      ?.configEntries.find((entry) => entry.configName === TIMESTAMP_TYPE)?.configValue;
    const wanted = config[TIMESTAMP_TYPE];
    return actual === undefined || actual === wanted
      ? []
      : [
          `warning: topic ${name} has ${TIMESTAMP_TYPE}=${actual} instead of ${String(wanted)}: retention may delete replayed records`,
        ];
  });
}

async function withAdmin(settings: Settings, use: (admin: Admin) => Promise<void>): Promise<void> {
  const logger = createLogger({ name: 'provision', level: 'silent' });
  const config = kafkaConfig(settings.kafka, 'provision', logger);
  // One attempt each: waiting, and saying so, is done here.
  const admin = new Kafka({ ...config, retry: { ...config.retry, retries: 1 } }).admin();
  try {
    await admin.connect();
    await use(admin);
  } finally {
    await admin.disconnect();
  }
}

/** Answers that come from what is there, not from its not being there yet. */
function isFinal(error: unknown): boolean {
  if (error instanceof ProvisionError) return true;
  if (!(error instanceof Error)) return false;
  const status = (error.cause as { status?: unknown } | undefined)?.status;
  return (
    error.name === 'KafkaJSSASLAuthenticationError' ||
    status === 401 ||
    status === 403 ||
    status === 409 ||
    status === 422
  );
}

import { setTimeout as delay } from 'node:timers/promises';
import kafkajs, { Kafka, type Admin } from 'kafkajs';
import { renamed, SchemaRegistry, topics, type AvroTopic } from '#schemas';
import { kafkaConfig } from './kafka.ts';
import { createLogger } from './log.ts';
import { readSettings, type Settings } from './settings.ts';

/** Something that trying again does not mend; the message says what does. */
export class ProvisionError extends Error {
  override readonly name = 'ProvisionError';
}

export interface ProvisionOptions {
  /** How long to wait for a broker or registry that is not there yet; default 60 s. */
  readonly timeoutMs?: number;
  readonly now?: () => number;
  readonly sleep?: (ms: number) => Promise<unknown>;
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
  options: ProvisionOptions = {},
): Promise<void> {
  const settings = readSettings({ env: { ...process.env, ...env }, cwd: process.cwd() });
  const all = topicsOf(settings);

  await patiently('the broker', report, options, () =>
    withAdmin(settings, async (admin) => {
      for (const line of await ensureTopics(admin, all)) report(line);
    }),
  );

  const registry = new SchemaRegistry({ url: settings.schemaRegistryUrl });
  for (const topic of all) {
    const id = await patiently('the schema registry', report, options, () =>
      registry.register(topic),
    );
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
 * Creates those of the topics that are missing. Answers what it did, a line for each topic that it created or finds odd.
 *
 * @throws {ProvisionError} when one is there with another number of partitions than declared
 */
export async function ensureTopics(
  admin: Admin,
  declared: readonly Pick<AvroTopic<unknown>, 'name' | 'partitions' | 'config'>[],
): Promise<string[]> {
  const existing = new Set(await admin.listTopics());
  const missing = declared.filter(({ name }) => !existing.has(name));
  if (missing.length > 0) {
    // Answers false when another process was faster, and that is as good.
    await admin.createTopics({
      waitForLeaders: true,
      topics: missing.map(({ name, partitions, config }) => ({
        topic: name,
        numPartitions: partitions,
        replicationFactor: -1, // the broker's default
        configEntries: Object.entries(config).map(([key, value]) => ({ name: key, value })),
      })),
    });
  }
  await checkPartitions(admin, declared);
  const odd = await wrongTimestamps(
    admin,
    declared.filter(({ name }) => existing.has(name)),
  );
  return [
    ...missing.map(
      ({ name, partitions }) => `topic ${name} created, ${String(partitions)} partitions`,
    ),
    ...odd,
  ];
}

async function checkPartitions(
  admin: Admin,
  declared: readonly { readonly name: string; readonly partitions: number }[],
): Promise<void> {
  const { topics: found } = await admin.fetchTopicMetadata({
    topics: declared.map(({ name }) => name),
  });
  const faults = declared.flatMap(({ name, partitions }) => {
    const actual = found.find((topic) => topic.name === name)?.partitions.length;
    return actual === undefined || actual === partitions
      ? []
      : [`topic ${name} has ${String(actual)} partitions, declared are ${String(partitions)}`];
  });
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

/** Tries until it works, with a line for every new reason why it did not. */
async function patiently<T>(
  what: string,
  report: (line: string) => void,
  { timeoutMs = 60_000, now = Date.now, sleep = delay }: ProvisionOptions,
  attempt: () => Promise<T>,
): Promise<T> {
  const deadline = now() + timeoutMs;
  let reported = '';
  for (let pauseMs = 200; ; pauseMs = Math.min(2 * pauseMs, 2_000)) {
    try {
      return await attempt();
    } catch (error) {
      const reason = (error as Error).message;
      if (isFinal(error) || now() + pauseMs > deadline) throw error;
      if (reason !== reported) report(`waiting for ${what}: ${reason}`);
      reported = reason;
      await sleep(pauseMs);
    }
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

import { StreamsException } from '../errors.ts';
import { changelogTopic, deadLetterTopic, type Topology } from '../graph/topology.ts';
import type { Clock } from './clock.ts';
import type { Kafka, NewTopic } from './kafka/kafka.ts';
import type { Logger } from './logger.ts';

const MISSING_PAUSE_MS = 200;
/** Topics just made take a moment to be known everywhere. */
const QUIET_ATTEMPTS = 10;

export interface PreparedTopics {
  /** The number of tasks. */
  readonly partitions: number;
  /** Of every topic that is written. */
  readonly partitionCounts: ReadonlyMap<string, number>;
}

/**
 * Waits for the topics that the topology reads and writes, checks that they fit together, and makes the internal ones.
 * @throws {StreamsException} when sources are not co-partitioned, or an internal topic does not fit
 */
export async function prepareTopics(
  topology: Topology,
  applicationId: string,
  {
    kafka,
    clock,
    logger,
    signal,
  }: { kafka: Kafka; clock: Clock; logger: Logger; signal: AbortSignal },
): Promise<PreparedTopics | undefined> {
  const sources = topology.sources.map((s) => s.topic.name);
  const sinks = topology.sinks.map((s) => s.topic.name);
  const counts = await waitForTopics([...new Set([...sources, ...sinks])]);
  if (!counts) return undefined;
  const partitions = coPartitioned(sources, counts);
  const internal = internalTopics(topology, applicationId, partitions);
  await kafka.createTopics(internal);
  const internalCounts = await waitForTopics(internal.map((t) => t.name));
  if (!internalCounts) return undefined;
  for (const { name } of internal) checkInternal(name, internalCounts.get(name)!, partitions);
  return { partitions, partitionCounts: new Map([...counts, ...internalCounts]) };

  async function waitForTopics(names: string[]): Promise<Map<string, number> | undefined> {
    let told = '';
    for (let attempt = 0; !signal.aborted; attempt++) {
      const found = await kafka.partitionCounts(names);
      const missing = names.filter((name) => !found.has(name)).join(', ');
      if (missing === '') return found;
      if (missing !== told && attempt >= QUIET_ATTEMPTS) {
        logger.warn(
          { missing },
          'waiting for topics that do not exist; create them, or see the topic settings',
        );
        told = missing;
      }
      await clock.sleep(MISSING_PAUSE_MS, signal);
    }
    return undefined;
  }
}

function coPartitioned(sources: readonly string[], counts: ReadonlyMap<string, number>): number {
  const partitions = counts.get(sources[0]!)!;
  if (sources.some((topic) => counts.get(topic) !== partitions)) {
    const list = sources.map((topic) => `${topic}: ${counts.get(topic)}`).join(', ');
    throw new StreamsException(
      `the topics that are read together must have the same number of partitions (${list}); make them anew with one number`,
    );
  }
  return partitions;
}

function internalTopics(topology: Topology, applicationId: string, partitions: number): NewTopic[] {
  const changelogs = topology.stores.map(({ name }) => ({
    name: changelogTopic(applicationId, name),
    partitions,
    // Timestamps are the runtime's wall clock here, and nothing is deleted by age.
    config: { 'cleanup.policy': 'compact', 'message.timestamp.type': 'CreateTime' },
  }));
  // What could not be processed waits for a person, however long that takes.
  const config = { 'retention.ms': '-1', 'message.timestamp.type': 'LogAppendTime' };
  return [...changelogs, { name: deadLetterTopic(applicationId), partitions, config }];
}

function checkInternal(name: string, found: number, expected: number): void {
  if (found === expected || name.endsWith('-dead-letter')) return;
  throw new StreamsException(
    `'${name}' has ${found} partitions and the sources have ${expected}: local state and changelog no longer fit; ` +
      `delete it to rebuild the state from the sources, or use another application id`,
  );
}

import { StreamsException } from '../errors.ts';
import { partitionsOf, type Partitions } from '../graph/partitions.ts';
import { changelogTopic, deadLetterTopic, type Topology } from '../graph/topology.ts';
import type { Clock } from './clock.ts';
import type { Kafka, NewTopic } from './kafka/kafka.ts';
import type { Logger } from './logger.ts';

const REPARTITION_MS = 7 * 24 * 60 * 60 * 1000;
const MISSING_PAUSE_MS = 200;
/** Topics just made take a moment to be known everywhere. */
const QUIET_ATTEMPTS = 10;

export interface PreparedTopics {
  /** The number of tasks, by sub-topology. */
  readonly tasks: readonly number[];
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
  const external = [...topology.sources, ...topology.sinks].filter((node) => !node.repartition);
  const names = external.map((node) => node.topic.name);
  const counts = await waitForTopics([...new Set(names)]);
  if (!counts) return undefined;
  const partitions = partitionsOf(topology, applicationId, counts);
  const internal = internalTopics(topology, applicationId, partitions);
  await kafka.createTopics(internal);
  const internalCounts = await waitForTopics(internal.map((t) => t.name));
  if (!internalCounts) return undefined;
  for (const topic of internal) checkInternal(topic, internalCounts.get(topic.name)!);
  const { tasks } = partitions;
  return { tasks, partitionCounts: new Map([...counts, ...internalCounts]) };

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

function internalTopics(
  topology: Topology,
  applicationId: string,
  { tasks, repartitionTopics }: Partitions,
): NewTopic[] {
  const changelogs = topology.subTopologies.flatMap(({ id, stores }) =>
    stores.map(({ name }) => ({
      name: changelogTopic(applicationId, name),
      partitions: tasks[id]!,
      // Timestamps are the runtime's wall clock here, and nothing is deleted by age.
      config: { 'cleanup.policy': 'compact', 'message.timestamp.type': 'CreateTime' },
    })),
  );
  const repartitions = [...repartitionTopics].map(([name, partitions]) => ({
    name,
    partitions,
    // Read at once, mostly; what an outage of a week has left unread is still there.
    config: { 'retention.ms': String(REPARTITION_MS), 'message.timestamp.type': 'LogAppendTime' },
  }));
  // What could not be processed waits for a person, however long that takes.
  const config = { 'retention.ms': '-1', 'message.timestamp.type': 'LogAppendTime' };
  const deadLetters = {
    name: deadLetterTopic(applicationId),
    partitions: Math.max(...tasks),
    config,
  };
  return [...changelogs, ...repartitions, deadLetters];
}

function checkInternal({ name, partitions }: NewTopic, found: number): void {
  if (found === partitions || name.endsWith('-dead-letter')) return;
  throw new StreamsException(
    `'${name}' has ${found} partitions and the sources have ${partitions}: local state and changelog no longer fit; ` +
      `delete it to rebuild the state from the sources, or use another application id`,
  );
}

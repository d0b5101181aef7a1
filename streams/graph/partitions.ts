import { StreamsException } from '../errors.ts';
import { topicName, type SubTopology, type Topology } from './topology.ts';

/** How many partitions the parts of a topology have, given those of the topics that it reads. */
export interface Partitions {
  /** By sub-topology: how many tasks it has, and its changelogs partitions. */
  readonly tasks: readonly number[];
  /** By name at the broker. */
  readonly repartitionTopics: ReadonlyMap<string, number>;
}

/**
 * Checks that what is read together is co-partitioned, and gives repartition topics as many partitions as what they are read
 * together with has; where that says nothing, as many as the user said, or as what is written to them has.
 *
 * @param counts of the topics that the topology reads, by name at the broker
 * @throws {StreamsException} when topics that are read together differ
 */
export function partitionsOf(
  topology: Topology,
  applicationId: string,
  counts: ReadonlyMap<string, number>,
): Partitions {
  const { subTopologies } = topology;
  const tasks: (number | undefined)[] = subTopologies.map((each) =>
    coPartitioned(each, applicationId, counts),
  );
  // What has repartition topics alone goes by what writes to them, which may have to be found out first.
  for (let pass = 0; pass < subTopologies.length; pass++) {
    for (const { id, sources } of subTopologies) {
      const writers = subTopologies.filter(({ sinks }) =>
        sinks.some((sink) => sink.repartition && sources.some((s) => s.topic === sink.topic)),
      );
      const known = writers.map((writer) => tasks[writer.id]).filter((n) => n !== undefined);
      if (known.length === writers.length) tasks[id] ??= Math.max(...known);
    }
  }
  const repartitionTopics = new Map<string, number>();
  for (const { id, sources } of subTopologies) {
    for (const source of sources) {
      if (source.repartition) repartitionTopics.set(topicName(applicationId, source), tasks[id]!);
    }
  }
  return { tasks: tasks as number[], repartitionTopics };
}

/** The number that a sub-topology's inputs have; undefined when they leave it open. */
function coPartitioned(
  { sources }: SubTopology,
  applicationId: string,
  counts: ReadonlyMap<string, number>,
): number | undefined {
  const fixed = sources.flatMap((source) => {
    const name = topicName(applicationId, source);
    const count = source.repartition ? source.repartition.partitions : counts.get(name);
    return count === undefined ? [] : [{ name, count }];
  });
  if (fixed.some(({ count }) => count !== fixed[0]!.count)) {
    const list = fixed.map(({ name, count }) => `${name}: ${count}`).join(', ');
    throw new StreamsException(
      `the topics that are read together must have the same number of partitions (${list}); make them anew with one number, ` +
        `or send one of the streams through repartition()`,
    );
  }
  return fixed[0]?.count;
}

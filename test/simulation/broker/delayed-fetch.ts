import type { FetchedPartition, FetchPosition } from '#streams/runtime/kafka/kafka';
import type { Faults } from '../faults.ts';
import type { Scheduler } from '../scheduler.ts';
import type { Cluster } from './cluster.ts';
import { refusal } from './errors.ts';

export interface FetchContext {
  readonly cluster: Cluster;
  readonly scheduler: Scheduler;
  readonly faults: Faults;
}

/** Committed records of the partitions that a broker leads; waits for some while there are none. */
export function delayedFetch(
  broker: number,
  positions: readonly FetchPosition[],
  maxWaitMs: number,
  { cluster, scheduler, faults }: FetchContext,
): FetchedPartition[] | Promise<FetchedPartition[]> {
  const look = () => positions.map((position) => fetchOne(broker, position, cluster, faults));
  const first = look();
  if (first.some(isWorthAnAnswer)) return first;
  const logs = positions.map((position) => cluster.find(position));
  return new Promise((resolve) => {
    const finish = (answer: FetchedPartition[]) => {
      timer.isCancelled = true;
      for (const log of logs) log.unwatch(watch);
      resolve(answer);
    };
    const timer = scheduler.after(maxWaitMs, () => {
      finish(look());
    });
    const watch = () => {
      const answer = look();
      if (answer.some(isWorthAnAnswer)) finish(answer);
    };
    for (const log of logs) log.watch(watch);
  });
}

/** Control and aborted records are bytes, too. */
function isWorthAnAnswer({ error, moved }: Looked): boolean {
  return error !== undefined || moved;
}

type Looked = FetchedPartition & { readonly moved: boolean };

function fetchOne(
  broker: number,
  { topic, partition, offset }: FetchPosition,
  cluster: Cluster,
  faults: Faults,
): Looked {
  const none = { records: [], nextOffset: offset, moved: false };
  const at = { topic, partition, lastStableOffset: -1, logStartOffset: 0 };
  const refused = (type: string) => ({ ...at, ...none, error: refusal(type) });
  const log = cluster.topics.get(topic)?.[partition];
  if (!log) return refused('UNKNOWN_TOPIC_OR_PARTITION');
  if (cluster.leaderOf(log) !== broker) return refused('NOT_LEADER_FOR_PARTITION');
  if (offset > log.end) return refused('OFFSET_OUT_OF_RANGE');
  const { lastStableOffset } = log;
  const answer = { ...at, lastStableOffset, error: undefined };
  if (offset >= lastStableOffset || faults.isCrowdedOut()) return { ...answer, ...none };
  const { records, nextOffset } = log.read(offset, faults.fetchLimit());
  return { ...answer, records, nextOffset, moved: nextOffset > offset };
}

import { changelogTopic } from '#streams/graph/topology';
import type { Topology } from '#streams';
import { META_COLUMN, type StateBackend } from '#streams/state/backend';
import { storeColumn, timerColumn } from '#streams/state/keyed-state';
import { LAYOUT_KEY } from '#streams/state/layout';
import { TimerColumn } from '#streams/state/timer-column';
import { timersOf } from '#streams/task/store-parts';
import type { ModelBroker } from '../broker/model-broker.ts';
import type { PartitionLog } from '../broker/partition-log.ts';
import type { Disk } from '../disk.ts';
import { ensure } from '../workload/workload.ts';

/**
 * On every disk, whoever had it last: a store that stands at an offset is what the changelog's committed records before
 * that offset come to, and its timers are those of its states.
 */
export function checkDisk(
  disk: Disk,
  topology: Topology,
  applicationId: string,
  broker: ModelBroker,
): void {
  for (const [task, folder] of disk.folders) {
    const partition = Number(task.split('_').at(-1));
    for (const definition of topology.stores) {
      const store = definition.name;
      const topic = changelogTopic(applicationId, store);
      const log = broker.cluster.topics.get(topic)?.[partition];
      const checkpoint = numberOf(folder.content, `checkpoint ${topic}`);
      if (!log || checkpoint === undefined || checkpoint > log.end) continue;
      const found = contentOf(folder.content, storeColumn(store));
      // Of a compacted changelog a part is not what it was: the rest of it must lead to the same end.
      const reached = log.isCompacted ? foldOf(log, checkpoint, log.end, found) : found;
      const expected = foldOf(log, 0, log.isCompacted ? log.end : checkpoint);
      const where = `${disk.instanceId}, task ${task}, store ${store} at ${checkpoint}`;
      ensure(linesOf(reached) === linesOf(expected), () => {
        return `${where}, the state is\n${linesOf(reached)}\nand its changelog says\n${linesOf(expected)}`;
      });
      const owned = timersOf(definition, topology.processors);
      if (!owned) continue;
      const timers = [...found].flatMap(([key, value]) => {
        const dueAt = owned.at(definition.serde.decode(value), key);
        return dueAt === null ? [] : [`${Math.max(0, Math.ceil(dueAt))} ${key}`];
      });
      const kept = new TimerColumn(folder.content, timerColumn(owned.owner), String)
        .scan(0, Number.MAX_SAFE_INTEGER)
        .map(({ dueAt, id }) => `${dueAt} ${id}`);
      ensure(timers.sort().join('\n') === kept.sort().join('\n'), () => {
        return `${where}, the timers are\n${kept.join('\n')}\nand its states have\n${timers.join('\n')}`;
      });
      const counted = numberOf(folder.content, `timer-count ${owned.owner}`);
      ensure(counted === kept.length, () => `${where}, ${counted} of ${kept.length} timers count`);
    }
  }
}

/** Fills a disk with a state of another world: its checkpoint is far behind the end of the changelog. */
export function soilDisk(
  disk: Disk,
  topology: Topology,
  applicationId: string,
  partitions: number,
  strangeState: Buffer,
): void {
  for (let partition = 0; partition < partitions; partition++) {
    disk.folder(`0_${partition}`).write(
      topology.stores.map(({ name: store }) => (batch) => {
        const checkpoint = Buffer.alloc(8);
        checkpoint.writeBigInt64BE(1_000_000n);
        const key = Buffer.from(`checkpoint ${changelogTopic(applicationId, store)}`);
        batch.put(META_COLUMN, key, checkpoint);
        for (let i = 0; i < 3; i++)
          batch.put(storeColumn(store), Buffer.from(`strange-${i}`), strangeState);
      }),
    );
  }
}

function numberOf(content: StateBackend, key: string): number | undefined {
  const [bytes] = content.getMany(META_COLUMN, [Buffer.from(key)]);
  return bytes && Number(bytes.readBigInt64BE(0));
}

function contentOf(content: StateBackend, column: string): Map<string, Buffer> {
  const entries = content.scan(column, Buffer.alloc(0), Number.MAX_SAFE_INTEGER);
  return new Map(entries.map(([key, value]) => [key.toString(), value]));
}

function foldOf(
  log: PartitionLog,
  from: number,
  to: number,
  start: ReadonlyMap<string, Buffer> = new Map(),
): Map<string, Buffer> {
  const states = new Map(start);
  for (const { key, value } of log.committed(from, Math.min(to, log.lastStableOffset))) {
    if (key!.equals(LAYOUT_KEY)) continue;
    if (value === null) states.delete(key!.toString());
    else states.set(key!.toString(), value);
  }
  return states;
}

function linesOf(states: Map<string, Buffer>): string {
  return [...states]
    .map(([key, value]) => `${key} ${value.toString('latin1')}`)
    .sort()
    .join('\n');
}

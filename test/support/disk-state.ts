import { join } from 'node:path';
import type { Topology } from '#streams';
import { changelogTopic } from '#streams/graph/topology';
import { META_COLUMN } from '#streams/state/backend';
import { storeColumn } from '#streams/state/keyed-state';
import { LAYOUT_KEY } from '#streams/state/layout';
import { RocksDbBackend } from '#streams/state/rocksdb-backend';
import { stateColumns } from '#streams/task/task-state';
import type { TestKafka } from './kafka.ts';

/** What a store's disk and its changelog say, as sorted lines; and how far each of them stands. */
export interface StoreContents {
  readonly disk: readonly string[];
  readonly changelog: readonly string[];
  readonly checkpoint: number;
  readonly end: number;
}

/** Reads what a stopped instance has on its disk of one task, and what the changelogs come to. */
export async function storeContents(
  kafka: TestKafka,
  topology: Topology,
  stateDir: string,
  task: string,
): Promise<StoreContents[]> {
  const [id, partition] = task.split('_').map(Number) as [number, number];
  const sub = topology.subTopologies[id]!;
  const backend = await RocksDbBackend.open(join(stateDir, kafka.name, task), stateColumns(sub));
  try {
    const all: StoreContents[] = [];
    for (const { name } of sub.stores) {
      const topic = changelogTopic(kafka.name, name);
      const disk = backend.scan(storeColumn(name), Buffer.alloc(0), Number.MAX_SAFE_INTEGER);
      const [checkpoint] = backend.getMany(META_COLUMN, [Buffer.from(`checkpoint ${topic}`)]);
      all.push({
        disk: disk.map(([key, value]) => line(key, value)).sort(),
        changelog: await fold(kafka, topic, partition),
        checkpoint: Number(checkpoint?.readBigInt64BE(0)),
        end: (await kafka.ends(topic))[partition]!,
      });
    }
    return all;
  } finally {
    await backend.close();
  }
}

async function fold(kafka: TestKafka, topic: string, partition: number): Promise<string[]> {
  const latest = new Map<string, string>();
  for (const { key, value, ...record } of await kafka.readAll(topic)) {
    if (record.partition !== partition || key!.equals(LAYOUT_KEY)) continue;
    const id = key!.toString('latin1');
    if (value === null) latest.delete(id);
    else latest.set(id, line(key!, value));
  }
  return [...latest.values()].sort();
}

function line(key: Buffer, value: Buffer): string {
  return `${key.toString('latin1')} ${value.toString('base64')}`;
}

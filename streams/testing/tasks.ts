import type { Topology } from '../graph/topology.ts';
import { NO_HEADERS, type Headers } from '../processor/record.ts';
import { MemoryBackend } from '../state/memory-backend.ts';
import type { RawRecord } from '../task/input-record.ts';
import { Task, type TaskOptions } from '../task/task.ts';
import type { Ping } from './topics.ts';

/** A task of partition 0, started at the start of its inputs; lateness 0 unless given. */
export function startTask(
  { subTopologies: [topology] }: Topology,
  options: Partial<TaskOptions> = {},
): Task {
  const task = new Task({
    topology: topology!,
    applicationId: 'app',
    partition: 0,
    backend: new MemoryBackend(),
    serde: (topic) => topic.value,
    allowedLatenessMs: 0,
    cacheSize: 1000,
    waitForInputs: false,
    ...options,
  });
  task.start(
    topology!.sources.map(({ topic }) => ({ topic: topic.name, offset: 0, metadata: null })),
  );
  return task;
}

/** A ping as fetched. */
export function rawPing(offset: number, ping: Ping, headers: Headers = NO_HEADERS): RawRecord {
  const value = Buffer.from(JSON.stringify(ping));
  return { offset, timestamp: 0, key: Buffer.from(ping.id), value, headers };
}

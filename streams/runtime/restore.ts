import { StreamsException } from '../errors.ts';
import type { TaskState } from '../task/task-state.ts';
import type { Task } from '../task/task.ts';
import type { TaskOptions } from './active-task.ts';
import { readRange, type ChangelogChunk } from './changelog-reader.ts';
import type { Kafka, TopicPartition } from './kafka/kafka.ts';
import type { Restore } from './restores.ts';
import { retry, type RetryContext } from './retry.ts';

/**
 * Brings local state to the changelogs' ends, from the checkpoint on.
 * @returns how many offsets the changelogs have, which is at least as many as records
 */
export async function restore(
  task: Task,
  options: TaskOptions,
  signal: AbortSignal,
): Promise<number> {
  const { kafka, config, partition, restores } = options;
  const context = { ...config, kafka, signal };
  const running: { restore: Restore; at: TopicPartition; from: number; end: number }[] = [];
  let held = 0;
  try {
    // All of them at once: it shows from the start how much there is to read.
    for (const { topic, store } of task.state.changelogs) {
      const at = { topic, partition };
      const { earliest, from, end } = await changelogStart(task.state, at, context);
      held += end - earliest;
      const started = restores.start({ task: task.id, store, ...at, from, end });
      running.push({ restore: started, at, from, end });
    }
    for (const { restore, at, from, end } of running) {
      for await (const chunk of readRange(at, from, end, context)) {
        const records = restoreChunk(task.state, at.topic, chunk, end);
        task.metrics.restored += records;
        restore.advance(Math.min(chunk.nextOffset, end), records);
      }
      if (signal.aborted)
        throw new StreamsException(`restoring ${at.topic}-${partition} was interrupted`);
      // Of an empty changelog local state stands at the end, too.
      if (task.state.checkpoint(at.topic) === undefined) task.state.restore(at.topic, [], end);
      restore.end();
    }
  } finally {
    for (const { restore } of running) restore.suspend();
  }
  return held;
}

/** Where to read a changelog from, and its end now; local state that does not fit it is dropped. */
export async function changelogStart(
  state: TaskState,
  at: TopicPartition,
  context: RetryContext & { readonly kafka: Kafka },
): Promise<{ earliest: number; from: number; end: number }> {
  const { kafka, logger } = context;
  const list = async (position: 'earliest' | 'latest') => {
    const what = `offsets of ${at.topic}-${at.partition}`;
    const [offset] = await retry(what, () => kafka.listOffsets([at], position), context);
    return offset!;
  };
  const earliest = await list('earliest');
  const end = await list('latest');
  const checkpoint = state.checkpoint(at.topic);
  // Behind the start: compaction or retention took records that are missing here. Ahead of the end: it is another topic
  // of that name by now. Either way local state can't be brought up to date, only made anew.
  if (checkpoint !== undefined && checkpoint >= earliest && checkpoint <= end) {
    return { earliest, from: checkpoint, end };
  }
  if (checkpoint !== undefined) {
    logger.warn(
      { ...at, checkpoint, earliest, end },
      'local state does not fit the changelog, rebuilding it',
    );
  }
  // Also without a checkpoint: a wipe may have been cut short, and have left some of what it was to drop.
  state.wipe(at.topic);
  return { earliest, from: earliest, end };
}

/** Applies a chunk; answers how many records it had. */
export function restoreChunk(
  state: TaskState,
  changelog: string,
  { records, nextOffset }: ChangelogChunk,
  end: number,
): number {
  const changes = records.map(({ key, value }) => ({ key: Buffer.from(key!), value }));
  state.restore(changelog, changes, Math.min(nextOffset, end));
  return changes.length;
}

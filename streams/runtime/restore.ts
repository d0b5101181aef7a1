import { StreamsException } from '../errors.ts';
import type { TaskState } from '../task/task-state.ts';
import type { Task } from '../task/task.ts';
import type { TaskOptions } from './active-task.ts';
import { readRange, type ChangelogChunk } from './changelog-reader.ts';
import type { Kafka, TopicPartition } from './kafka/kafka.ts';
import { retry, type RetryContext } from './retry.ts';

/** Brings local state to the changelogs' ends, from the checkpoint on. */
export async function restore(
  task: Task,
  options: TaskOptions,
  signal: AbortSignal,
): Promise<void> {
  const { kafka, config, partition } = options;
  const { logger, clock } = config;
  const context = { ...config, kafka, signal };
  for (const topic of task.state.changelogTopics) {
    const at = { topic, partition };
    const { from, end } = await changelogStart(task.state, at, context);
    const startedAt = clock.now();
    let records = 0;
    for await (const chunk of readRange(at, from, end, context)) {
      records += restoreChunk(task.state, topic, chunk, end);
    }
    if (signal.aborted)
      throw new StreamsException(`restoring ${topic}-${partition} was interrupted`);
    // Of an empty changelog local state stands at the end, too.
    if (task.state.checkpoint(topic) === undefined) task.state.restore(topic, [], end);
    task.metrics.restored += records;
    const ms = clock.now() - startedAt;
    logger.info({ task: task.id, topic, partition, from, end, records, ms }, 'state restored');
  }
}

/** Where to read a changelog from, and its end now; local state that does not fit it is dropped. */
export async function changelogStart(
  state: TaskState,
  at: TopicPartition,
  context: RetryContext & { readonly kafka: Kafka },
): Promise<{ from: number; end: number }> {
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
    return { from: checkpoint, end };
  }
  if (checkpoint !== undefined) {
    logger.warn(
      { ...at, checkpoint, earliest, end },
      'local state does not fit the changelog, rebuilding it',
    );
  }
  // Also without a checkpoint: a wipe may have been cut short, and have left some of what it was to drop.
  state.wipe(at.topic);
  return { from: earliest, end };
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

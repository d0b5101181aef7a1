import type { TaskCounts } from '../task/task-metrics.ts';
import type { ActiveTask } from './active-task.ts';
import type { TaskId } from './assignor.ts';
import type { UncaughtErrorKind } from './error-policy.ts';
import type { PartitionFault } from './fetch-faults.ts';
import type { RestoreStatus } from './restores.ts';
import type { StreamsState } from './state.ts';
import type { TaskFailure } from './task-manager.ts';

/** What an application is at, for metrics and people. Plain data: it may come from another thread. */
export interface StreamsStatus {
  readonly state: StreamsState;
  readonly threads: readonly ThreadStatus[];
  /** Threads that have failed since the start. */
  readonly failedThreads: number;
  /** Errors that needed an action since the start. */
  readonly uncaughtErrors: ReadonlyMap<UncaughtErrorKind, number>;
  readonly tasks: readonly TaskStatus[];
  readonly standbys: readonly StandbyStatus[];
  /** Stores that are being brought up to date; their tasks do not run yet. */
  readonly restoring: readonly RestoreStatus[];
  /** Tasks that have failed, and wait to start again. */
  readonly failures: readonly TaskFailure[];
  /** Inputs that can't be read. */
  readonly faults: readonly PartitionFault[];
}

/** What a thread has fetched since it was started. */
export interface ThreadStatus {
  readonly thread: string;
  readonly polls: number;
  readonly pollRecords: number;
  /** Until the answers came, ms; waiting for records included. */
  readonly pollMs: number;
}

/** What one task is at. */
export interface TaskStatus extends TaskCounts {
  readonly task: TaskId;
  readonly partition: number;
  /** Event time, epoch ms; -Infinity before every input was read once. */
  readonly watermark: number;
  /** How far the watermark is behind the wall clock, ms. */
  readonly watermarkDelayMs: number;
  /** The input that holds the watermark back, `topic-partition`. */
  readonly heldBackBy: string;
  readonly inputs: readonly InputStatus[];
  readonly buffered: number;
  readonly caughtUp: boolean;
  /** Time spent in processing, and in commits, ms. */
  readonly processMs: number;
  readonly commitMs: number;
  /** Event-time timers that are set, as of the last commit; undefined where a former version has written local state. */
  readonly timers: number | undefined;
  /** What the task's changelogs held when it was started here, in offsets: of these it has read `restored`. */
  readonly changelogOffsets: number;
  /** Of local state; only where the disk was asked. */
  readonly stateBytes?: number;
}

export interface InputStatus {
  readonly topic: string;
  readonly partition: number;
  /** The next offset to process. */
  readonly position: number;
  /** Records up to the last stable offset, control records included; undefined before the first answer. */
  readonly lag: number | undefined;
  readonly buffered: number;
}

/** A replica kept here of a task that runs elsewhere. */
export interface StandbyStatus {
  readonly task: TaskId;
  /** Changelog records that it had not read when it last looked; Infinity before it has. */
  readonly lag: number;
  /** Changelog records read since it was started. */
  readonly updated: number;
}

/** @param ends of the inputs, by topic, as far as they are known */
export function taskStatus(
  active: ActiveTask,
  ends: ReadonlyMap<string, number>,
  now: number,
): TaskStatus {
  const { task, processMs, commitMs, changelogOffsets } = active;
  const inputs = task.fetchPositions.map(({ topic, partition, position, buffered }) => {
    const end = ends.get(topic);
    const lag = end === undefined ? undefined : Math.max(0, end - position);
    return { topic, partition, position, lag, buffered };
  });
  const slowest = inputs[task.watermark.slowestInput(now)]!;
  return {
    task: task.id,
    partition: task.partition,
    watermark: task.watermark.value,
    watermarkDelayMs: now - task.watermark.value,
    heldBackBy: `${slowest.topic}-${slowest.partition}`,
    inputs,
    buffered: task.buffered,
    caughtUp: task.isCaughtUp,
    processMs,
    commitMs,
    timers: task.state.timers,
    changelogOffsets,
    ...task.metrics.snapshot(),
  };
}

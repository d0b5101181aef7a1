import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { TaskMetrics } from '../task/task-metrics.ts';
import { registerMetrics } from './metrics.ts';
import type { RestoreStatus } from './restores.ts';
import type { StreamsStatus, TaskStatus } from './status.ts';

function task(overrides: Partial<TaskStatus> = {}): TaskStatus {
  return {
    ...new TaskMetrics().snapshot(),
    task: '0_1',
    partition: 1,
    watermark: 1_700_000_000_000,
    watermarkDelayMs: 2500,
    heldBackBy: 'orders-1',
    inputs: [
      { topic: 'orders', partition: 1, position: 10, lag: 7, buffered: 3 },
      { topic: 'payments', partition: 1, position: 0, lag: undefined, buffered: 0 },
    ],
    buffered: 3,
    caughtUp: false,
    processMs: 1500,
    commitMs: 250,
    timers: 4,
    changelogOffsets: 900,
    stateBytes: 4096,
    ...overrides,
  };
}

const restore: RestoreStatus = {
  task: '0_2',
  store: 'a',
  topic: 'app-a-changelog',
  partition: 2,
  from: 100,
  position: 150,
  end: 300,
  records: 40,
  percent: 25,
  remainingMs: 3000,
};

const nothing: StreamsStatus = {
  state: 'CREATED',
  threads: [],
  failedThreads: 0,
  uncaughtErrors: new Map(),
  tasks: [],
  standbys: [],
  restoring: [],
  failures: [],
  faults: [],
};

/** The lines of a scrape, without the names' common part. */
async function scrape(status: Partial<StreamsStatus>): Promise<string[]> {
  const registry = new Registry();
  registerMetrics(() => ({ ...nothing, ...status }), registry);
  return linesOf(await registry.metrics());
}

function linesOf(text: string): string[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('kafka_streams_'))
    .map((line) => line.replace('kafka_streams_', ''));
}

test('an application that was not started has its state, and no threads', async () => {
  const lines = await scrape({});
  expect(lines).toContain('state{state="CREATED"} 1');
  expect(lines).toContain('state{state="RUNNING"} 0');
  expect(lines).toContain('alive_stream_threads 0');
  expect(lines.filter((line) => /^(task|thread|standby)_/.test(line))).toEqual([]);
});

test('a task shows what it has done, and where it stands', async () => {
  const counts = { processed: 500, commits: 5, late: 2, restored: 60 };
  const lines = await scrape({ tasks: [task(counts)] });
  for (const line of [
    'process_total{task="0_1"} 500',
    'process_seconds_total{task="0_1"} 1.5',
    'commit_total{task="0_1"} 5',
    'commit_seconds_total{task="0_1"} 0.25',
    'record_late_total{task="0_1"} 2',
    'records_lag{task="0_1",topic="orders",partition="1"} 7',
    'watermark_delay_seconds{task="0_1",held_back_by="orders-1"} 2.5',
    'timers{task="0_1"} 4',
    'state_size_bytes{task="0_1"} 4096',
    'restore_total{task="0_1"} 60',
    'restore_remaining_records{task="0_1"} 0',
    'changelog_records{task="0_1"} 900',
  ])
    expect(lines).toContain(`task_${line}`);
  // Of an input that was never answered nothing is known.
  expect(lines.filter((line) => line.includes('payments'))).toEqual([]);
});

test('what is counted by name has a line for each', async () => {
  const dropped = new Map([
    ['duplicate', 3],
    ['window-closed', 1],
  ]);
  const lines = await scrape({ tasks: [task({ dropped })] });
  expect(lines).toContain('task_dropped_records_total{task="0_1",reason="duplicate"} 3');
  expect(lines).toContain('task_dropped_records_total{task="0_1",reason="window-closed"} 1');
});

test('dead letters are counted by what failed and in which node', async () => {
  const deadLetters = new Map([
    ['process sum up', 2],
    ['deserialize orders-source', 1],
  ]);
  const lines = await scrape({ tasks: [task({ deadLetters })] });
  const name = 'task_dead_letter_records_total';
  expect(lines.filter((line) => line.startsWith(name))).toEqual([
    `${name}{task="0_1",kind="process",node="sum up"} 2`,
    `${name}{task="0_1",kind="deserialize",node="orders-source"} 1`,
  ]);
});

test('the stores that a task restores add up', async () => {
  const other = { ...restore, store: 'b', position: 10, end: 20, records: 5 };
  const lines = await scrape({ restoring: [restore, other] });
  expect(lines).toContain('task_restore_total{task="0_2"} 45');
  expect(lines).toContain('task_restore_remaining_records{task="0_2"} 160');
});

test('threads, replicas, failures and faults', async () => {
  const fault = { topic: 'orders', partition: 3, offset: 8, attempts: 4, since: 0 };
  const lines = await scrape({
    threads: [{ thread: 'StreamThread-1', polls: 9, pollRecords: 100, pollMs: 500 }],
    failedThreads: 2,
    uncaughtErrors: new Map([['task-corrupted', 6]]),
    standbys: [{ task: '0_0', lag: 12, updated: 34 }],
    failures: [{ task: '0_4', failures: 3, error: 'no answer', retryAt: 0 }],
    faults: [{ ...fault, type: 'CORRUPT_MESSAGE', error: 'damaged', advice: 'mend it' }],
  });
  for (const line of [
    'alive_stream_threads 1',
    'failed_stream_threads_total 2',
    'thread_poll_total{thread="StreamThread-1"} 9',
    'thread_poll_records_total{thread="StreamThread-1"} 100',
    'thread_poll_seconds_total{thread="StreamThread-1"} 0.5',
    'uncaught_errors_total{kind="task-corrupted"} 6',
    'standby_task_records_lag{task="0_0"} 12',
    'standby_task_update_total{task="0_0"} 34',
    'task_failures{task="0_4"} 3',
    'unreadable_partition{topic="orders",partition="3",type="CORRUPT_MESSAGE"} 1',
  ])
    expect(lines).toContain(line);
});

test('each scrape asks once, and forgets what is gone', async () => {
  const registry = new Registry();
  const answers = [[task({ task: '0_0' })], [task({ task: '0_9' })]];
  let asked = 0;
  registerMetrics(() => Promise.resolve({ ...nothing, tasks: answers[asked++]! }), registry);
  const first = linesOf(await registry.metrics());
  expect(asked).toBe(1);
  expect(first.some((line) => line.includes('"0_0"'))).toBe(true);
  const second = linesOf(await registry.metrics());
  expect(asked).toBe(2);
  expect(second.some((line) => line.includes('"0_9"'))).toBe(true);
  expect(second.some((line) => line.includes('"0_0"'))).toBe(false);
});

test('a status can come from another thread', () => {
  const status = { ...nothing, tasks: [task()], restoring: [restore] };
  expect(structuredClone(status)).toEqual(status);
});

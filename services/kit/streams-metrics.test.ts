import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { registerStreamsMetrics, type MeasuredApp } from './streams-metrics.ts';

type Task = ReturnType<MeasuredApp['tasks']>[number];

const task: Task = {
  task: '0_3',
  partition: 3,
  watermark: 1_706_789_000_000,
  buffered: 2,
  caughtUp: true,
  processed: 10,
  late: 1,
  timersFired: 4,
  commits: 3,
  deadLetters: 0,
  restored: 0,
  dropped: new Map([['duplicate', 5]]),
  events: new Map([['raised-RULE_A', 2]]),
};

test('what the tasks count is shown as it stands at the time of asking', async () => {
  const tasks = [task];
  const registry = metricsOf({ state: 'RUNNING', tasks: () => tasks });
  const first = await registry.metrics();
  expect(first).toContain('streams_processed_records_total{task="0_3"} 10');
  expect(first).toContain('streams_dropped_records_total{task="0_3",reason="duplicate"} 5');
  expect(first).toContain('streams_processor_events_total{task="0_3",event="raised-RULE_A"} 2');
  expect(first).toContain('streams_watermark_milliseconds{task="0_3"} 1706789000000');
  expect(first).toContain('streams_caught_up{task="0_3"} 1');
  expect(first).toContain('streams_state{state="RUNNING"} 1');

  tasks[0] = { ...task, processed: 11 };
  expect(await registry.metrics()).toContain('streams_processed_records_total{task="0_3"} 11');
});

test('a task that left is not shown any more, and no watermark is none', async () => {
  const tasks = [{ ...task, watermark: -Infinity }];
  const registry = metricsOf({ state: 'RUNNING', tasks: () => tasks });
  expect(await registry.metrics()).not.toContain('streams_watermark_milliseconds{');
  tasks.length = 0;
  expect(await registry.metrics()).not.toContain('0_3');
});

function metricsOf(app: MeasuredApp): Registry {
  const registry = new Registry();
  registerStreamsMetrics(app, registry);
  return registry;
}

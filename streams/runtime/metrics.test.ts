import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { TaskMetrics } from '../task/task-metrics.ts';
import type { TaskStatus } from './kafka-streams.ts';
import { registerMetrics } from './metrics.ts';

test('dead letters are counted by what failed and in which node', async () => {
  const metrics = new TaskMetrics();
  metrics.deadLetter('process', 'sum up');
  metrics.deadLetter('process', 'sum up');
  metrics.deadLetter('deserialize', 'orders-source');
  const status = { task: '0_1', partition: 1, watermark: 0, buffered: 0, caughtUp: true };
  const tasks: TaskStatus[] = [{ ...status, ...metrics.snapshot() }];
  const registry = new Registry();
  registerMetrics({ state: 'RUNNING', tasks: () => tasks }, registry);
  const text = await registry.metrics();
  const name = 'kafka_streams_task_dead_letter_records_total';
  expect(text.split('\n').filter((line) => line.startsWith(name))).toEqual([
    `${name}{task="0_1",kind="process",node="sum up"} 2`,
    `${name}{task="0_1",kind="deserialize",node="orders-source"} 1`,
  ]);
});

import { expect, test } from 'vitest';
import type { CommittedInput } from '#kit';
import { withTasks } from './lag.ts';
import { parseTasks } from './task-metrics.ts';

const NOW = Date.parse('2024-02-01T12:00:00.000Z');
const input = { topic: 'orders', partition: 1, earliest: 2, position: 5, end: 9, lag: 4 };

test('tasks are read from metrics, those without a watermark are not', () => {
  const metrics = `# HELP kafka_streams_task_timers Event-time timers that are set
kafka_streams_task_watermark_seconds{task="0_1"} 1706788799.123
kafka_streams_task_watermark_seconds{task="0_2"} -Inf
kafka_streams_task_timers{task="0_1"} 7
kafka_streams_task_watermark_delay_seconds{task="0_1",held_back_by="orders-1"} 0.877
`;
  expect(parseTasks(metrics)).toEqual([['0_1', { watermark: 1_706_788_799_123, timers: 7 }]]);
});

test('a watermark is the latest that is known: live, or committed by either input', () => {
  const inputs: CommittedInput[] = [
    { ...input, watermark: NOW - 9_000 },
    { ...input, topic: 'payments', watermark: NOW - 8_000 },
    { ...input, topic: 'payments', partition: 0, watermark: null },
  ];
  const committed = withTasks(inputs, new Map(), NOW);
  expect(committed.map((each) => [each.task, each.watermarkDelayMs, each.isLive])).toEqual([
    ['0_1', 8_000, false],
    ['0_1', 8_000, false],
    ['0_0', null, false],
  ]);
  const live = withTasks(inputs, new Map([['0_1', { watermark: NOW - 5_000, timers: 3 }]]), NOW);
  expect(live[0]).toEqual({
    ...{ topic: 'orders', partition: 1, position: 5, end: 9, lag: 4 },
    ...{ task: '0_1', watermark: NOW - 5_000, watermarkDelayMs: 5_000, timers: 3, isLive: true },
  });
});

import { expect, test } from 'vitest';
import { parseMetrics, serviceStateOf, sloOf } from './service-metrics.ts';

const TEXT = `# HELP kafka_streams_task_records_lag Records
kafka_streams_task_records_lag{task="0_0",topic="a",partition="0"} 3
kafka_streams_task_records_lag{task="0_1",topic="a",partition="1"} 4
kafka_streams_task_watermark_delay_seconds{task="0_0",held_back_by="a-0"} 1.5
kafka_streams_task_watermark_delay_seconds{task="0_1",held_back_by="b-1"} 7
kafka_streams_task_watermark_delay_seconds{task="0_2",held_back_by="b-2"} +Inf
kafka_streams_task_process_total{task="0_0"} 10
payment_confirmations_within_objective_total 198
payment_confirmations_missed_objective_total 2
`;

test('a service’s lag and watermark, with the input that holds it back', () => {
  expect(serviceStateOf('order', parseMetrics(TEXT))).toMatchObject({
    lag: 7,
    watermarkDelayMs: 7000,
    heldBackBy: 'b-1',
    processed: 10,
    deadLetters: 0,
    tasks: [
      { task: '0_0', lag: 3, watermarkDelayMs: 1500 },
      { task: '0_1', lag: 4, watermarkDelayMs: 7000 },
    ],
  });
});

test('the objective and what is left of its budget', () => {
  const { share, budgetLeft } = sloOf(parseMetrics(TEXT));
  expect(share).toBe(0.99);
  expect(budgetLeft).toBeCloseTo(0);
  expect(sloOf([])).toMatchObject({ share: null, budgetLeft: null });
});

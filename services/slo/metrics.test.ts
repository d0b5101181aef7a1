import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import type { HostedApp } from '#kit';
import { registerSloMetrics } from './metrics.ts';

test('the tasks’ counts are one histogram', async () => {
  const task = (events: Record<string, number>) => ({ events: new Map(Object.entries(events)) });
  const status = {
    tasks: [
      task({ 'seconds-le-1': 2, seconds: 1.5, 'within-objective': 2 }),
      task({ 'seconds-le-60': 1, 'seconds-le-+Inf': 1, seconds: 700, 'missed-objective': 1 }),
    ],
  };
  const registry = new Registry();
  registerSloMetrics(
    {
      status: () => Promise.resolve(status as unknown as Awaited<ReturnType<HostedApp['status']>>),
    },
    registry,
  );
  const text = await registry.metrics();
  for (const line of [
    'payment_confirmation_seconds_bucket{le="1"} 2',
    'payment_confirmation_seconds_bucket{le="30"} 2',
    'payment_confirmation_seconds_bucket{le="60"} 3',
    'payment_confirmation_seconds_bucket{le="+Inf"} 4',
    'payment_confirmation_seconds_sum 701.5',
    'payment_confirmation_seconds_count 4',
    'payment_confirmations_within_objective_total 2',
    'payment_confirmations_missed_objective_total 1',
  ])
    expect(text.split('\n')).toContain(line);
});

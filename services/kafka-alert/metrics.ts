import { Counter, type Registry } from 'prom-client';
import type { StreamsStatus } from '#streams';

const COUNTERS = [
  { name: 'kafka_alert_raised_total', help: 'Alerts raised, by rule', event: /^raised-(.+)$/ },
  {
    name: 'kafka_alert_resolved_total',
    help: 'Alerts resolved, by rule',
    event: /^resolved-(.+)$/,
  },
] as const;

/** The alerts themselves as metrics, from what the topology counts. */
export function registerAlertMetrics(
  status: () => Promise<StreamsStatus>,
  registry: Registry,
): void {
  for (const { name, help, event } of COUNTERS) {
    new Counter({
      name,
      help,
      labelNames: ['rule'],
      registers: [registry],
      async collect() {
        const { tasks } = await status();
        this.reset();
        for (const task of tasks) {
          for (const [key, count] of task.events) {
            const rule = event.exec(key)?.[1];
            if (rule !== undefined) this.inc({ rule }, count);
          }
        }
      },
    });
  }
  new Counter({
    name: 'kafka_alert_suppressed_total',
    help: 'Alerts held back because one of the same order and rule was open and less than the grace away',
    registers: [registry],
    async collect() {
      const { tasks } = await status();
      this.reset();
      for (const task of tasks) this.inc(task.events.get('suppressed') ?? 0);
    },
  });
}

import { Counter, Gauge, type Registry } from 'prom-client';
import type { KafkaStreams, TaskStatus } from './kafka-streams.ts';

/** What a metric shows of a task: one value, or one by name; a name has a word for each label but the last, which has the rest. */
type Reading = (task: TaskStatus) => number | ReadonlyMap<string, number>;

const COUNTERS: readonly [name: string, help: string, reading: Reading, ...labels: string[]][] = [
  ['process', 'Records processed', (t) => t.processed],
  ['record_late', 'Records whose event time was not after the watermark', (t) => t.late],
  ['dropped_records', 'Records without effect', (t) => t.dropped, 'reason'],
  ['dead_letter_records', 'Dead letters', (t) => t.deadLetters, 'kind', 'node'],
  ['punctuate', 'Event-time timers fired', (t) => t.timersFired],
  ['commit', 'Commits', (t) => t.commits],
  ['restore_records', 'Changelog records read to bring local state up to date', (t) => t.restored],
  ['processor_events', 'What processors count themselves', (t) => t.events, 'event'],
];

const GAUGES: readonly [name: string, help: string, reading: (task: TaskStatus) => number][] = [
  ['buffered_records', 'Records fetched and not processed yet', (t) => t.buffered],
  ['watermark_seconds', 'Event time up to which inputs are complete', (t) => t.watermark / 1000],
];

/**
 * Adds an application's metrics to a registry: `kafka_streams_task_…` by task, with the names of Kafka Streams where it
 * has the metric, and `kafka_streams_state`. Counters start again at zero when a task moves.
 */
export function registerMetrics(
  app: Pick<KafkaStreams, 'state' | 'tasks'>,
  registry: Registry,
): void {
  for (const [name, help, reading, ...labels] of COUNTERS) {
    new Counter({
      name: `kafka_streams_task_${name}_total`,
      help,
      labelNames: ['task', ...labels],
      registers: [registry],
      collect() {
        this.reset();
        for (const task of app.tasks()) {
          const value = reading(task);
          if (typeof value === 'number') this.inc({ task: task.task }, value);
          else
            for (const [each, count] of value)
              this.inc({ task: task.task, ...labelled(labels, each) }, count);
        }
      },
    });
  }
  for (const [name, help, reading] of GAUGES) {
    new Gauge({
      name: `kafka_streams_task_${name}`,
      help,
      labelNames: ['task'],
      registers: [registry],
      collect() {
        this.reset();
        for (const task of app.tasks()) this.set({ task: task.task }, reading(task));
      },
    });
  }
  new Gauge({
    name: 'kafka_streams_state',
    help: 'The state the application is in: 1 for that one',
    labelNames: ['state'],
    registers: [registry],
    collect() {
      this.reset();
      this.set({ state: app.state }, 1);
    },
  });
}

/** `kind node` for the labels kind and node. */
function labelled(labels: readonly string[], name: string): Record<string, string> {
  const words = name.split(' ');
  const values = [...words.splice(0, labels.length - 1), words.join(' ')];
  return Object.fromEntries(labels.map((label, i) => [label, values[i] ?? '']));
}

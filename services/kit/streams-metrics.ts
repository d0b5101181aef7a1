import { Counter, Gauge, type Registry } from 'prom-client';
import type { KafkaStreams, TaskStatus } from '#streams';

/** As much of an application as its metrics need. */
export type MeasuredApp = Pick<KafkaStreams, 'state' | 'tasks'>;

type Amounts = Iterable<readonly [labels: Readonly<Record<string, string>>, amount: number]>;

/**
 * Puts what the tasks of an application count and are at into a Prometheus registry. Counters are those since the task was
 * opened here: a task that moved begins at zero elsewhere, which Prometheus takes for a restart.
 */
export function registerStreamsMetrics(app: MeasuredApp, registry: Registry): void {
  const counter = (
    name: string,
    help: string,
    labels: string[],
    of: (task: TaskStatus) => Amounts,
  ) =>
    new Counter({
      name,
      help,
      labelNames: ['task', ...labels],
      registers: [registry],
      collect() {
        this.reset();
        for (const task of app.tasks()) {
          for (const [extra, amount] of of(task)) this.inc({ task: task.task, ...extra }, amount);
        }
      },
    });
  const gauge = (name: string, help: string, of: (task: TaskStatus) => number | undefined) =>
    new Gauge({
      name,
      help,
      labelNames: ['task'],
      registers: [registry],
      collect() {
        this.reset();
        for (const task of app.tasks()) {
          const value = of(task);
          if (value !== undefined) this.set({ task: task.task }, value);
        }
      },
    });
  const one = (amount: number): Amounts => [[{}, amount]];
  const each = (label: string, amounts: ReadonlyMap<string, number>): Amounts =>
    [...amounts].map(([name, amount]) => [{ [label]: name }, amount] as const);

  counter('streams_processed_records_total', 'Records processed.', [], (t) => one(t.processed));
  counter(
    'streams_late_records_total',
    'Records whose event time was not after the watermark.',
    [],
    (t) => one(t.late),
  );
  counter('streams_timers_fired_total', 'Event-time timers that ran.', [], (t) =>
    one(t.timersFired),
  );
  counter('streams_commits_total', 'Transactions committed.', [], (t) => one(t.commits));
  counter('streams_dead_letters_total', 'Records sent to the dead-letter topic.', [], (t) =>
    one(t.deadLetters),
  );
  counter('streams_restored_records_total', 'Changelog records read at the start.', [], (t) =>
    one(t.restored),
  );
  counter('streams_dropped_records_total', 'Records that had no effect.', ['reason'], (t) =>
    each('reason', t.dropped),
  );
  counter(
    'streams_processor_events_total',
    'What the processors count themselves.',
    ['event'],
    (t) => each('event', t.events),
  );
  gauge(
    'streams_watermark_milliseconds',
    'Event time up to which the input is taken to be complete.',
    (t) => (Number.isFinite(t.watermark) ? t.watermark : undefined),
  );
  gauge('streams_buffered_records', 'Records fetched and not processed yet.', (t) => t.buffered);
  gauge('streams_caught_up', '1 when everything up to the end of the inputs is read.', (t) =>
    Number(t.caughtUp),
  );
  new Gauge({
    name: 'streams_state',
    help: '1 for the state that the application is in.',
    labelNames: ['state'],
    registers: [registry],
    collect() {
      this.reset();
      this.set({ state: app.state }, 1);
    },
  });
}

import { Counter, Gauge, type Registry } from 'prom-client';
import { STATE_MOVES, type StreamsState } from './state.ts';
import type { StreamsStatus, TaskStatus } from './status.ts';

type Labels = Record<string, string | number>;
type Sample = readonly [labels: Labels, value: number];

interface Metric {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
  readonly samples: (status: StreamsStatus) => readonly Sample[];
}

/** One value for each task that runs. */
function ofTasks(name: string, help: string, read: (task: TaskStatus) => number): Metric {
  const samples = ({ tasks }: StreamsStatus) =>
    tasks.map((task): Sample => [{ task: task.task }, read(task)]);
  return { name: `kafka_streams_task_${name}`, help, labels: ['task'], samples };
}

/** One value for each task and name. */
function ofTasksBy(
  label: string,
  name: string,
  help: string,
  read: (task: TaskStatus) => ReadonlyMap<string, number>,
): Metric {
  const samples = ({ tasks }: StreamsStatus) =>
    tasks.flatMap((task) =>
      [...read(task)].map(([key, value]): Sample => [{ task: task.task, [label]: key }, value]),
    );
  return { name: `kafka_streams_task_${name}`, help, labels: ['task', label], samples };
}

function ofApp(name: string, help: string, read: (status: StreamsStatus) => number): Metric {
  const samples = (status: StreamsStatus): Sample[] => [[{}, read(status)]];
  return { name: `kafka_streams_${name}`, help, labels: [], samples };
}

const COUNTERS: readonly Metric[] = [
  ofTasks('process_total', 'Records processed', (t) => t.processed),
  ofTasks(
    'process_seconds_total',
    'Time spent in processing records, timers and punctuations',
    (t) => t.processMs / 1000,
  ),
  ofTasks('commit_total', 'Commits', (t) => t.commits),
  ofTasks('commit_seconds_total', 'Time that commits took', (t) => t.commitMs / 1000),
  ofTasks('punctuate_total', 'Event-time timers fired', (t) => t.timersFired),
  ofTasks(
    'record_late_total',
    'Records whose event time was not after the watermark',
    (t) => t.late,
  ),
  ofTasksBy('reason', 'dropped_records_total', 'Records without effect', (t) => t.dropped),
  {
    name: 'kafka_streams_task_dead_letter_records_total',
    help: 'Dead letters, by what failed and in which node',
    labels: ['task', 'kind', 'node'],
    samples: ({ tasks }) =>
      tasks.flatMap(({ task, deadLetters }) =>
        [...deadLetters].map(([name, count]): Sample => {
          const [kind = '', ...node] = name.split(' ');
          return [{ task, kind, node: node.join(' ') }, count];
        }),
      ),
  },
  ofTasksBy('event', 'processor_events_total', 'What processors count themselves', (t) => t.events),
  {
    name: 'kafka_streams_task_restore_total',
    help: 'Changelog records read at the last start to bring local state up to date',
    labels: ['task'],
    samples: ({ tasks, restoring }) => [
      ...tasks.map((t): Sample => [{ task: t.task }, t.restored]),
      ...restoring.map((r): Sample => [{ task: r.task }, r.records]),
    ],
  },
  {
    name: 'kafka_streams_standby_task_update_total',
    help: 'Changelog records read by a replica',
    labels: ['task'],
    samples: ({ standbys }) => standbys.map((s) => [{ task: s.task }, s.updated]),
  },
  ...(
    [
      ['poll_total', 'Fetches answered', (t) => t.polls],
      ['poll_records_total', 'Records fetched', (t) => t.pollRecords],
      ['poll_seconds_total', 'Until fetches were answered', (t) => t.pollMs / 1000],
    ] as readonly [string, string, (thread: StreamsStatus['threads'][number]) => number][]
  ).map(([name, help, read]): Metric => {
    const samples: Metric['samples'] = ({ threads }) =>
      threads.map((t) => [{ thread: t.thread }, read(t)]);
    return { name: `kafka_streams_thread_${name}`, help, labels: ['thread'], samples };
  }),
  ofApp('failed_stream_threads_total', 'Threads that have failed', (s) => s.failedThreads),
  {
    name: 'kafka_streams_uncaught_errors_total',
    help: 'Errors that needed an action',
    labels: ['kind'],
    samples: ({ uncaughtErrors }) => [...uncaughtErrors].map(([kind, count]) => [{ kind }, count]),
  },
];

const GAUGES: readonly Metric[] = [
  {
    name: 'kafka_streams_task_records_lag',
    help: 'Records of an input up to its last stable offset that are not processed, control records included',
    labels: ['task', 'topic', 'partition'],
    samples: ({ tasks }) =>
      tasks.flatMap(({ task, inputs }) =>
        inputs.flatMap(({ topic, partition, lag }): Sample[] =>
          lag === undefined ? [] : [[{ task, topic, partition }, lag]],
        ),
      ),
  },
  ofTasks('buffered_records', 'Records fetched and not processed yet', (t) => t.buffered),
  ofTasks(
    'watermark_seconds',
    'Event time up to which inputs are complete',
    (t) => t.watermark / 1000,
  ),
  {
    name: 'kafka_streams_task_watermark_delay_seconds',
    help: 'How far the watermark is behind the wall clock, and the input that holds it back',
    labels: ['task', 'held_back_by'],
    samples: ({ tasks }) =>
      tasks.map((t) => [{ task: t.task, held_back_by: t.heldBackBy }, t.watermarkDelayMs / 1000]),
  },
  {
    name: 'kafka_streams_task_timers',
    help: 'Event-time timers that are set',
    labels: ['task'],
    samples: ({ tasks }) =>
      tasks.flatMap(({ task, timers }): Sample[] =>
        timers === undefined ? [] : [[{ task }, timers]],
      ),
  },
  {
    name: 'kafka_streams_task_state_size_bytes',
    help: 'Local state on the disk: tables and write-ahead log',
    labels: ['task'],
    samples: ({ tasks }) =>
      tasks.flatMap(({ task, stateBytes }): Sample[] =>
        stateBytes === undefined ? [] : [[{ task }, stateBytes]],
      ),
  },
  ofTasks(
    'changelog_records',
    'Offsets that the changelogs held at the last start: of these, restore_total were read',
    (t) => t.changelogOffsets,
  ),
  {
    name: 'kafka_streams_task_restore_remaining_records',
    help: 'Changelog offsets that are still to be read',
    labels: ['task'],
    samples: ({ tasks, restoring }) => [
      ...tasks.map((t): Sample => [{ task: t.task }, 0]),
      ...restoring.map((r): Sample => [{ task: r.task }, r.end - r.position]),
    ],
  },
  {
    name: 'kafka_streams_task_failures',
    help: 'How often in a row a task has failed that waits to start again',
    labels: ['task'],
    samples: ({ failures }) => failures.map((f) => [{ task: f.task }, f.failures]),
  },
  {
    name: 'kafka_streams_standby_task_records_lag',
    help: 'Changelog records that a replica had not read when it last looked',
    labels: ['task'],
    samples: ({ standbys }) => standbys.map((s) => [{ task: s.task }, s.lag]),
  },
  {
    name: 'kafka_streams_unreadable_partition',
    help: '1 for an input that can not be read; health says why, and what to do',
    labels: ['topic', 'partition', 'type'],
    samples: ({ faults }) =>
      faults.map(({ topic, partition, type }) => [{ topic, partition, type }, 1]),
  },
  ofApp('alive_stream_threads', 'Threads that run', (s) => s.threads.length),
  {
    name: 'kafka_streams_state',
    help: 'The state the application is in: 1 for that one, 0 for the others',
    labels: ['state'],
    samples: ({ state }) =>
      (Object.keys(STATE_MOVES) as StreamsState[]).map((each) => [
        { state: each },
        Number(each === state),
      ]),
  },
];

/**
 * Adds an application's metrics to a registry, under the names of Kafka Streams where it has the metric; `docs/streams.md`
 * lists them. Counters start again at zero when a task or thread starts.
 *
 * @param source asked once at each scrape
 * @example registerMetrics(() => app.status(), registry);
 */
export function registerMetrics(
  source: () => StreamsStatus | Promise<StreamsStatus>,
  registry: Registry,
): void {
  let asked: Promise<StreamsStatus> | undefined;
  // The registry asks all metrics in one go.
  const status = () =>
    (asked ??= Promise.resolve(source()).finally(() => {
      asked = undefined;
    }));
  for (const { name, help, labels, samples } of COUNTERS) {
    new Counter({
      name,
      help,
      labelNames: [...labels],
      registers: [registry],
      async collect() {
        const all = samples(await status());
        this.reset();
        for (const [of, value] of all) this.inc(of, value);
      },
    });
  }
  for (const { name, help, labels, samples } of GAUGES) {
    new Gauge({
      name,
      help,
      labelNames: [...labels],
      registers: [registry],
      async collect() {
        const all = samples(await status());
        this.reset();
        // Several stores of one task add up.
        for (const [of, value] of all) this.inc(of, value);
      },
    });
  }
}

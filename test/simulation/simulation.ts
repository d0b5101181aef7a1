import { deadLetterTopic } from '#streams/graph/topology';
import { ModelBroker } from './broker/model-broker.ts';
import type { LogEntry } from './broker/partition-log.ts';
import { CommitChecker } from './checkers/commit-checker.ts';
import { checkDisk, soilDisk } from './checkers/disk-checker.ts';
import { QueryChecker } from './checkers/query-checker.ts';
import type { Disk } from './disk.ts';
import { Fleet, type Sabotage } from './fleet.ts';
import { Nemesis } from './nemesis.ts';
import { drawProfile } from './profile.ts';
import { Random } from './random.ts';
import { Scheduler } from './scheduler.ts';
import { Trace } from './trace.ts';
import { AlertsWorkload } from './workload/alerts.ts';
import { drawArrivals } from './workload/arrivals.ts';
import { CountingWorkload } from './workload/counting.ts';
import { InputWriter } from './workload/input-writer.ts';
import { ensure, Violation } from './workload/workload.ts';
import type { ProcessingGuarantee, Workload } from './workload/workload.ts';

export interface Outcome {
  readonly seed: number;
  /** What was violated; undefined when all is well. */
  readonly failure: string | undefined;
  readonly trace: readonly string[];
  readonly events: number;
  readonly commits: number;
  /** Of tasks to queries. */
  readonly answers: number;
  /** Virtual. */
  readonly ms: number;
}

export interface SimulationOptions {
  /** How many of the last events to keep; default 0. */
  readonly traceSize?: number;
  readonly sabotage?: Sabotage;
  /** Default: exactly once. */
  readonly guarantee?: ProcessingGuarantee;
}

const APPLICATION = 'app';
const START = Date.parse('2024-02-01T12:00:00.000Z');
/** Once nothing goes wrong any more, everything must be done by then: sessions, transactions and retries have run out before. */
const SETTLE_MS = 60_000;
const LOOK_EVERY_MS = 100;
const LOOKS = 4;

/**
 * One run: some instances of an application over a model of Kafka, virtual time and simulated disks, with faults from the
 * seed; then peace, and the question whether everything has come out as without the faults.
 */
export async function simulate(seed: number, options: SimulationOptions = {}): Promise<Outcome> {
  const simulation = new Simulation(seed, options);
  const onUnhandled = (reason: unknown) => {
    simulation.fail(reason);
  };
  // It would end a process.
  process.on('unhandledRejection', onUnhandled);
  try {
    return await simulation.run();
  } finally {
    process.off('unhandledRejection', onUnhandled);
  }
}

class Simulation {
  readonly #seed: number;
  readonly #scheduler: Scheduler;
  readonly #trace: Trace;
  readonly #workload: Workload;
  readonly #partitions: number;
  readonly #faultsMs: number;
  readonly #guarantee: ProcessingGuarantee;
  readonly #nemesis: Nemesis;
  readonly #broker: ModelBroker;
  readonly #checker: CommitChecker;
  readonly #queries: QueryChecker;
  readonly #fleet: Fleet;
  readonly #inputs: InputWriter;
  #stoppedInPeace: readonly Disk[] = [];
  #failure: string | undefined;

  constructor(seed: number, options: SimulationOptions) {
    const { traceSize = 0, sabotage = {}, guarantee = 'exactly_once_v2' } = options;
    this.#seed = seed;
    this.#guarantee = guarantee;
    const random = new Random(seed);
    const profile = drawProfile(random);
    this.#partitions = profile.partitions;
    this.#faultsMs = profile.faultsMs;
    const scheduler = (this.#scheduler = new Scheduler(random, START));
    const trace = (this.#trace = new Trace(scheduler, traceSize));
    const arrivals = drawArrivals(random, START, profile.faultsMs - 500);
    this.#workload = random.chance(0.7)
      ? new CountingWorkload(random, arrivals)
      : new AlertsWorkload(random, arrivals, guarantee);
    const { topology, topics } = this.#workload;
    trace.add('seed', () =>
      JSON.stringify({ seed, arrivals: this.#workload.arrivals, ...profile }),
    );

    this.#nemesis = new Nemesis(profile, random, scheduler, trace);
    this.#checker = new CommitChecker({
      workload: this.#workload,
      applicationId: APPLICATION,
      partitions: profile.partitions,
      broker: () => this.#broker,
      fail: (error) => {
        this.fail(error);
      },
    });
    this.#queries = new QueryChecker({
      broker: () => this.#broker,
      topology,
      applicationId: APPLICATION,
      partitions: profile.partitions,
      apps: () => this.#fleet.apps,
      fail: (error) => {
        this.fail(error);
      },
    });
    const [checker, queries] = [this.#checker, this.#queries];
    this.#broker = new ModelBroker({
      scheduler,
      random,
      trace,
      faults: this.#nemesis,
      observer: {
        onCommitted: (transaction) => {
          checker.onCommitted(transaction);
          queries.onCommitted(transaction);
        },
        onOffsets: (offsets) => {
          checker.onOffsets(offsets);
          queries.onOffsets();
        },
        onProducer: (producer, client) => {
          checker.onProducer(producer, client);
        },
        onAssigned: (assignments) => {
          checker.onAssigned(assignments);
        },
        onBroken: (reason) => {
          checker.onBroken(reason);
        },
      },
      brokers: profile.brokers,
      // Without transactions nobody is shut out by a new producer id, only by a new epoch of the old one.
      lastEpoch: guarantee === 'exactly_once_v2' ? profile.lastEpoch : Infinity,
      limitOf: (topic) => this.#workload.limitOf(topic),
      initialDelayMs: profile.initialDelayMs,
    });
    for (const [name, count] of topics) {
      const create = () => {
        this.#broker.createTopic(name, count ?? profile.partitions);
      };
      // Records are written from the start; what only the application needs may come later.
      if (count === undefined) create();
      else scheduler.after(random.int(0, profile.topicsMs), create);
    }
    this.#fleet = new Fleet({
      broker: this.#broker,
      random,
      topology,
      config: {
        ...profile.streams,
        onUncaughtError: { bug: profile.onFault, processing: profile.onFault },
        applicationId: APPLICATION,
        processingGuarantee: guarantee,
        allowedLatenessMs: this.#workload.arrivals.allowedLatenessMs,
      },
      soil: (disk) => {
        const { strangeState } = this.#workload;
        soilDisk(disk, topology, APPLICATION, profile.partitions, strangeState);
      },
      fail: (reason) => {
        this.fail(new Violation(reason));
      },
      sabotage,
      hasSchemas: profile.hasSchemas,
    });
    this.#inputs = new InputWriter(this.#broker, this.#workload.inputs, arrivals.mode);
    for (let i = 0; i < profile.instances; i++) {
      scheduler.after(random.int(0, 500), () => {
        this.#fleet.start();
      });
    }
  }

  async run(): Promise<Outcome> {
    const scheduler = this.#scheduler;
    this.#nemesis.begin(this.#broker, this.#fleet, () => this.#fleet.processes);
    let isOver = false;
    scheduler.after(this.#faultsMs, () => (isOver = true));
    await this.#until('the faults to be over', () => isOver, this.#faultsMs);
    this.#nemesis.end();
    this.#broker.cluster.heal();
    this.#fleet.heal();
    this.#trace.add('fault', () => 'no more');
    await this.#until(
      'everything to be done',
      this.#forAWhile(() => this.#isSettled()),
      SETTLE_MS,
    );
    const stoppedBefore = new Set(this.#fleet.stopped);
    this.#fleet.stopAll();
    await this.#until('all to have stopped', () => this.#fleet.isEmpty, SETTLE_MS);
    this.#stoppedInPeace = [...this.#fleet.stopped].filter((disk) => !stoppedBefore.has(disk));
    const isQuiet = () => this.#broker.transactions.isQuiet;
    await this.#until('transactions to be complete', isQuiet, SETTLE_MS);
    if (this.#failure === undefined) {
      try {
        this.#checkEnd();
      } catch (error) {
        this.fail(error);
      }
    }
    return {
      seed: this.#seed,
      failure: this.#failure,
      trace: this.#trace.lines,
      events: scheduler.count,
      commits: this.#checker.commits,
      answers: this.#queries.answers,
      ms: scheduler.now - START,
    };
  }

  async #until(what: string, isDone: () => boolean, ms: number): Promise<void> {
    if (this.#failure !== undefined) return;
    const deadline = this.#scheduler.now + ms;
    const done = await this.#scheduler.runUntil(
      () => this.#failure !== undefined || isDone(),
      deadline,
    );
    if (!done) this.fail(new Violation(`waited ${ms} ms for ${what}: ${this.#situation()}`));
  }

  /**
   * Whether the answer stays yes: the last commit may be under way. Asks only now and then, since that costs more than an
   * event.
   */
  #forAWhile(question: () => boolean): () => boolean {
    let times = 0;
    const look = () => {
      times = question() ? times + 1 : 0;
      if (times < LOOKS) this.#scheduler.after(LOOK_EVERY_MS, look);
    };
    look();
    return () => times >= LOOKS;
  }

  #isSettled(): boolean {
    if (!this.#inputs.isDone || this.#fleet.isStarting) return false;
    const { lastDueAt } = this.#workload;
    const progress = this.#progress();
    if (progress.some(({ committed, end }) => committed !== end)) return false;
    const { apps } = this.#fleet;
    if (apps.some(({ state }) => state !== 'RUNNING')) return false;
    const tasks = apps.flatMap((app) => app.tasks());
    if (tasks.length !== this.#partitions) return false;
    return tasks.every(({ watermark, caughtUp }) => caughtUp && watermark > lastDueAt);
  }

  #checkEnd(): void {
    const { topology } = this.#workload;
    this.#workload.checkEnd((topic) => this.#broker.records(topic), this.#guarantee);
    this.#checkDeadLetters(this.#broker.records(deadLetterTopic(APPLICATION)));
    const { leavers } = this.#broker.group(APPLICATION);
    for (const { instanceId } of this.#stoppedInPeace) {
      ensure(leavers.has(instanceId), () => `${instanceId} has not left the group`);
    }
    for (const disk of this.#fleet.disks) checkDisk(disk, topology, APPLICATION, this.#broker);
    for (const { topic, partition, committed, end } of this.#progress()) {
      ensure(
        committed === end,
        () => `${topic}-${partition}: ${committed} of ${end} are committed`,
      );
    }
  }

  #checkDeadLetters(records: readonly LogEntry[]): void {
    const found = records.map(({ headers }) => {
      const [topic, partition, offset] = ['topic', 'partition', 'offset'].map(
        (name) => headers[`__streams.errors.${name}`] as string,
      );
      return `${topic!}-${partition!}@${offset!}`;
    });
    const expected = [...this.#inputs.deadLetters].sort().join();
    const isOnce = this.#guarantee === 'exactly_once_v2';
    const all = (isOnce ? found : [...new Set(found)]).sort().join();
    ensure(all === expected, () => `dead letters [${all}], expected [${expected}]`);
  }

  /** Without transactions a commit may come late, behind newer ones: then it counts how far they ever got. */
  #progress() {
    const sources = this.#workload.topology.sources.map(({ topic }) => topic.name);
    const progress = this.#broker.progress(APPLICATION, sources);
    if (this.#guarantee === 'exactly_once_v2') return progress;
    return progress.map((each) => ({ ...each, committed: this.#checker.furthest(each) }));
  }

  #situation(): string {
    const progress = this.#progress().map(
      (p) => `${p.topic}-${p.partition} ${p.committed}/${p.end}`,
    );
    const apps = this.#fleet.apps.map((app) => {
      const tasks = app.tasks().map((t) => `${t.task} to ${t.watermark - START}`);
      return `${app.state} with [${tasks.join()}]`;
    });
    return `${progress.join(', ')}; ${apps.join(', ')}; due until ${this.#workload.lastDueAt - START}`;
  }

  fail(error: unknown): void {
    if (this.#failure !== undefined) return;
    this.#failure = error instanceof Violation ? error.message : String((error as Error).stack);
    this.#trace.add('CHECK', () => this.#failure ?? '');
  }
}

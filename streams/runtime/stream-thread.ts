import { StreamsException, TaskCorrupted, TaskMigrated, messageOf } from '../errors.ts';
import type { Topology } from '../graph/topology.ts';
import type { LoadingSerde, Serde } from '../serde/serde.ts';
import type { OpenBackend } from '../state/backend.ts';
import type { RawRecord } from '../task/input-record.ts';
import { ActiveTask, type ActiveTaskOptions } from './active-task.ts';
import { Fetcher, type FetchSubscription } from './fetcher.ts';
import { KafkaError, type FetchedPartition, type Kafka } from './kafka/kafka.ts';
import type { AssignmentEnd, Membership } from './membership.ts';
import type { ResolvedConfig } from './settings.ts';
import type { PreparedTopics } from './topics.ts';
import { WakeUp } from './wake-up.ts';

/** Records and timers of one task before the event loop (heartbeats, fetches) gets a turn. */
const RECORDS_PER_TURN = 1000;
/** A commit of this many changed keys and outputs is large enough. */
const COMMIT_SIZE = 20_000;
/** While catching up, commits are this much rarer: changes of one key become one changelog record. */
const CATCH_UP_FACTOR = 10;
const IDLE_MS = 1000;
const LOAD_PAUSE_MS = 500;
const REJOIN_PAUSE_MS = 500;

export interface StreamThreadOptions {
  readonly topology: Topology;
  readonly config: ResolvedConfig;
  readonly kafka: Kafka;
  readonly topics: PreparedTopics;
  readonly membership: Membership;
  readonly openBackend: OpenBackend;
  /** Rebalancing or running. */
  readonly onState: (state: 'REBALANCING' | 'RUNNING') => void;
  readonly onContact: (component: 'kafka' | 'schemaRegistry', fault: string | undefined) => void;
}

/** Owns tasks: takes what the group assigns, feeds, runs and commits them. */
export class StreamThread {
  readonly #options: StreamThreadOptions;
  readonly #fetcher: Fetcher;
  readonly #wakeUp = new WakeUp();
  readonly #stop = new AbortController();
  readonly #subscriptions = new Map<number, FetchSubscription[]>();
  #tasks = new Map<number, ActiveTask>();
  #assignmentEnd: AssignmentEnd | undefined;
  /** What commits and callbacks met that the loop must deal with: of each task the first. */
  readonly #failures = new Map<number, Error>();

  constructor(options: StreamThreadOptions) {
    this.#options = options;
    const { kafka, config, onContact } = options;
    this.#fetcher = new Fetcher({
      kafka,
      clock: config.clock,
      logger: config.logger,
      maxWaitMs: config.fetchMaxWaitMs,
      onError: ({ partition }, error) => this.#fail(partition, fetchFailure(error)),
      onContact: (error) => onContact('kafka', error?.message),
    });
  }

  get tasks(): readonly ActiveTask[] {
    return [...this.#tasks.values()];
  }

  /** Runs until `stop`; then commits, and leaves the group. @throws whatever processing must not go on after */
  async run(): Promise<void> {
    const { signal } = this.#stop;
    try {
      while (!signal.aborted) await this.#runAssignment();
      await this.#commit(this.tasks);
    } catch (error) {
      if (!signal.aborted) throw error;
      this.#options.config.logger.warn(
        { error: messageOf(error) },
        'stopped without a last commit',
      );
    } finally {
      await this.#fetcher.stop();
      await Promise.all(this.tasks.map((task) => task.close()));
      await this.#options.membership.leave();
    }
  }

  stop(): void {
    this.#stop.abort();
    this.#wakeUp.notify();
  }

  /** From joining the group until the assignment ends; brokers that are away end it too. */
  async #runAssignment(): Promise<void> {
    try {
      await this.#rejoin();
      await this.#runTasks();
    } catch (error) {
      if (isFatal(error)) throw error;
      const { clock, logger } = this.#options.config;
      logger.warn({ error: messageOf(error) }, 'giving the tasks up, joining again');
      this.#assignmentEnd = 'lost';
      await clock.sleep(REJOIN_PAUSE_MS, this.#stop.signal);
    }
  }

  /** Joins the group, and brings the tasks in line with what it assigns. */
  async #rejoin(): Promise<void> {
    const { membership, onState, config } = this.#options;
    const { signal } = this.#stop;
    onState('REBALANCING');
    if (this.#assignmentEnd === 'rebalance') await this.#commitBeforeRebalance();
    this.#assignmentEnd = undefined;
    this.#failures.clear();
    for (const partition of this.#tasks.keys()) this.#unsubscribe(partition);
    const assigned = await membership.join(
      [...this.#tasks.keys()],
      (end) => {
        this.#assignmentEnd = end;
        this.#wakeUp.notify();
      },
      signal,
    );
    config.logger.info({ tasks: assigned }, 'tasks assigned');
    for (const [partition, task] of this.#tasks) {
      if (assigned.includes(partition)) continue;
      await task.close();
      this.#tasks.delete(partition);
    }
    // Taken over anew also where it is the same instance: others may have had the task in between.
    for (const partition of assigned) {
      if (signal.aborted) return;
      await this.#openTask(partition);
    }
    onState('RUNNING');
  }

  async #openTask(partition: number): Promise<void> {
    const options: ActiveTaskOptions = {
      ...this.#options,
      topology: this.#options.topology.subTopologies[0]!,
      partition,
    };
    const known = this.#tasks.get(partition);
    this.#unsubscribe(partition);
    const { signal } = this.#stop;
    const opened = await (known ? known.reopen(options, signal) : ActiveTask.open(options, signal));
    this.#tasks.set(partition, opened);
    const subscriptions = this.#subscriptionsOf(opened);
    this.#subscriptions.set(partition, subscriptions);
    await this.#fetcher.add(subscriptions);
  }

  #unsubscribe(partition: number): void {
    this.#fetcher.remove(this.#subscriptions.get(partition) ?? []);
    this.#subscriptions.delete(partition);
  }

  async #runTasks(): Promise<void> {
    const { config } = this.#options;
    while (!this.#stop.signal.aborted && this.#assignmentEnd === undefined) {
      try {
        this.#throwFailure();
        const now = config.clock.now();
        let processed = 0;
        for (const { task } of this.#tasks.values())
          processed += task.process(RECORDS_PER_TURN, now);
        const due = this.tasks.filter((task) => this.#isCommitDue(task, now));
        if (due.length > 0) await this.#commit(due);
        else if (processed === 0) await this.#wakeUp.wait(this.#pauseMs(now), config.clock);
        else await config.clock.nextTurn();
      } catch (error) {
        await this.#recover(error);
      }
    }
  }

  async #commit(tasks: readonly ActiveTask[]): Promise<void> {
    const now = this.#options.config.clock.now();
    const outcomes = await Promise.allSettled(tasks.map((task) => task.maybeCommit(now)));
    for (const [i, outcome] of outcomes.entries()) {
      if (outcome.status === 'fulfilled') continue;
      this.#fail(tasks[i]!.partition, outcome.reason as Error);
    }
    this.#throwFailure();
  }

  /** What can't be committed now is processed again by whoever gets the task. */
  async #commitBeforeRebalance(): Promise<void> {
    try {
      await this.#commit(this.tasks);
    } catch (error) {
      if (isFatal(error)) throw error;
      this.#options.config.logger.warn(
        { error: messageOf(error) },
        'no commit before the rebalance',
      );
    }
  }

  /** Deals with every task that failed, since none of them can commit any more; rejoining starts them all again. */
  async #recover(error: unknown): Promise<void> {
    const { logger } = this.#options.config;
    const failures = [...this.#failures];
    this.#failures.clear();
    if (failures.length === 0) throw error;
    for (const [, failure] of failures) if (isFatal(failure)) throw failure;
    const migrated = failures.find(([, failure]) => failure instanceof TaskMigrated);
    if (migrated) {
      const reason = migrated[1].message;
      logger.warn({ error: reason }, 'a task has gone to another instance, joining again');
      this.#assignmentEnd = 'lost';
      return;
    }
    for (const [partition, { message }] of failures) {
      logger.warn({ error: message }, 'starting the task again from its last commit');
      await this.#openTask(partition);
    }
  }

  #isCommitDue(active: ActiveTask, now: number): boolean {
    const { task } = active;
    if (!task.isChanged) return false;
    if (task.uncommittedSize >= COMMIT_SIZE) return true;
    if (task.isCaughtUp && task.pendingOutputs > 0) return true;
    const interval = this.#options.config.commitIntervalMs;
    return now - active.lastCommitAt >= (task.isCaughtUp ? interval : CATCH_UP_FACTOR * interval);
  }

  #pauseMs(now: number): number {
    const interval = this.#options.config.commitIntervalMs;
    const waits = this.tasks
      .filter(({ task }) => task.isChanged)
      .map(({ lastCommitAt }) => Math.max(1, lastCommitAt + interval - now));
    return Math.min(IDLE_MS, ...waits);
  }

  #subscriptionsOf(active: ActiveTask): FetchSubscription[] {
    const { config } = this.#options;
    return active.task.fetchPositions.map(({ topic, partition, offset }) => {
      const serde = active.task.serdeOf(topic);
      const hasRoom = () => {
        const position = active.task.fetchPositions.find((p) => p.topic === topic);
        return (position?.buffered ?? 0) < config.bufferedRecords;
      };
      return {
        topic,
        partition,
        offset,
        hasRoom,
        deliver: (fetched, at) => this.#deliver(active, topic, serde, fetched, at),
      };
    });
  }

  #deliver(
    active: ActiveTask,
    topic: string,
    serde: Serde<unknown> | LoadingSerde<unknown>,
    fetched: FetchedPartition,
    at: number,
  ): Promise<void> | undefined {
    const add = () => {
      // Meanwhile the task may have been given up or started anew.
      if (this.#tasks.get(active.partition) !== active) return;
      try {
        addRecords();
      } catch (error) {
        this.#fail(active.partition, error as Error);
      }
    };
    const addRecords = () => {
      const endedAt = fetched.nextOffset >= fetched.lastStableOffset ? at : undefined;
      active.task.addRecords(topic, fetched.records, fetched.nextOffset, endedAt);
      this.#wakeUp.notify();
    };
    const loading = 'load' in serde ? pendingLoads(serde, fetched.records) : [];
    if (loading.length === 0) {
      add();
      return undefined;
    }
    return this.#load(loading, serde as LoadingSerde<unknown>, fetched.records).then((isLoaded) => {
      if (isLoaded) add();
      // What follows must not be taken: it would be committed as if these records had been processed.
      else this.#unsubscribe(active.partition);
    });
  }

  /**
   * Loads what decoding these records needs, however long the registry is away.
   * @param loading the first attempt, under way
   * @returns false when told to stop before that
   */
  async #load(
    loading: readonly Promise<void>[],
    serde: LoadingSerde<unknown>,
    records: readonly RawRecord[],
  ): Promise<boolean> {
    const { config, onContact } = this.#options;
    let told = false;
    for (;;) {
      try {
        await Promise.all(loading);
        onContact('schemaRegistry', undefined);
        return true;
      } catch (error) {
        onContact('schemaRegistry', messageOf(error));
        if (!told)
          config.logger.warn(
            { error: messageOf(error) },
            'schemas can not be loaded, trying again',
          );
        told = true;
        await config.clock.sleep(LOAD_PAUSE_MS, this.#stop.signal);
      }
      if (this.#stop.signal.aborted) return false;
      loading = pendingLoads(serde, records);
    }
  }

  #fail(partition: number, error: Error): void {
    if (!this.#failures.has(partition)) this.#failures.set(partition, error);
    this.#wakeUp.notify();
  }

  #throwFailure(): void {
    for (const failure of this.#failures.values()) throw failure;
  }
}

function pendingLoads(
  serde: LoadingSerde<unknown>,
  records: readonly RawRecord[],
): Promise<void>[] {
  const pending = new Set<Promise<void>>();
  for (const { value } of records) {
    const loading = value === null ? undefined : serde.load(value);
    if (loading) pending.add(loading);
  }
  return [...pending];
}

function fetchFailure(error: KafkaError): Error {
  if (error.type === 'OFFSET_OUT_OF_RANGE')
    return new TaskCorrupted(error.message, { cause: error });
  return new StreamsException(error.message, { cause: error });
}

function isFatal(error: unknown): boolean {
  if (error instanceof TaskMigrated || error instanceof TaskCorrupted) return false;
  return !(error instanceof KafkaError && error.isRetriable);
}

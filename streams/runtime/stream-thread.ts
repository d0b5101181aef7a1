import { TaskCorrupted, TaskMigrated, messageOf } from '../errors.ts';
import type { Topology } from '../graph/topology.ts';
import type { OpenBackend } from '../state/backend.ts';
import type { ActiveTask } from './active-task.ts';
import type { TaskId } from './assignor.ts';
import { BrokerRefusals } from './broker-refusals.ts';
import { isTransient } from './failures.ts';
import type { GroupAssignment } from './group-protocol.ts';
import type { Kafka, Member } from './kafka/kafka.ts';
import type { MemberState } from './membership.ts';
import type { ResolvedConfig } from './settings.ts';
import type { StandbyTask } from './standby-task.ts';
import { TaskFeeder } from './task-feeder.ts';
import { TaskManager } from './task-manager.ts';
import type { PreparedTopics } from './topics.ts';
import { WakeUp } from './wake-up.ts';

/** Records and timers of one task before the event loop (heartbeats, fetches) gets a turn. */
const RECORDS_PER_TURN = 1000;
/** A commit of this many changed keys and outputs is large enough. */
const COMMIT_SIZE = 20_000;
/** While catching up, commits are this much rarer: changes of one key become one changelog record. */
const CATCH_UP_FACTOR = 10;
const IDLE_MS = 1000;

export interface StreamThreadOptions {
  readonly topology: Topology;
  readonly config: ResolvedConfig;
  readonly kafka: Kafka;
  readonly topics: PreparedTopics;
  readonly openBackend: OpenBackend;
  readonly localTasks: readonly TaskId[];
  readonly onState: (state: 'REBALANCING' | 'RUNNING') => void;
  readonly onContact: (component: 'kafka' | 'schemaRegistry', fault: string | undefined) => void;
  /** Asks the group for another rebalance. */
  readonly rejoin: () => void;
  /** What this instance is in the group now. */
  readonly member: () => Member | undefined;
}

/** Owns tasks: feeds, runs and commits those that the group has assigned. */
export class StreamThread {
  readonly #options: StreamThreadOptions;
  readonly #feeder: TaskFeeder;
  readonly #manager: TaskManager;
  readonly #wakeUp = new WakeUp();
  readonly #stop = new AbortController();
  /** What commits and callbacks met that the loop must deal with: of each task the first. */
  readonly #failures = new Map<ActiveTask, Error>();
  /** What ends the thread. */
  #fatal: Error | undefined;

  constructor(options: StreamThreadOptions) {
    this.#options = options;
    this.#feeder = new TaskFeeder({
      ...options,
      onFed: () => this.#wakeUp.notify(),
      onError: (task, error) => this.#fail(task, error),
    });
    const { kafka, config } = options;
    const refusals = new BrokerRefusals({ ...config, kafka });
    this.#manager = new TaskManager({
      taskOptions: (id) => {
        const [sub, partition] = id.split('_').map(Number) as [number, number];
        const topology = options.topology.subTopologies[sub]!;
        return { ...options, topology, partition, refusals };
      },
      localTasks: options.localTasks,
      onOpened: (task) => this.#feeder.add(task),
      onClosing: (id) => this.#feeder.remove(id),
      onChange: () => this.#wakeUp.notify(),
      onRevoked: options.rejoin,
      onFatal: (error) => this.fail(error),
    });
  }

  get tasks(): readonly ActiveTask[] {
    return this.#manager.active;
  }

  get standbys(): readonly StandbyTask[] {
    return this.#manager.standbys;
  }

  get assignment(): GroupAssignment {
    return this.#manager.assignment;
  }

  get memberState(): MemberState {
    return this.#manager.memberState;
  }

  /** New tasks for this thread; taken up between two rounds of processing. */
  assign(assignment: GroupAssignment): void {
    const { active, standby } = assignment;
    this.#options.config.logger.info({ active, standby }, 'tasks assigned');
    this.#manager.assign(assignment);
  }

  /** The group has let this member go. */
  lose(): void {
    this.#options.config.logger.warn(
      {},
      'not in the group any more, giving the tasks up and joining again',
    );
    this.#manager.lose();
  }

  stop(): void {
    this.#stop.abort();
    this.#feeder.abort();
    this.#wakeUp.notify();
  }

  /** Ends the thread with an error from outside. */
  fail(error: Error): void {
    this.#fatal ??= error;
    this.#wakeUp.notify();
  }

  /** Runs until `stop`; then commits, and closes. @throws whatever processing must not go on after */
  async run(): Promise<void> {
    const { signal } = this.#stop;
    this.#options.onState('REBALANCING');
    try {
      while (!signal.aborted) await this.#turn();
      await this.#commit(this.tasks);
      for (const error of this.#failures.values()) throw error;
    } catch (error) {
      if (!signal.aborted) throw error;
      this.#options.config.logger.warn(
        { error: messageOf(error) },
        'stopped without a last commit',
      );
    } finally {
      await this.#feeder.stop();
      await this.#manager.close();
    }
  }

  async #turn(): Promise<void> {
    const { config, onState } = this.#options;
    if (this.#fatal) throw this.#fatal;
    this.#recover();
    await this.#manager.maybeReconcile((tasks) => this.#commitBeforeClosing(tasks));
    onState(this.#manager.isSettled ? 'RUNNING' : 'REBALANCING');
    const now = config.clock.now();
    let processed = 0;
    for (const { task } of this.tasks) processed += task.process(RECORDS_PER_TURN, now);
    const due = this.tasks.filter((task) => this.#isCommitDue(task, now));
    if (due.length > 0) await this.#commit(due);
    else if (processed === 0) await this.#wakeUp.wait(this.#pauseMs(now), config.clock);
    else await config.clock.nextTurn();
  }

  /** Commits side by side; what fails is dealt with at the next turn. */
  async #commit(tasks: readonly ActiveTask[]): Promise<void> {
    const now = this.#options.config.clock.now();
    const outcomes = await Promise.allSettled(tasks.map((task) => task.maybeCommit(now)));
    for (const [i, outcome] of outcomes.entries()) {
      if (outcome.status === 'rejected') this.#fail(tasks[i]!, outcome.reason as Error);
    }
  }

  /** What can't be committed now is processed again by whoever gets the task. */
  async #commitBeforeClosing(tasks: readonly ActiveTask[]): Promise<void> {
    const now = this.#options.config.clock.now();
    const outcomes = await Promise.allSettled(tasks.map((task) => task.maybeCommit(now)));
    for (const outcome of outcomes) {
      if (outcome.status === 'fulfilled') continue;
      if (!isTransient(outcome.reason)) throw outcome.reason;
      const error = messageOf(outcome.reason);
      this.#options.config.logger.warn({ error }, 'no commit before the task was given up');
    }
  }

  /** Deals with the failures of single tasks. @throws those that processing must not go on after */
  #recover(): void {
    const { logger } = this.#options.config;
    const failures = [...this.#failures];
    this.#failures.clear();
    for (const [task, error] of failures) {
      // Given up meanwhile.
      if (!this.tasks.includes(task)) continue;
      if (error instanceof TaskMigrated) {
        logger.warn({ error: error.message }, 'a task has gone to another instance');
        this.#manager.lose();
        this.#options.rejoin();
      } else if (error instanceof TaskCorrupted) {
        logger.warn({ error: error.message }, 'starting the task again from its last commit');
        this.#manager.restart(task);
      } else throw error;
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
    const punctuations = this.tasks.map(({ task }) => Math.max(1, task.nextPunctuationAt - now));
    return Math.min(IDLE_MS, ...waits, ...punctuations);
  }

  #fail(task: ActiveTask, error: Error): void {
    if (!this.#failures.has(task)) this.#failures.set(task, error);
    this.#wakeUp.notify();
  }
}

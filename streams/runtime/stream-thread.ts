import { messageOf } from '../errors.ts';
import type { Topology } from '../graph/topology.ts';
import { answerQuery } from '../query/answer-query.ts';
import type { QueryRequest, TaskAnswer } from '../query/store-query.ts';
import type { OpenBackend } from '../state/backend.ts';
import type { ActiveTask, TaskOptions } from './active-task.ts';
import type { TaskId } from './assignor.ts';
import { BrokerRefusals } from './broker-refusals.ts';
import type { ErrorPolicy, UncaughtErrorAction } from './error-policy.ts';
import type { PartitionFault } from './fetch-faults.ts';
import type { FetchCounts } from './fetcher.ts';
import type { GroupAssignment } from './group-protocol.ts';
import type { Kafka, Member } from './kafka/kafka.ts';
import type { MemberState } from './membership.ts';
import { RecordsRefused } from './record-writer.ts';
import type { ResolvedConfig } from './settings.ts';
import type { StandbyTask } from './standby-task.ts';
import { taskStatus, type TaskStatus } from './status.ts';
import { TaskFeeder } from './task-feeder.ts';
import { TaskManager, type TaskFailure } from './task-manager.ts';
import type { PreparedTopics } from './topics.ts';
import { WakeUp } from './wake-up.ts';

/** Records and timers of one task before the event loop (heartbeats, fetches) gets a turn. */
const RECORDS_PER_TURN = 1000;
/** A commit of this many changed keys and outputs is large enough. */
const COMMIT_SIZE = 5000;
/** While catching up, commits are this much rarer: changes of one key become one changelog record. */
const CATCH_UP_FACTOR = 10;
const IDLE_MS = 1000;

/** What ended a thread, and what is to be done about it. */
export interface ThreadFailure {
  readonly error: unknown;
  readonly action: Exclude<UncaughtErrorAction, 'restart-task'>;
}

export interface StreamThreadOptions extends Pick<TaskOptions, 'restores' | 'standbyUpdates'> {
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
  readonly confirmMembership: (signal: AbortSignal) => Promise<void>;
  readonly policy: ErrorPolicy;
}

/** Owns tasks: feeds, runs and commits those that the group has assigned. */
export class StreamThread {
  readonly #options: StreamThreadOptions;
  readonly #feeder: TaskFeeder;
  readonly #manager: TaskManager;
  readonly #wakeUp = new WakeUp();
  readonly #stop = new AbortController();
  /** What commits and callbacks met that the loop must deal with: of each task the first. */
  readonly #failures = new Map<ActiveTask, unknown>();
  #failure: ThreadFailure | undefined;

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
      config: options.config,
      localTasks: options.localTasks,
      onOpened: (task) => this.#feeder.add(task),
      onClosing: (id) => this.#feeder.remove(id),
      onChange: () => this.#wakeUp.notify(),
      onRevoked: options.rejoin,
      mayRestart: (error, id) => this.#mayRestart(error, id),
      confirmMembership: options.confirmMembership,
    });
  }

  get tasks(): readonly ActiveTask[] {
    return this.#manager.active;
  }

  get standbys(): readonly StandbyTask[] {
    return this.#manager.standbys;
  }

  get taskStatus(): TaskStatus[] {
    const now = this.#options.config.clock.now();
    return this.tasks.map((active) => taskStatus(active, this.#feeder.endsOf(active.id), now));
  }

  /** Tasks that wait to start again. */
  get failures(): readonly TaskFailure[] {
    return this.#manager.failures;
  }

  /** Inputs that can't be read. */
  get faults(): PartitionFault[] {
    return this.#feeder.faults;
  }

  get polls(): FetchCounts {
    return this.#feeder.counts;
  }

  get assignment(): GroupAssignment {
    return this.#manager.assignment;
  }

  get memberState(): MemberState {
    return this.#manager.memberState;
  }

  /** Answers from the tasks here, between two steps of processing. */
  answerQuery(request: QueryRequest): TaskAnswer {
    return answerQuery(this.#manager.queryable(this.#options.config.clock.now()), request);
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

  /**
   * Runs until `stop`; then commits, and closes.
   * @returns what ended it instead
   */
  async run(): Promise<ThreadFailure | undefined> {
    const { signal } = this.#stop;
    this.#options.onState('REBALANCING');
    try {
      while (!signal.aborted && !this.#failure) await this.#turn();
      if (!this.#failure) await this.#commitLast();
    } catch (error) {
      const action = this.#options.policy.decide(error);
      this.#end(error, action === 'restart-task' ? 'replace-thread' : action);
    } finally {
      await this.#feeder.stop();
      await this.#manager.close();
    }
    return this.#failure;
  }

  async #turn(): Promise<void> {
    const { config, onState } = this.#options;
    this.#recover();
    if (this.#failure) return;
    await this.#manager.maybeReconcile((tasks) => this.#commitBeforeClosing(tasks));
    onState(this.#manager.isSettled ? 'RUNNING' : 'REBALANCING');
    const now = config.clock.now();
    const processed = this.#process(now);
    const due = this.tasks.filter((task) => this.#isCommitDue(task, now));
    if (due.length > 0) await this.#commit(due);
    else if (processed === 0) await this.#wakeUp.wait(this.#pauseMs(now), config.clock);
    else await config.clock.nextTurn();
  }

  /** @returns how many records and timers were processed */
  #process(now: number): number {
    let processed = 0;
    for (const active of this.tasks) {
      try {
        processed += active.process(RECORDS_PER_TURN, now);
      } catch (error) {
        this.#fail(active, error);
      }
    }
    return processed;
  }

  /** Commits side by side; what fails is dealt with at the next turn. */
  async #commit(tasks: readonly ActiveTask[]): Promise<void> {
    const now = this.#options.config.clock.now();
    const outcomes = await Promise.allSettled(tasks.map((task) => task.maybeCommit(now)));
    for (const [i, outcome] of outcomes.entries()) {
      if (outcome.status === 'rejected') this.#fail(tasks[i]!, outcome.reason);
    }
  }

  async #commitLast(): Promise<void> {
    await this.#commit(this.tasks.filter((task) => !this.#failures.has(task)));
    for (const [{ id }, error] of this.#failures) {
      this.#options.config.logger.warn(
        { task: id, error: messageOf(error) },
        'stopped without a last commit',
      );
    }
  }

  /** What can't be committed now is processed again by whoever gets the task. */
  async #commitBeforeClosing(tasks: readonly ActiveTask[]): Promise<void> {
    const now = this.#options.config.clock.now();
    const outcomes = await Promise.allSettled(tasks.map((task) => task.maybeCommit(now)));
    for (const [i, outcome] of outcomes.entries()) {
      if (outcome.status === 'fulfilled') continue;
      const { id } = tasks[i]!;
      if (!this.#mayRestart(outcome.reason, id)) continue;
      const error = messageOf(outcome.reason);
      this.#options.config.logger.warn(
        { task: id, error },
        'no commit before the task was given up',
      );
    }
  }

  /** Deals with the failures of single tasks. */
  #recover(): void {
    const failures = [...this.#failures];
    this.#failures.clear();
    for (const [task, error] of failures) this.#manager.failed(task, error);
  }

  #mayRestart(error: unknown, id: TaskId): boolean {
    // What becomes of the records is for the policies of their sinks.
    if (error instanceof RecordsRefused) return true;
    const action = this.#options.policy.decide(error, id);
    if (action === 'restart-task') return true;
    this.#end(error, action);
    return false;
  }

  /** The first one counts. */
  #end(error: unknown, action: ThreadFailure['action']): void {
    this.#failure ??= { error, action };
    this.#wakeUp.notify();
  }

  #isCommitDue(active: ActiveTask, now: number): boolean {
    const { task } = active;
    if (!task.isChanged || this.#failures.has(active)) return false;
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

  #fail(task: ActiveTask, error: unknown): void {
    task.failed();
    if (!this.#failures.has(task)) this.#failures.set(task, error);
    this.#wakeUp.notify();
  }
}

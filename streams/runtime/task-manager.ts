import { TaskCorrupted, TaskMigrated, messageOf } from '../errors.ts';
import type { QueryableTask } from '../query/answer-query.ts';
import type { StateBackend } from '../state/backend.ts';
import { ActiveTask, type TaskOptions } from './active-task.ts';
import type { TaskId } from './assignor.ts';
import { backoffMs } from './backoff.ts';
import type { GroupAssignment } from './group-protocol.ts';
import type { MemberState } from './membership.ts';
import { RecordsRefused } from './record-writer.ts';
import type { ResolvedConfig } from './settings.ts';
import { StandbyTask } from './standby-task.ts';

const RESTART_PAUSE = { firstMs: 100, longestMs: 30_000 };
/** A task that has run for so long was well: its next failure is a first one again. */
const WELL_AFTER_MS = 10_000;

/** What a task is here. */
type Slot =
  | { readonly kind: 'active'; readonly task: ActiveTask }
  | { readonly kind: 'opening'; readonly stop: AbortController; readonly done: Promise<void> }
  | { readonly kind: 'standby'; readonly task: StandbyTask };

/** A task that has failed, and waits to start again. */
export interface TaskFailure {
  readonly task: TaskId;
  /** How often in a row. */
  readonly failures: number;
  readonly error: string;
  /** Wall clock. */
  readonly retryAt: number;
}

export interface TaskManagerOptions {
  readonly taskOptions: (id: TaskId) => TaskOptions;
  readonly config: Pick<ResolvedConfig, 'clock' | 'logger' | 'random'>;
  /** Tasks that have local state on the disk. */
  readonly localTasks: readonly TaskId[];
  /** A task has been opened: it wants to be fed and run. */
  readonly onOpened: (task: ActiveTask) => void;
  /** It is not to be fed or run any more. */
  readonly onClosing: (id: TaskId) => void;
  /** Something has changed that the processing loop should look at. */
  readonly onChange: () => void;
  /** Tasks were given up that others wait for. */
  readonly onRevoked: () => void;
  /** Whether a task that has failed may start again; where it may not, the answer's giver sees to the rest. */
  readonly mayRestart: (error: unknown, id: TaskId) => boolean;
  /** Resolves once the group says that the tasks are still this member's. */
  readonly confirmMembership: (signal: AbortSignal) => Promise<void>;
}

const NOTHING: GroupAssignment = {
  active: [],
  standby: [],
  hosts: new Map(),
  isPartial: false,
  shutdown: undefined,
};

/**
 * Brings the tasks in line with what the group assigns. Opening, restoring and following changelogs happen in the background;
 * tasks that stay go on meanwhile. A task is in one slot at a time, so its local state is open once.
 */
export class TaskManager {
  readonly #options: TaskManagerOptions;
  readonly #slots = new Map<TaskId, Slot>();
  readonly #failures = new Map<TaskId, TaskFailure & { readonly openedAt: number | undefined }>();
  readonly #stop = new AbortController();
  #target: GroupAssignment | undefined;
  #isLost = false;
  #isDirty = false;

  constructor(options: TaskManagerOptions) {
    this.#options = options;
  }

  get active(): readonly ActiveTask[] {
    return [...this.#slots.values()].flatMap((slot) => (slot.kind === 'active' ? [slot.task] : []));
  }

  get standbys(): readonly StandbyTask[] {
    return [...this.#slots.values()].flatMap((slot) =>
      slot.kind === 'standby' ? [slot.task] : [],
    );
  }

  /** What queries can be answered from. @param now wall clock */
  queryable(now: number): readonly QueryableTask[] {
    const tasks = [
      ...this.active.map((task) => task.queryable(now)),
      ...this.standbys.map((task) => task.queryable),
    ];
    return tasks.filter((task) => task !== undefined);
  }

  /** Tasks that wait to start again. */
  get failures(): readonly TaskFailure[] {
    return [...this.#failures.values()].filter(({ openedAt }) => openedAt === undefined);
  }

  /** Who has what, as of the last assignment. */
  get assignment(): GroupAssignment {
    return this.#target ?? NOTHING;
  }

  /** Whether everything that was assigned runs. */
  get isSettled(): boolean {
    if (!this.#target || this.#isLost) return false;
    return this.#target.active.every((id) => this.#slots.get(id)?.kind === 'active');
  }

  /** What the group is told: a task that is being given up is still this member's. */
  get memberState(): MemberState {
    const ids = (kinds: readonly Slot['kind'][]) =>
      [...this.#slots].flatMap(([id, slot]) => (kinds.includes(slot.kind) ? [id] : []));
    const active = this.#isLost ? [] : ids(['active', 'opening']);
    return { active, standby: [...new Set([...ids(['standby']), ...this.#options.localTasks])] };
  }

  assign(assignment: GroupAssignment): void {
    this.#target = assignment;
    this.#touch();
  }

  /** The group has let this member go: what it runs may run elsewhere by now. */
  lose(): void {
    this.#isLost = true;
    this.#target = undefined;
    // At once: whoever is about to take a task over must not fence its new owner.
    for (const slot of this.#slots.values()) if (slot.kind === 'opening') slot.stop.abort();
    this.#touch();
  }

  /** A running task's uncommitted work is void: it starts again from what is committed, over the local state it has. */
  failed(task: ActiveTask, error: unknown): void {
    const slot = this.#slots.get(task.id);
    // Given up meanwhile.
    if (slot?.kind !== 'active' || slot.task !== task) return;
    if (!this.#options.mayRestart(error, task.id)) return;
    this.#options.onClosing(task.id);
    const isSound = error instanceof TaskCorrupted || error instanceof TaskMigrated;
    // Whatever else it was: it may have been the local state, which is opened anew.
    const backend = isSound ? Promise.resolve(task.detach()) : task.close().then(() => undefined);
    // It is known then what the broker does not take: starting again goes on, and does not fail the same way.
    const pauseMs = error instanceof RecordsRefused ? 0 : this.#noteFailure(task.id, error);
    this.#open(task.id, backend, pauseMs);
  }

  /**
   * Does what the last `assign` or `lose` asks for; the loop calls it between two rounds of processing.
   * @param commit commits tasks that are about to be given up; their work is dropped where that fails
   */
  async maybeReconcile(commit: (tasks: readonly ActiveTask[]) => Promise<void>): Promise<void> {
    if (!this.#isDirty) return;
    this.#isDirty = false;
    if (this.#isLost) {
      await this.#closeAll(['active', 'opening']);
      this.#isLost = false;
    }
    const target = this.#target;
    if (!target) return;
    await this.#revoke(target, commit);
    // Meanwhile the group may have said something else, or let this member go: the next call sees to it.
    if (this.#hasNews()) return;
    for (const id of target.active) {
      const slot = this.#slots.get(id);
      if (!slot) this.#open(id);
      else if (slot.kind === 'standby') this.#open(id, slot.task.promote());
    }
    for (const id of target.standby) if (!this.#slots.has(id)) this.#follow(id);
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#closeAll(['active', 'opening', 'standby']);
  }

  async #revoke(
    target: GroupAssignment,
    commit: (tasks: readonly ActiveTask[]) => Promise<void>,
  ): Promise<void> {
    const gone = [...this.#slots].filter(([id, slot]) =>
      slot.kind === 'standby'
        ? !target.standby.includes(id) && !target.active.includes(id)
        : !target.active.includes(id),
    );
    const running = gone.flatMap(([, slot]) => (slot.kind === 'active' ? [slot.task] : []));
    for (const { id } of running) this.#options.onClosing(id);
    if (running.length > 0) await commit(running);
    await Promise.all(gone.map(([id]) => this.#closeSlot(id)));
    if (gone.some(([, slot]) => slot.kind !== 'standby')) this.#options.onRevoked();
  }

  /** @param pauseMs how long to wait before, after a failure */
  #open(
    id: TaskId,
    backend: Promise<StateBackend | undefined> = Promise.resolve(undefined),
    pauseMs = 0,
  ): void {
    const stop = new AbortController();
    const done = this.#openTask(id, stop.signal, backend, pauseMs);
    this.#slots.set(id, { kind: 'opening', stop, done });
  }

  async #openTask(
    id: TaskId,
    signal: AbortSignal,
    backend: Promise<StateBackend | undefined>,
    pauseMs: number,
  ): Promise<void> {
    const options = this.#options.taskOptions(id);
    const isStopped = () => signal.aborted;
    try {
      const state = await backend;
      if (pauseMs > 0) await this.#rest(pauseMs, signal);
      if (isStopped()) {
        await state?.close();
        return;
      }
      const task = await ActiveTask.open(options, signal, state);
      if (isStopped()) {
        await task.close();
        return;
      }
      this.#slots.set(id, { kind: 'active', task });
      this.#noteOpened(id);
      this.#options.onOpened(task);
      this.#options.onChange();
    } catch (error) {
      if (isStopped()) return;
      if (!this.#options.mayRestart(error, id)) return;
      this.#open(id, undefined, this.#noteFailure(id, error));
    }
  }

  /** After a failure. What fenced the task may be a new owner, who must not be fenced back: the group knows. */
  async #rest(pauseMs: number, signal: AbortSignal): Promise<void> {
    await this.#options.config.clock.sleep(pauseMs, signal);
    await this.#options.confirmMembership(signal);
  }

  #follow(id: TaskId): void {
    const options = this.#options.taskOptions(id);
    const task = StandbyTask.start(options, (error) => void this.#followAgain(task, error));
    this.#slots.set(id, { kind: 'standby', task });
  }

  /** Without its replica the task is only slower to take over. */
  async #followAgain(task: StandbyTask, error: unknown): Promise<void> {
    const { clock, logger } = this.#options.config;
    const { id } = task;
    const pauseMs = this.#noteFailure(id, error);
    logger.warn(
      { task: id, error: messageOf(error), pauseMs },
      'the standby stopped, trying again',
    );
    await clock.sleep(pauseMs, this.#stop.signal);
    const slot = this.#slots.get(id);
    if (slot?.kind !== 'standby' || slot.task !== task) return;
    this.#follow(id);
    this.#noteOpened(id);
  }

  /** @returns how long to wait before the next attempt, ms */
  #noteFailure(task: TaskId, error: unknown): number {
    const { clock, random } = this.#options.config;
    const known = this.#failures.get(task);
    const wasWell = known?.openedAt !== undefined && clock.now() - known.openedAt >= WELL_AFTER_MS;
    const failures = known && !wasWell ? known.failures + 1 : 1;
    const pauseMs = backoffMs(failures, RESTART_PAUSE, random);
    const retryAt = clock.now() + pauseMs;
    const openedAt = undefined;
    this.#failures.set(task, { task, failures, error: messageOf(error), retryAt, openedAt });
    return pauseMs;
  }

  #noteOpened(task: TaskId): void {
    const known = this.#failures.get(task);
    if (known) this.#failures.set(task, { ...known, openedAt: this.#options.config.clock.now() });
  }

  async #closeAll(kinds: readonly Slot['kind'][]): Promise<void> {
    const slots = [...this.#slots].filter(([, slot]) => kinds.includes(slot.kind));
    await Promise.all(slots.map(([id]) => this.#closeSlot(id)));
  }

  async #closeSlot(id: TaskId): Promise<void> {
    const slot = this.#slots.get(id);
    if (!slot) return;
    if (slot.kind === 'opening') {
      slot.stop.abort();
      await slot.done;
    } else {
      if (slot.kind === 'active') this.#options.onClosing(id);
      await slot.task.close();
    }
    if (this.#slots.get(id) === slot) this.#slots.delete(id);
    this.#failures.delete(id);
  }

  /** What was asked for may have changed while something was awaited. */
  #hasNews(): boolean {
    return this.#isDirty;
  }

  #touch(): void {
    this.#isDirty = true;
    this.#options.onChange();
  }
}

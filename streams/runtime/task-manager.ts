import { messageOf } from '../errors.ts';
import type { QueryableTask } from '../query/answer-query.ts';
import type { StateBackend } from '../state/backend.ts';
import { ActiveTask, type TaskOptions } from './active-task.ts';
import type { TaskId } from './assignor.ts';
import type { GroupAssignment } from './group-protocol.ts';
import { isTransient } from './failures.ts';
import type { MemberState } from './membership.ts';
import { StandbyTask } from './standby-task.ts';

const REOPEN_PAUSE_MS = 500;

/** What a task is here. */
type Slot =
  | { readonly kind: 'active'; readonly task: ActiveTask }
  | { readonly kind: 'opening'; readonly stop: AbortController; readonly done: Promise<void> }
  | { readonly kind: 'standby'; readonly task: StandbyTask };

export interface TaskManagerOptions {
  readonly taskOptions: (id: TaskId) => TaskOptions;
  /** Tasks that have local state on the disk. */
  readonly localTasks: readonly TaskId[];
  /** A task has been opened: it wants to be fed and run. */
  readonly onOpened: (task: ActiveTask) => Promise<void>;
  /** It is not to be fed or run any more. */
  readonly onClosing: (id: TaskId) => void;
  /** Something has changed that the processing loop should look at. */
  readonly onChange: () => void;
  /** Tasks were given up that others wait for. */
  readonly onRevoked: () => void;
  /** Going on would be wrong. */
  readonly onFatal: (error: Error) => void;
}

const NOTHING: GroupAssignment = { active: [], standby: [], hosts: new Map(), isPartial: false };

/**
 * Brings the tasks in line with what the group assigns. Opening, restoring and following changelogs happen in the background;
 * tasks that stay go on meanwhile. A task is in one slot at a time, so its local state is open once.
 */
export class TaskManager {
  readonly #options: TaskManagerOptions;
  readonly #slots = new Map<TaskId, Slot>();
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

  /** Who has what, as of the last assignment. */
  get assignment(): GroupAssignment {
    return this.#target ?? NOTHING;
  }

  /** Whether everything that was assigned runs. */
  get isSettled(): boolean {
    if (!this.#target || this.#isLost) return false;
    return this.#target.active.every((id) => this.#slots.get(id)?.kind === 'active');
  }

  /** What the group is told: a task that is being given up is still this member's, and one that was assigned already is. */
  get memberState(): MemberState {
    const ids = (kinds: readonly Slot['kind'][]) =>
      [...this.#slots].flatMap(([id, slot]) => (kinds.includes(slot.kind) ? [id] : []));
    const active = this.#isLost
      ? []
      : [...new Set([...ids(['active', 'opening']), ...this.assignment.active])];
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
    this.#touch();
  }

  /** A task's uncommitted work is void: it starts again from what is committed, over the local state it has. */
  restart(task: ActiveTask): void {
    this.#options.onClosing(task.id);
    this.#open(task.id, Promise.resolve(task.detach()));
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
      else if (slot.kind === 'standby') this.#open(id, slot.task.detach());
    }
    for (const id of target.standby) if (!this.#slots.has(id)) this.#follow(id);
  }

  async close(): Promise<void> {
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
    await Promise.all(gone.map(([id, slot]) => this.#closeSlot(id, slot)));
    if (gone.some(([, slot]) => slot.kind !== 'standby')) this.#options.onRevoked();
  }

  #open(id: TaskId, backend: Promise<StateBackend | undefined> = Promise.resolve(undefined)): void {
    const stop = new AbortController();
    const done = this.#openTask(id, stop.signal, backend);
    this.#slots.set(id, { kind: 'opening', stop, done });
  }

  async #openTask(
    id: TaskId,
    signal: AbortSignal,
    backend: Promise<StateBackend | undefined>,
  ): Promise<void> {
    const options = this.#options.taskOptions(id);
    const isStopped = () => signal.aborted;
    try {
      const task = await ActiveTask.open(options, signal, await backend);
      if (isStopped()) {
        await task.close();
        return;
      }
      this.#slots.set(id, { kind: 'active', task });
      await this.#options.onOpened(task);
      this.#options.onChange();
    } catch (error) {
      if (isStopped()) return;
      if (!isTransient(error)) {
        this.#options.onFatal(error as Error);
        return;
      }
      const { clock, logger } = options.config;
      logger.warn(
        { task: id, error: messageOf(error) },
        'the task could not be opened, trying again',
      );
      await clock.sleep(REOPEN_PAUSE_MS, signal);
      if (isStopped()) return;
      await this.#dropFailed(id);
      this.#touch();
    }
  }

  /** Feeding it has failed: it may be open. */
  async #dropFailed(id: TaskId): Promise<void> {
    const slot = this.#slots.get(id);
    this.#slots.delete(id);
    if (slot?.kind !== 'active') return;
    this.#options.onClosing(id);
    await slot.task.close();
  }

  #follow(id: TaskId): void {
    const options = this.#options.taskOptions(id);
    const task = StandbyTask.start(options, (error) => {
      // Without its replica the task is only slower to take over.
      const { clock, logger } = options.config;
      logger.warn({ task: id, error: messageOf(error) }, 'the standby stopped, trying again');
      if (this.#slots.get(id)?.kind === 'standby') this.#slots.delete(id);
      void clock.sleep(REOPEN_PAUSE_MS).then(() => this.#touch());
    });
    this.#slots.set(id, { kind: 'standby', task });
  }

  async #closeAll(kinds: readonly Slot['kind'][]): Promise<void> {
    const slots = [...this.#slots].filter(([, slot]) => kinds.includes(slot.kind));
    await Promise.all(slots.map(([id, slot]) => this.#closeSlot(id, slot)));
  }

  async #closeSlot(id: TaskId, slot: Slot): Promise<void> {
    if (slot.kind === 'opening') {
      slot.stop.abort();
      await slot.done;
    } else {
      if (slot.kind === 'active') this.#options.onClosing(id);
      await slot.task.close();
    }
    if (this.#slots.get(id) === slot) this.#slots.delete(id);
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

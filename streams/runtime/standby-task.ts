import { changelogTopic } from '../graph/topology.ts';
import type { QueryableTask } from '../query/answer-query.ts';
import type { StateBackend } from '../state/backend.ts';
import { stateColumns, TaskState } from '../task/task-state.ts';
import { taskId } from '../task/task.ts';
import type { TaskOptions } from './active-task.ts';
import type { TaskId } from './assignor.ts';
import { readRange } from './changelog-reader.ts';
import { changelogStart, restoreChunk } from './restore.ts';
import { retry } from './retry.ts';

/** How often a standby looks for more once it has everything. */
const FOLLOW_PAUSE_MS = 500;

/** Where the replica of a store stands; plain data. */
export interface StandbyUpdate {
  readonly task: TaskId;
  readonly store: string;
  /** The changelog. */
  readonly topic: string;
  readonly partition: number;
  /** The next offset to be read. */
  readonly position: number;
  /** The changelog's end when it was last asked for. */
  readonly end: number;
}

/**
 * Told how replicas follow their changelogs (KIP-988).
 * @see https://kafka.apache.org/41/javadoc/org/apache/kafka/streams/processor/StandbyUpdateListener.html
 */
export interface StandbyUpdateListener {
  onUpdateStart?(update: StandbyUpdate): void;
  /** @param records how many came with this batch */
  onBatchLoaded?(update: StandbyUpdate, records: number): void;
  /** @param reason `promoted`: the task runs here from now on; `migrated`: its replica is kept elsewhere, or nowhere */
  onUpdateSuspended?(update: StandbyUpdate, reason: 'promoted' | 'migrated'): void;
}

/**
 * A warm replica: local state that follows the changelogs of a task that runs elsewhere. It reads committed records only,
 * so that whoever takes the task over from it has nothing to take back.
 */
export class StandbyTask {
  readonly id: TaskId;
  /** Changelog records read since it was started. */
  updated = 0;
  readonly #options: TaskOptions;
  readonly #updates = new Map<string, StandbyUpdate>();
  /** Where each changelog ended, and when that was. */
  readonly #ends = new Map<string, { readonly offset: number; readonly at: number }>();
  readonly #stop = new AbortController();
  readonly #done: Promise<StateBackend | undefined>;
  /** Set once it is open. */
  #state: TaskState | undefined;

  private constructor(options: TaskOptions, onError: (error: unknown) => void) {
    this.id = taskId(options.topology.id, options.partition);
    this.#options = options;
    this.#done = this.#open(onError);
  }

  /** Starts following in the background. @param onError told when it can't go on; it has no backend then */
  static start(options: TaskOptions, onError: (error: unknown) => void): StandbyTask {
    return new StandbyTask(options, onError);
  }

  /** Changelog records that it has not read of those that were there when it last looked; Infinity before it has. */
  get lag(): number {
    const changelogs = this.#openState?.changelogs;
    if (!changelogs) return Infinity;
    return changelogs.reduce(
      (sum, { topic }) => sum + (this.#lagOf(topic)?.records ?? Infinity),
      0,
    );
  }

  /** What queries see of it; undefined when it is not open. */
  get queryable(): QueryableTask | undefined {
    const state = this.#openState;
    if (!state) return undefined;
    const { applicationId } = this.#options.config;
    return {
      id: this.id,
      isActive: false,
      watermark: -Infinity,
      committed: (store) => state.committed(store),
      lag: (store) => this.#lagOf(changelogTopic(applicationId, store)),
    };
  }

  /** Stops, and hands its local state on to the task; undefined when it has failed. */
  promote(): Promise<StateBackend | undefined> {
    return this.#suspend('promoted');
  }

  async close(): Promise<void> {
    await (await this.#suspend('migrated'))?.close();
  }

  async #suspend(reason: 'promoted' | 'migrated'): Promise<StateBackend | undefined> {
    this.#stop.abort();
    const backend = await this.#done;
    for (const update of this.#updates.values()) {
      this.#options.standbyUpdates.tell((listener) => listener.onUpdateSuspended?.(update, reason));
    }
    this.#updates.clear();
    return backend;
  }

  /** Told to stop, it may be somebody else's, or closed, at any time. */
  get #openState(): TaskState | undefined {
    return this.#stop.signal.aborted ? undefined : this.#state;
  }

  async #open(onError: (error: unknown) => void): Promise<StateBackend | undefined> {
    try {
      const { topology, config, openBackend } = this.#options;
      const backend = await openBackend(this.id, stateColumns(topology));
      try {
        const { applicationId, cacheSize } = config;
        this.#state = new TaskState(topology, applicationId, backend, cacheSize);
        await this.#follow(this.#state);
      } catch (error) {
        this.#state = undefined;
        await backend.close();
        throw error;
      }
      return backend;
    } catch (error) {
      if (!this.#stop.signal.aborted) onError(error);
      return undefined;
    }
  }

  async #follow(state: TaskState): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      for (const changelog of state.changelogs) await this.#update(state, changelog);
      await this.#options.config.clock.sleep(FOLLOW_PAUSE_MS, signal);
    }
  }

  /** Reads what there is of one changelog. */
  async #update(
    state: TaskState,
    { topic, store }: { readonly topic: string; readonly store: string },
  ): Promise<void> {
    const { kafka, config, partition } = this.#options;
    const context = { ...config, kafka, signal: this.#stop.signal };
    const at = { topic, partition };
    const startedAt = config.clock.now();
    const { from, end } = await changelogStart(state, at, context);
    this.#ends.set(topic, { offset: end, at: startedAt });
    const facts = { task: this.id, store, ...at, end };
    this.#note({ ...facts, position: from }, undefined);
    for await (const chunk of readRange(at, from, end, context)) {
      const records = restoreChunk(state, topic, chunk, end);
      this.updated += records;
      this.#note({ ...facts, position: Math.min(chunk.nextOffset, end) }, records);
    }
    const askedAt = config.clock.now();
    const [now] = await retry(
      `offsets of ${topic}`,
      () => kafka.listOffsets([at], 'latest'),
      context,
    );
    this.#ends.set(topic, { offset: now!, at: askedAt });
  }

  #lagOf(changelog: string): { records: number; asOf: number } | undefined {
    const state = this.#openState;
    const end = this.#ends.get(changelog);
    if (!state || !end) return undefined;
    const position = state.checkpoint(changelog) ?? 0;
    return { records: Math.max(0, end.offset - position), asOf: end.at };
  }

  #note(update: StandbyUpdate, records: number | undefined): void {
    const { standbyUpdates } = this.#options;
    const isFirst = !this.#updates.has(update.topic);
    this.#updates.set(update.topic, update);
    if (isFirst) standbyUpdates.tell((listener) => listener.onUpdateStart?.(update));
    if (records !== undefined)
      standbyUpdates.tell((listener) => listener.onBatchLoaded?.(update, records));
  }
}

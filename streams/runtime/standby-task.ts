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
  /** Changelog records that it had not read when it last looked. */
  lag = 0;
  /** Changelog records read since it was started. */
  updated = 0;
  readonly #options: TaskOptions;
  readonly #updates = new Map<string, StandbyUpdate>();
  readonly #stop = new AbortController();
  readonly #done: Promise<StateBackend>;

  private constructor(options: TaskOptions, onError: (error: unknown) => void) {
    this.id = taskId(options.topology.id, options.partition);
    this.#options = options;
    this.#done = this.#open(onError);
  }

  /** Starts following in the background. @param onError told when it can't go on; it has no backend then */
  static start(options: TaskOptions, onError: (error: unknown) => void): StandbyTask {
    return new StandbyTask(options, onError);
  }

  /** Stops, and hands its local state on to the task; undefined when it could not be opened. */
  promote(): Promise<StateBackend | undefined> {
    return this.#suspend('promoted');
  }

  async close(): Promise<void> {
    await (await this.#suspend('migrated'))?.close();
  }

  async #suspend(reason: 'promoted' | 'migrated'): Promise<StateBackend | undefined> {
    this.#stop.abort();
    const backend = await this.#done.catch(() => undefined);
    for (const update of this.#updates.values()) {
      this.#options.standbyUpdates.tell((listener) => listener.onUpdateSuspended?.(update, reason));
    }
    this.#updates.clear();
    return backend;
  }

  async #open(onError: (error: unknown) => void): Promise<StateBackend> {
    try {
      const { topology, config, openBackend } = this.#options;
      const backend = await openBackend(this.id, stateColumns(topology));
      try {
        const { applicationId, cacheSize } = config;
        await this.#follow(new TaskState(topology, applicationId, backend, cacheSize));
      } catch (error) {
        await backend.close();
        throw error;
      }
      return backend;
    } catch (error) {
      if (!this.#stop.signal.aborted) onError(error);
      throw error;
    }
  }

  async #follow(state: TaskState): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      let lag = 0;
      for (const changelog of state.changelogs) lag += await this.#update(state, changelog);
      this.lag = lag;
      await this.#options.config.clock.sleep(FOLLOW_PAUSE_MS, signal);
    }
  }

  /** Reads what there is of one changelog; @returns how much there was more by then */
  async #update(
    state: TaskState,
    { topic, store }: { readonly topic: string; readonly store: string },
  ): Promise<number> {
    const { kafka, config, partition } = this.#options;
    const context = { ...config, kafka, signal: this.#stop.signal };
    const at = { topic, partition };
    const { from, end } = await changelogStart(state, at, context);
    const facts = { task: this.id, store, ...at, end };
    this.#note({ ...facts, position: from }, undefined);
    for await (const chunk of readRange(at, from, end, context)) {
      const records = restoreChunk(state, topic, chunk, end);
      this.updated += records;
      this.#note({ ...facts, position: Math.min(chunk.nextOffset, end) }, records);
    }
    const [now] = await retry(
      `offsets of ${topic}`,
      () => kafka.listOffsets([at], 'latest'),
      context,
    );
    return Math.max(0, now! - (state.checkpoint(topic) ?? 0));
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

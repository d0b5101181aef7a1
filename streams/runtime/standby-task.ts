import { changelogTopic } from '../graph/topology.ts';
import type { QueryableTask } from '../query/answer-query.ts';
import type { StateBackend } from '../state/backend.ts';
import { stateColumns, TaskState } from '../task/task-state.ts';
import { taskId } from '../task/task.ts';
import type { TaskOptions } from './active-task.ts';
import type { TaskId } from './assignor.ts';
import { changelogStart, restoreChunk } from './restore.ts';
import { readRange } from './changelog-reader.ts';
import { retry } from './retry.ts';

/** How often a standby looks for more once it has everything. */
const FOLLOW_PAUSE_MS = 500;

/**
 * A warm replica: local state that follows the changelogs of a task that runs elsewhere. It reads committed records only,
 * so that whoever takes the task over from it has nothing to take back.
 */
export class StandbyTask {
  readonly id: TaskId;
  readonly #options: TaskOptions;
  readonly #stop = new AbortController();
  readonly #done: Promise<StateBackend | undefined>;
  /** Where each changelog ended, and when that was. */
  readonly #ends = new Map<string, { readonly offset: number; readonly at: number }>();
  /** Set once it is open. */
  #state: TaskState | undefined;

  private constructor(options: TaskOptions, onError: (error: unknown) => void) {
    this.id = taskId(options.topology.id, options.partition);
    this.#options = options;
    this.#done = this.#open(options, onError);
  }

  /** Starts following in the background. @param onError told when it can't go on; it has no backend then */
  static start(options: TaskOptions, onError: (error: unknown) => void): StandbyTask {
    return new StandbyTask(options, onError);
  }

  /** Changelog records that it has not read of those that were there when it last looked; Infinity before it has. */
  get lag(): number {
    const topics = this.#openState?.changelogTopics;
    if (!topics) return Infinity;
    return topics.reduce((sum, topic) => sum + (this.#lagOf(topic)?.records ?? Infinity), 0);
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

  /** Stops, and hands its local state on; undefined when it has failed. */
  detach(): Promise<StateBackend | undefined> {
    this.#stop.abort();
    return this.#done;
  }

  async close(): Promise<void> {
    await (await this.detach())?.close();
  }

  /** Told to stop, it may be somebody else's, or closed, at any time. */
  get #openState(): TaskState | undefined {
    return this.#stop.signal.aborted ? undefined : this.#state;
  }

  async #open(
    options: TaskOptions,
    onError: (error: unknown) => void,
  ): Promise<StateBackend | undefined> {
    try {
      const { topology, config, openBackend } = options;
      const backend = await openBackend(this.id, stateColumns(topology));
      try {
        const state = new TaskState(topology, config.applicationId, backend, config.cacheSize);
        this.#state = state;
        await this.#follow(state, options);
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

  async #follow(state: TaskState, options: TaskOptions): Promise<void> {
    const { signal } = this.#stop;
    const { kafka, config, partition } = options;
    const context = { ...config, kafka, signal };
    while (!signal.aborted) {
      for (const topic of state.changelogTopics) {
        const at = { topic, partition };
        const startedAt = config.clock.now();
        const { from, end } = await changelogStart(state, at, context);
        this.#ends.set(topic, { offset: end, at: startedAt });
        for await (const chunk of readRange(at, from, end, context)) {
          restoreChunk(state, topic, chunk, end);
        }
        const askedAt = config.clock.now();
        const [now] = await retry(
          `offsets of ${topic}`,
          () => kafka.listOffsets([at], 'latest'),
          context,
        );
        this.#ends.set(topic, { offset: now!, at: askedAt });
      }
      await config.clock.sleep(FOLLOW_PAUSE_MS, signal);
    }
  }

  #lagOf(changelog: string): { records: number; asOf: number } | undefined {
    const state = this.#openState;
    const end = this.#ends.get(changelog);
    if (!state || !end) return undefined;
    const position = state.checkpoint(changelog) ?? 0;
    return { records: Math.max(0, end.offset - position), asOf: end.at };
  }
}

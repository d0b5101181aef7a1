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
  /** Changelog records that it had not read when it last looked. */
  lag = 0;
  readonly #stop = new AbortController();
  readonly #done: Promise<StateBackend>;

  private constructor(options: TaskOptions, onError: (error: unknown) => void) {
    this.id = taskId(options.topology.id, options.partition);
    this.#done = this.#open(options, onError);
  }

  /** Starts following in the background. @param onError told when it can't go on; it has no backend then */
  static start(options: TaskOptions, onError: (error: unknown) => void): StandbyTask {
    return new StandbyTask(options, onError);
  }

  /** Stops, and hands its local state on; undefined when it could not be opened. */
  async detach(): Promise<StateBackend | undefined> {
    this.#stop.abort();
    return this.#done.catch(() => undefined);
  }

  async close(): Promise<void> {
    await (await this.detach())?.close();
  }

  async #open(options: TaskOptions, onError: (error: unknown) => void): Promise<StateBackend> {
    try {
      const { topology, config, openBackend } = options;
      const backend = await openBackend(this.id, stateColumns(topology));
      const state = new TaskState(topology, config.applicationId, backend, config.cacheSize);
      await this.#follow(state, options).catch(async (error: unknown) => {
        await backend.close();
        throw error;
      });
      return backend;
    } catch (error) {
      if (!this.#stop.signal.aborted) onError(error);
      throw error;
    }
  }

  async #follow(state: TaskState, options: TaskOptions): Promise<void> {
    const { signal } = this.#stop;
    const { kafka, config, partition } = options;
    const context = { ...config, kafka, signal };
    while (!signal.aborted) {
      let lag = 0;
      for (const topic of state.changelogTopics) {
        const at = { topic, partition };
        const { from, end } = await changelogStart(state, at, context);
        for await (const chunk of readRange(at, from, end, context)) {
          restoreChunk(state, topic, chunk, end);
        }
        const [now] = await retry(
          `offsets of ${topic}`,
          () => kafka.listOffsets([at], 'latest'),
          context,
        );
        lag += Math.max(0, now! - (state.checkpoint(topic) ?? 0));
      }
      this.lag = lag;
      await config.clock.sleep(FOLLOW_PAUSE_MS, signal);
    }
  }
}

import { deadLetterTopic, topicName, type SubTopology } from '../graph/topology.ts';
import type { QueryableTask } from '../query/answer-query.ts';
import type { OpenBackend, StateBackend } from '../state/backend.ts';
import { stateColumns } from '../task/task-state.ts';
import { Task, taskId, type StartOffset } from '../task/task.ts';
import { AtLeastOnceCommitter } from './at-least-once.ts';
import type { BrokerRefusals } from './broker-refusals.ts';
import type { Clock } from './clock.ts';
import type { Committer } from './committer.ts';
import type { Listeners } from './listeners.ts';
import { restore } from './restore.ts';
import type { Restores } from './restores.ts';
import type { TaskId } from './assignor.ts';
import type { Kafka, Member, TopicPartition } from './kafka/kafka.ts';
import { RecordsRefused } from './record-writer.ts';
import { retry } from './retry.ts';
import type { ResolvedConfig } from './settings.ts';
import type { StandbyUpdateListener } from './standby-task.ts';
import type { PreparedTopics } from './topics.ts';
import { TransactionManager } from './transaction-manager.ts';

/** What a task needs of its surroundings, active or standby. */
export interface TaskOptions {
  readonly topology: SubTopology;
  readonly config: ResolvedConfig;
  readonly kafka: Kafka;
  readonly topics: PreparedTopics;
  readonly openBackend: OpenBackend;
  readonly restores: Restores;
  readonly standbyUpdates: Listeners<StandbyUpdateListener>;
  readonly partition: number;
  readonly refusals: BrokerRefusals;
  /** What this instance is in the group now. */
  readonly member: () => Member | undefined;
}

/** A task with what it needs to live: its local state, its transactions, and where it stands with committing. */
export class ActiveTask {
  readonly id: TaskId;
  readonly task: Task;
  /** Wall clock. At first none: others wait to see that the task goes on, so its first commit is not put off. */
  lastCommitAt = -Infinity;
  /** Time spent in processing, and in commits, ms. */
  processMs = 0;
  commitMs = 0;
  /** What its changelogs held when it was started here, in offsets. */
  readonly changelogOffsets: number;
  readonly #backend: StateBackend;
  readonly #committer: Committer;
  readonly #refusals: BrokerRefusals;
  readonly #clock: Clock;
  /** Failed, given up or handed on, its local state may be broken, or closed at any time. */
  #isOver = false;

  private constructor(
    task: Task,
    backend: StateBackend,
    committer: Committer,
    changelogOffsets: number,
    { config, refusals }: TaskOptions,
  ) {
    this.id = task.id;
    this.task = task;
    this.changelogOffsets = changelogOffsets;
    this.#backend = backend;
    this.#committer = committer;
    this.#refusals = refusals;
    this.#clock = config.clock;
  }

  /**
   * Takes a task over: fences its former owner, and goes on from what is committed.
   * @param backend its local state, if it is open already; closed when this fails
   */
  static async open(
    options: TaskOptions,
    signal: AbortSignal,
    backend?: StateBackend,
  ): Promise<ActiveTask> {
    const { topology, config, partition, refusals } = options;
    const id = taskId(topology.id, partition);
    let state = backend;
    try {
      const committer = committerOf(id, options);
      // In this order: what is committed is final only once the former owner is shut out (C1).
      await committer.init(signal);
      const start = await startOffsets(options, signal);
      state ??= await options.openBackend(id, stateColumns(topology));
      const task = new Task({
        ...config,
        topology,
        partition,
        refusals,
        backend: state,
        waitForInputs: true,
      });
      const changelogOffsets = await restore(task, options, signal);
      task.start(start);
      return new ActiveTask(task, state, committer, changelogOffsets, options);
    } catch (error) {
      await state?.close();
      throw error;
    }
  }

  /** Commits what was processed; does nothing when nothing was. */
  async maybeCommit(now: number): Promise<void> {
    this.lastCommitAt = now;
    const commit = this.task.prepareCommit();
    if (!commit) return;
    try {
      this.task.postCommit(await this.#committer.commit(commit));
    } catch (error) {
      this.failed();
      if (error instanceof RecordsRefused) await this.#refusals.learn(this.task, error.refused);
      throw error;
    }
    await this.#committer.postCommit(commit);
    this.commitMs += this.#clock.now() - now;
  }

  /** It can't go on: what it has may not be what it says, so it is not asked any more. */
  failed(): void {
    this.#isOver = true;
  }

  /** Works through what is buffered and due; @returns how many records and timers that were */
  process(limit: number, now: number): number {
    const startedAt = this.#clock.now();
    const processed = this.task.process(limit, now);
    this.processMs += this.#clock.now() - startedAt;
    return processed;
  }

  /** Of its local state, on disk. */
  stateBytes(): Promise<number> {
    return this.#backend.sizeBytes();
  }

  /** What queries see of it; undefined when it has ended. @param now wall clock */
  queryable(now: number): QueryableTask | undefined {
    if (this.#isOver) return undefined;
    const { state, committedWatermark } = this.task;
    return {
      id: this.id,
      isActive: true,
      watermark: committedWatermark,
      committed: (store) => state.committed(store),
      lag: () => ({ records: 0, asOf: now }),
    };
  }

  /** Ends this task, and hands its local state on; what is not committed is dropped. */
  detach(): StateBackend {
    this.#isOver = true;
    return this.#backend;
  }

  /** Ends this task; what is not committed is dropped. */
  async close(): Promise<void> {
    this.#isOver = true;
    await this.#backend.close();
  }
}

function committerOf(id: TaskId, { config, kafka, topics, member }: TaskOptions): Committer {
  const { applicationId, clock, logger, transactionTimeoutMs } = config;
  const options = {
    ...{ kafka, clock, logger, transactionTimeoutMs },
    transactionalId: `${applicationId}-${id}`,
    groupId: applicationId,
    partitionCounts: topics.partitionCounts,
    deadLetterTopic: deadLetterTopic(applicationId),
  };
  return config.processingGuarantee === 'at_least_once'
    ? new AtLeastOnceCommitter({ ...options, member })
    : new TransactionManager(options);
}

async function startOffsets(options: TaskOptions, signal: AbortSignal): Promise<StartOffset[]> {
  const { topology, config, kafka, partition } = options;
  const inputs = topology.sources.map((source) => ({
    topic: topicName(config.applicationId, source),
    partition,
  }));
  const context = { ...config, kafka, signal };
  return retry(
    `reading the offsets of task ${taskId(topology.id, partition)}`,
    async () => {
      const committed = await kafka.committedOffsets(config.applicationId, inputs);
      const earliest = await kafka.listOffsets(inputs, 'earliest');
      return inputs.map((input, i) => startOffset(input, committed[i], earliest[i]!, options));
    },
    context,
  );
}

function startOffset(
  { topic, partition }: TopicPartition,
  committed: { offset: number; metadata: string | null } | undefined,
  earliest: number,
  { config: { logger } }: TaskOptions,
): StartOffset {
  if (!committed) return { topic, offset: earliest, metadata: null };
  if (committed.offset >= earliest) return { topic, ...committed };
  const lost = earliest - committed.offset;
  logger.error(
    { topic, partition, committed: committed.offset, earliest, lost },
    'records were deleted by retention before they were processed; going on with the first that is left',
  );
  return { topic, offset: earliest, metadata: committed.metadata };
}

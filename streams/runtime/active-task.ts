import { StreamsException } from '../errors.ts';
import { topicName, type SubTopology } from '../graph/topology.ts';
import type { OpenBackend, StateBackend } from '../state/backend.ts';
import { stateColumns } from '../task/task-state.ts';
import { Task, taskId, type StartOffset } from '../task/task.ts';
import { readRange } from './changelog-reader.ts';
import type { Kafka, TopicPartition } from './kafka/kafka.ts';
import { retry } from './retry.ts';
import type { ResolvedConfig } from './settings.ts';
import type { PreparedTopics } from './topics.ts';
import { TransactionManager } from './transaction-manager.ts';

export interface ActiveTaskOptions {
  readonly topology: SubTopology;
  readonly config: ResolvedConfig;
  readonly kafka: Kafka;
  readonly topics: PreparedTopics;
  readonly openBackend: OpenBackend;
  readonly partition: number;
}

/** A task with what it needs to live: its local state, its transactions, and where it stands with committing. */
export class ActiveTask {
  readonly partition: number;
  readonly task: Task;
  /** Wall clock. */
  lastCommitAt: number;
  readonly #backend: StateBackend;
  readonly #transactions: TransactionManager;

  private constructor(
    task: Task,
    backend: StateBackend,
    transactions: TransactionManager,
    now: number,
  ) {
    this.partition = task.partition;
    this.task = task;
    this.lastCommitAt = now;
    this.#backend = backend;
    this.#transactions = transactions;
  }

  /**
   * Takes a task over: fences its former owner, and goes on from what is committed.
   * @param backend its local state, if it is open already
   */
  static async open(
    options: ActiveTaskOptions,
    signal: AbortSignal,
    backend?: StateBackend,
  ): Promise<ActiveTask> {
    const { topology, config, kafka, topics, partition } = options;
    const transactions = new TransactionManager({
      kafka,
      clock: config.clock,
      logger: config.logger,
      transactionalId: `${config.applicationId}-${taskId(topology.id, partition)}`,
      groupId: config.applicationId,
      transactionTimeoutMs: config.transactionTimeoutMs,
      partitionCounts: topics.partitionCounts,
    });
    // In this order: offsets are final only once the former owner's transaction has ended (X1).
    await transactions.init(signal);
    const start = await startOffsets(options, signal);
    const state =
      backend ??
      (await options.openBackend(taskId(topology.id, partition), stateColumns(topology)));
    try {
      const task = new Task({
        topology,
        applicationId: config.applicationId,
        partition,
        backend: state,
        serde: config.serde,
        allowedLatenessMs: config.allowedLatenessMs,
        cacheSize: config.cacheSize,
        waitForInputs: true,
      });
      await restore(task, options, signal);
      task.start(start);
      return new ActiveTask(task, state, transactions, config.clock.now());
    } catch (error) {
      if (!backend) await state.close();
      throw error;
    }
  }

  /** Starts anew from what is committed, over the same local state; whatever is not committed is dropped. */
  reopen(options: ActiveTaskOptions, signal: AbortSignal): Promise<ActiveTask> {
    return ActiveTask.open(options, signal, this.#backend);
  }

  /** Commits what was processed; does nothing when nothing was. */
  async maybeCommit(now: number): Promise<void> {
    this.lastCommitAt = now;
    const commit = this.task.prepareCommit();
    if (!commit) return;
    this.task.postCommit(await this.#transactions.commit(commit));
  }

  /** Lets go of the local state; what is not committed is dropped. */
  async close(): Promise<void> {
    await this.#backend.close();
  }
}

async function startOffsets(
  options: ActiveTaskOptions,
  signal: AbortSignal,
): Promise<StartOffset[]> {
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
  { config: { logger } }: ActiveTaskOptions,
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

/** Brings local state to the changelogs' ends, from the checkpoint on. */
async function restore(task: Task, options: ActiveTaskOptions, signal: AbortSignal): Promise<void> {
  const { kafka, config, partition } = options;
  const { logger, clock } = config;
  const context = { ...config, kafka, signal };
  for (const topic of task.state.changelogTopics) {
    const at = [{ topic, partition }];
    const list = (position: 'earliest' | 'latest') =>
      retry(`offsets of ${topic}`, () => kafka.listOffsets(at, position), context);
    const [earliest] = await list('earliest');
    const [end] = await list('latest');
    const checkpoint = task.state.checkpoint(topic);
    // Behind the start: compaction or retention took records that are missing here. Ahead of the end: it is another topic
    // of that name by now. Either way local state can't be brought up to date, only made anew.
    const usable = checkpoint !== undefined && checkpoint >= earliest! && checkpoint <= end!;
    if (checkpoint !== undefined && !usable) {
      logger.warn(
        { topic, partition, checkpoint, earliest, end },
        'local state does not fit the changelog, rebuilding it',
      );
    }
    // Also without a checkpoint: a wipe may have been cut short, and have left some of what it was to drop.
    if (!usable) task.state.wipe(topic);
    const from = usable ? checkpoint : earliest!;
    const startedAt = clock.now();
    let records = 0;
    for await (const chunk of readRange({ topic, partition }, from, end!, context)) {
      const changes = chunk.records.map(({ key, value }) => ({ key: Buffer.from(key!), value }));
      task.state.restore(topic, changes, Math.min(chunk.nextOffset, end!));
      records += changes.length;
    }
    if (signal.aborted)
      throw new StreamsException(`restoring ${topic}-${partition} was interrupted`);
    task.metrics.restored += records;
    const ms = clock.now() - startedAt;
    logger.info({ task: task.id, topic, partition, from, end, records, ms }, 'state restored');
  }
}

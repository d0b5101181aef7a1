import { StreamsException, messageOf } from '../errors.ts';
import { topicName, type Topology } from '../graph/topology.ts';
import type { TaskCounts } from '../task/task-metrics.ts';
import type { Instance } from './instance.ts';
import type { Kafka } from './kafka/kafka.ts';
import { KafkaJsKafka } from './kafka/kafkajs-kafka.ts';
import { Membership, type TaskInputs } from './membership.ts';
import { retry } from './retry.ts';
import { resolveConfig, type ResolvedConfig, type StreamsConfig } from './settings.ts';
import { mayMove, type StreamsState } from './state.ts';
import { StreamThread } from './stream-thread.ts';
import { prepareTopics, type PreparedTopics } from './topics.ts';
import { taskId } from '../task/task.ts';

const LEAVE_MS = 10_000;

/** A part's health as `/actuator/health` shows it. */
export interface ComponentHealth {
  readonly status: 'UP' | 'DOWN';
  readonly details?: Readonly<Record<string, unknown>>;
}

/** What one task is at; for metrics and people. */
export interface TaskStatus extends TaskCounts {
  readonly task: string;
  readonly partition: number;
  /** Event time, epoch ms; -Infinity before every input was read once. */
  readonly watermark: number;
  readonly buffered: number;
  readonly caughtUp: boolean;
}

export type StateListener = (state: StreamsState, former: StreamsState) => void;

/**
 * Runs a topology against Kafka: exactly once, with its state on the local disk and in changelogs.
 *
 * @example
 * const app = new KafkaStreams(topology, {
 *   applicationId: 'shipping',
 *   kafka: { brokers: ['127.0.0.1:9092'] },
 *   stateDir: '/var/lib/shipping',
 * });
 * app.onState((state) => console.log(state));
 * app.start();
 * process.once('SIGTERM', () => void app.close());
 */
export class KafkaStreams {
  readonly #topology: Topology;
  readonly #config: ResolvedConfig;
  readonly #kafka: Kafka;
  readonly #stopping = new AbortController();
  readonly #listeners: StateListener[] = [];
  readonly #faults = new Map<'kafka' | 'schemaRegistry', string>([['kafka', 'not reached yet']]);
  #state: StreamsState = 'CREATED';
  #thread: StreamThread | undefined;
  #running: Promise<void> | undefined;
  #error: Error | undefined;

  constructor(topology: Topology, config: StreamsConfig) {
    this.#topology = topology;
    this.#config = resolveConfig(config);
    const { kafka, applicationId } = this.#config;
    this.#kafka =
      'fetch' in kafka ? kafka : new KafkaJsKafka({ clientId: applicationId, ...kafka });
  }

  get state(): StreamsState {
    return this.#state;
  }

  /** What ended the application, in state `ERROR`. */
  get error(): Error | undefined {
    return this.#error;
  }

  /** Called at each change of state. */
  onState(listener: StateListener): void {
    this.#listeners.push(listener);
  }

  /**
   * Starts in the background. Brokers that can't be reached are waited for; what can't be mended by waiting ends in `ERROR`.
   * @throws {StreamsException} when it was started before
   */
  start(): void {
    if (this.#running)
      throw new StreamsException('the application was started before; make a new one');
    this.#running = this.#run().catch((error: unknown) => this.#fail(error));
  }

  /** Commits what was processed, leaves the group and lets go of everything. Safe to call twice, and in any state. */
  async close(): Promise<void> {
    if (mayMove(this.#state, 'PENDING_SHUTDOWN')) this.#setState('PENDING_SHUTDOWN');
    this.#stopping.abort();
    this.#thread?.stop();
    await this.#running;
    await this.#kafka.close();
    if (mayMove(this.#state, 'NOT_RUNNING')) this.#setState('NOT_RUNNING');
  }

  health(): Record<string, ComponentHealth> {
    const fault = (component: 'kafka' | 'schemaRegistry'): ComponentHealth => {
      const reason = this.#faults.get(component);
      return reason === undefined ? { status: 'UP' } : { status: 'DOWN', details: { reason } };
    };
    const details = {
      state: this.#state,
      tasks: this.tasks().map((task) => task.task),
      standbys: this.standbys(),
      ...(this.#error && { reason: this.#error.message }),
    };
    const streams: ComponentHealth = { status: this.#state === 'RUNNING' ? 'UP' : 'DOWN', details };
    return { streams, kafka: fault('kafka'), schemaRegistry: fault('schemaRegistry') };
  }

  /** Replicas kept here of tasks that run elsewhere, and how many changelog records each is behind. */
  standbys(): { task: string; lag: number }[] {
    return (this.#thread?.standbys ?? []).map(({ id, lag }) => ({ task: id, lag }));
  }

  tasks(): TaskStatus[] {
    return (this.#thread?.tasks ?? []).map(({ task }) => ({
      task: task.id,
      partition: task.partition,
      watermark: task.watermark.value,
      buffered: task.buffered,
      caughtUp: task.isCaughtUp,
      ...task.metrics.snapshot(),
    }));
  }

  async #run(): Promise<void> {
    const { applicationId, stateDir } = this.#config;
    const instance = await this.#config.openInstance(stateDir, applicationId);
    try {
      await this.#runInstance(instance);
    } finally {
      await instance.close();
    }
  }

  async #runInstance(instance: Instance): Promise<void> {
    const { applicationId, clock, logger } = this.#config;
    const { signal } = this.#stopping;
    const kafka = this.#kafka;
    const topics = await this.#reach(() =>
      prepareTopics(this.#topology, applicationId, { kafka, clock, logger, signal }),
    );
    // Told to stop meanwhile: there was no thread to be told.
    if (!topics || signal.aborted) return;
    const thread = new StreamThread({
      topology: this.#topology,
      config: this.#config,
      kafka,
      topics,
      openBackend: instance.openBackend,
      localTasks: await instance.localTasks(),
      onState: (state) => this.#setState(state),
      onContact: (component, fault) => this.#contact(component, fault),
      rejoin: () => membership.rejoin(),
      member: () => membership.member,
    });
    const membership = this.#membership(instance, topics, thread);
    this.#thread = thread;
    const left = new AbortController();
    const member = membership
      .run(AbortSignal.any([left.signal, signal]))
      .catch((error: unknown) => thread.fail(error as Error));
    try {
      await thread.run();
    } finally {
      left.abort();
      await this.#leave(membership, member);
    }
  }

  /** A join under way is waited for, to leave what it enters; but not for ever, it may wait for other members. */
  async #leave(membership: Membership, member: Promise<void>): Promise<void> {
    let isLate = false;
    const left = member.then(() => (isLate ? undefined : membership.leave()));
    await Promise.race([left, this.#config.clock.sleep(LEAVE_MS)]);
    isLate = true;
    await this.#kafka.close();
  }

  #membership(instance: Instance, topics: PreparedTopics, thread: StreamThread): Membership {
    const { applicationId, sessionTimeoutMs } = this.#config;
    return new Membership({
      ...this.#config,
      kafka: this.#kafka,
      groupId: applicationId,
      instanceId: instance.id,
      tasks: tasksOf(this.#topology, applicationId, topics),
      heartbeatIntervalMs: Math.max(100, Math.floor(sessionTimeoutMs / 10)),
      state: () => thread.memberState,
      onAssigned: (assignment) => thread.assign(assignment),
      onLost: () => thread.lose(),
    });
  }

  /** Waits until Kafka answers; says so while it does not. */
  async #reach<T>(call: () => Promise<T>): Promise<T | undefined> {
    const { clock, logger } = this.#config;
    const { signal } = this.#stopping;
    try {
      return await retry(
        'reaching Kafka',
        async () => {
          try {
            const answer = await call();
            this.#contact('kafka', undefined);
            return answer;
          } catch (error) {
            if (!(error instanceof StreamsException)) this.#contact('kafka', messageOf(error));
            throw error;
          }
        },
        { kafka: this.#kafka, clock, logger, signal },
      );
    } catch (error) {
      if (signal.aborted) return undefined;
      throw error;
    }
  }

  #contact(component: 'kafka' | 'schemaRegistry', fault: string | undefined): void {
    const known = this.#faults.get(component);
    if ((known === undefined) === (fault === undefined)) return;
    const { logger } = this.#config;
    if (fault === undefined) {
      this.#faults.delete(component);
      logger.info({ component }, 'reached');
    } else {
      this.#faults.set(component, fault);
      logger.warn({ component, reason: fault }, 'can not be reached, trying again');
    }
  }

  #fail(error: unknown): void {
    this.#error = error instanceof Error ? error : new Error(messageOf(error));
    this.#config.logger.error(
      { error: this.#error },
      `the application stops: ${this.#error.message}`,
    );
    if (mayMove(this.#state, 'PENDING_ERROR')) this.#setState('PENDING_ERROR');
    if (mayMove(this.#state, 'ERROR')) this.#setState('ERROR');
  }

  #setState(state: StreamsState): void {
    const former = this.#state;
    if (state === former) return;
    // Asked to stop, it does not run again, whatever its thread is still at.
    if (!mayMove(former, state)) return;
    this.#state = state;
    this.#config.logger.info({ from: former, to: state }, 'state changed');
    for (const listener of this.#listeners) listener(state, former);
  }
}

/** Every task of the topology, with what it reads. */
function tasksOf(
  topology: Topology,
  applicationId: string,
  { tasks }: PreparedTopics,
): TaskInputs[] {
  return topology.subTopologies.flatMap((sub, i) => {
    const topics = sub.sources.map((source) => topicName(applicationId, source));
    return Array.from({ length: tasks[i]! }, (_, partition) => ({
      id: taskId(sub.id, partition),
      partition,
      topics,
    }));
  });
}

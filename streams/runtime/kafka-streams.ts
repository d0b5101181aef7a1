import { StoreNotAvailable, StreamsException, messageOf } from '../errors.ts';
import type { Topology } from '../graph/topology.ts';
import { storeOpener, type OpenStore } from '../query/queried-store.ts';
import { QueryRouter, type QueryCluster } from '../query/query-router.ts';
import type { QueryRequest, TaskAnswer } from '../query/store-query.ts';
import type { TaskId } from './assignor.ts';
import { ErrorPolicy } from './error-policy.ts';
import type { Instance } from './instance.ts';
import type { Kafka } from './kafka/kafka.ts';
import { KafkaJsKafka } from './kafka/kafkajs-kafka.ts';
import { partitionFor } from './kafka/partitioner.ts';
import { Listeners } from './listeners.ts';
import { Restores, type StateRestoreListener } from './restores.ts';
import { retry } from './retry.ts';
import { resolveConfig, type ResolvedConfig, type StreamsConfig } from './settings.ts';
import type { StandbyUpdateListener } from './standby-task.ts';
import { mayMove, type StreamsState } from './state.ts';
import type { StandbyStatus, StreamsStatus, TaskStatus } from './status.ts';
import { ThreadSupervisor } from './thread-supervisor.ts';
import { prepareTopics, type PreparedTopics } from './topics.ts';

/** Through a rebalance, tasks that stay can be asked. */
const QUERYABLE: ReadonlySet<StreamsState> = new Set(['RUNNING', 'REBALANCING']);

/** A part's health as `/actuator/health` shows it. */
export interface ComponentHealth {
  readonly status: 'UP' | 'DOWN';
  readonly details?: Readonly<Record<string, unknown>>;
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
  /** Opens a store, to be asked from outside of the topology: see `OpenStore`. */
  readonly store: OpenStore;
  readonly #topology: Topology;
  readonly #config: ResolvedConfig;
  readonly #kafka: Kafka;
  readonly #policy: ErrorPolicy;
  readonly #stopping = new AbortController();
  readonly #listeners: Listeners<StateListener>;
  readonly #standbyUpdates: Listeners<StandbyUpdateListener>;
  readonly #assignments: Listeners<(cluster: QueryCluster) => void>;
  readonly #restores: Restores;
  readonly #faults = new Map<'kafka' | 'schemaRegistry', string>([['kafka', 'not reached yet']]);
  #state: StreamsState = 'CREATED';
  #topics: PreparedTopics | undefined;
  #supervisor: ThreadSupervisor | undefined;
  #running: Promise<void> | undefined;
  #error: Error | undefined;

  constructor(topology: Topology, config: StreamsConfig) {
    this.#topology = topology;
    this.#config = resolveConfig(config);
    const { onUncaughtError, logger } = this.#config;
    this.#policy = new ErrorPolicy(onUncaughtError, logger);
    this.#listeners = new Listeners(logger);
    this.#standbyUpdates = new Listeners(logger);
    this.#assignments = new Listeners(logger);
    this.#restores = new Restores(this.#config);
    this.#kafka = portOf(this.#config);
    const router = new QueryRouter({
      applicationServer: this.#config.applicationServer,
      transport: this.#config.queryTransport,
      cluster: () => this.#cluster(),
      answerHere: (request) => this.answerQuery(request),
    });
    this.store = storeOpener(topology, router, partitionFor);
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
    this.#listeners.add(listener);
  }

  /** Told how stores are brought up to date when tasks are taken over. */
  onRestore(listener: StateRestoreListener): void {
    this.#restores.listen(listener);
  }

  /** Told who has which task, at each rebalance. */
  onAssignment(listener: (cluster: QueryCluster) => void): void {
    this.#assignments.add(listener);
  }

  /** Told how replicas follow their changelogs. */
  onStandbyUpdate(listener: StandbyUpdateListener): void {
    this.#standbyUpdates.add(listener);
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
    this.#supervisor?.stop();
    await this.#running;
    await this.#kafka.close();
    if (mayMove(this.#state, 'NOT_RUNNING')) this.#setState('NOT_RUNNING');
  }

  /** For `/actuator/health`: what is wrong, and what is to be done about it. */
  health(): Record<string, ComponentHealth> {
    const fault = (component: 'kafka' | 'schemaRegistry'): ComponentHealth => {
      const reason = this.#faults.get(component);
      return reason === undefined ? { status: 'UP' } : { status: 'DOWN', details: { reason } };
    };
    const thread = this.#supervisor?.thread;
    const faults = thread?.faults ?? [];
    const failures = thread?.failures ?? [];
    const restoring = this.#restores.status;
    const details = {
      state: this.#state,
      tasks: this.tasks().map((task) => task.task),
      standbys: this.standbys(),
      ...(restoring.length > 0 && { restoring }),
      ...(failures.length > 0 && { failures }),
      ...(faults.length > 0 && { unreadable: faults }),
      ...(this.#error && { reason: this.#error.message }),
    };
    const isUp = this.#state === 'RUNNING' && faults.length === 0;
    const streams: ComponentHealth = { status: isUp ? 'UP' : 'DOWN', details };
    return { streams, kafka: fault('kafka'), schemaRegistry: fault('schemaRegistry') };
  }

  /** Replicas kept here of tasks that run elsewhere. */
  standbys(): StandbyStatus[] {
    const standbys = this.#supervisor?.thread?.standbys ?? [];
    return standbys.map(({ id, lag, updated }) => ({ task: id, lag, updated }));
  }

  /** The tasks that run here. */
  tasks(): TaskStatus[] {
    return this.#supervisor?.thread?.taskStatus ?? [];
  }

  /** All there is to know; for metrics. Asks the disk for the size of the state. */
  async status(): Promise<StreamsStatus> {
    const thread = this.#supervisor?.thread;
    const sizes = new Map<TaskId, number>();
    for (const active of thread?.tasks ?? []) sizes.set(active.id, await active.stateBytes());
    const tasks = this.tasks().map((task) => {
      const stateBytes = sizes.get(task.task);
      return stateBytes === undefined ? task : { ...task, stateBytes };
    });
    const { polls, records, ms } = thread?.polls ?? { polls: 0, records: 0, ms: 0 };
    const name = `StreamThread-${this.#config.thread?.thread ?? 1}`;
    const own = { thread: name, polls, pollRecords: records, pollMs: ms };
    return {
      state: this.#state,
      threads: thread ? [own] : [],
      failedThreads: this.#supervisor?.failedThreads ?? 0,
      uncaughtErrors: new Map(this.#policy.counts),
      tasks,
      standbys: this.standbys(),
      restoring: this.#restores.status,
      failures: [...(thread?.failures ?? [])],
      faults: thread?.faults ?? [],
    };
  }

  /**
   * Answers for another instance, or thread: from the tasks here, and only from those. For `httpQueryHandler`, and for what
   * a `queryTransport` of one's own leads to.
   */
  answerQuery(request: QueryRequest): Promise<TaskAnswer> {
    const { task } = request;
    const away = { status: 'not-available', task, reason: 'the application does not run' } as const;
    return new Promise((resolve) => {
      resolve(this.#supervisor?.thread?.answerQuery(request) ?? away);
    });
  }

  /** @throws {StoreNotAvailable} */
  #cluster(): QueryCluster {
    const thread = this.#supervisor?.thread;
    if (!thread || !this.#topics || !QUERYABLE.has(this.#state))
      throw new StoreNotAvailable(
        `no store can be asked: the application is ${this.#state} and has no tasks; start it, or wait until it is RUNNING`,
      );
    const { hosts, isPartial } = thread.assignment;
    return { taskCounts: this.#topics.tasks, hosts, isPartial };
  }

  async #run(): Promise<void> {
    const { applicationId, stateDir, thread } = this.#config;
    const instance = await this.#config.openInstance(stateDir, applicationId, thread?.thread);
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
    const supervisor = new ThreadSupervisor({
      topology: this.#topology,
      config: this.#config,
      kafka,
      topics,
      instance,
      localTasks: await instance.localTasks(),
      policy: this.#policy,
      restores: this.#restores,
      standbyUpdates: this.#standbyUpdates,
      onState: (state) => this.#setState(state),
      onAssigned: ({ hosts, isPartial }) => {
        const cluster = { taskCounts: topics.tasks, hosts, isPartial };
        this.#assignments.tell((listener) => listener(cluster));
      },
      onContact: (component, fault) => this.#contact(component, fault),
    });
    this.#topics = topics;
    this.#supervisor = supervisor;
    // Told to stop meanwhile.
    if (isAborted(signal)) return;
    await supervisor.run();
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
    this.#listeners.tell((listener) => listener(state, former));
  }
}

/** It may be by now, whatever it was before. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}

function portOf(config: ResolvedConfig): Kafka {
  const { kafka, applicationId, transactionTimeoutMs, sessionTimeoutMs } = config;
  if ('fetch' in kafka) return kafka;
  const { requestTimeout = Infinity } = kafka;
  // After as long without an answer the transaction is aborted anyway, and the session over.
  const patienceMs = Math.min(requestTimeout, transactionTimeoutMs, sessionTimeoutMs);
  return new KafkaJsKafka({ clientId: applicationId, ...kafka, requestTimeout: patienceMs });
}

import { randomUUID } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import { StoreNotAvailable, StreamsException, messageOf } from '../../errors.ts';
import type { Topology } from '../../graph/topology.ts';
import { httpQueryTransport } from '../../query/http-queries.ts';
import { storeOpener, type OpenStore } from '../../query/queried-store.ts';
import { QueryRouter, type QueryCluster } from '../../query/query-router.ts';
import type { QueryRequest, QueryTransport, TaskAnswer } from '../../query/store-query.ts';
import { partitionFor } from '../kafka/partitioner.ts';
import type { ComponentHealth, KafkaStreams, StateListener } from '../kafka-streams.ts';
import { Listeners } from '../listeners.ts';
import { silentLogger, type Logger } from '../logger.ts';
import type { ThreadIdentity } from '../settings.ts';
import { mayMove, type StreamsState } from '../state.ts';
import type { StreamsStatus } from '../status.ts';
import { mergedHealth, mergedState, mergedStatus } from './merged.ts';
import type { Answers, FromWorker, ToWorker, WorkerStart } from './messages.ts';
import { spreadTasks } from './spread-tasks.ts';

const ANSWER_MS = 5000;
const YOUNG_GENERATION_MB = 16;
const notReached = { status: 'DOWN', details: { reason: 'not reached yet' } } as const;
/** Before there are threads. */
const NOT_REACHED: Readonly<Record<string, ComponentHealth>> = {
  streams: { status: 'DOWN' },
  kafka: notReached,
  schemaRegistry: notReached,
};

/**
 * Makes the application of one thread: the default export of the module that `ThreadedStreams` is given. It does not start it.
 * @param data   what `ThreadedStreams` was given, copied
 * @param thread goes into the application's configuration; `signal` is aborted when it is not wanted any more
 */
export type CreateStreams<D = unknown> = (
  data: D,
  thread: { readonly identity: ThreadIdentity; readonly signal: AbortSignal },
) => KafkaStreams | Promise<KafkaStreams>;

export interface ThreadedStreamsOptions {
  /** What the threads run; here it only says how stores are to be asked. */
  readonly topology: Topology;
  readonly applicationId: string;
  /** As of `StreamsConfig`; each thread has a folder of its own in it. */
  readonly stateDir: string;
  /** How many stream threads, 1 or more (Kafka Streams' `num.stream.threads`). */
  readonly threads: number;
  /** The module whose default export is a `CreateStreams`. */
  readonly entry: URL;
  /** For it; must survive a structured clone. */
  readonly data: unknown;
  /** How large a thread's heap of long-lived objects may get, MB; a thread that needs more ends the application. Default 512. */
  readonly heapMb?: number;
  /** As of `StreamsConfig`, and the same as the threads have. */
  readonly applicationServer?: string | undefined;
  readonly queryTransport?: QueryTransport;
  readonly logger?: Logger;
}

interface Thread {
  readonly worker: Worker;
  readonly ended: Promise<void>;
  state: StreamsState;
}

/**
 * A topology on several cores: each stream thread is a worker with a `KafkaStreams` of its own, a member of the group like any
 * other instance. Functions do not cross threads, so each makes the topology itself, from a module.
 *
 * @example
 * // shipping-thread.ts
 * export default (settings, { identity }) => new KafkaStreams(shipping(settings), { ...config(settings), thread: identity });
 * // main.ts
 * const entry = new URL('./shipping-thread.ts', import.meta.url);
 * const app = new ThreadedStreams({ topology, applicationId: 'shipping', stateDir, threads: 2, entry, data: settings });
 * app.start();
 */
export class ThreadedStreams {
  /** Opens a store, as `KafkaStreams.store`: whichever thread or instance has a key answers. */
  readonly store: OpenStore;
  readonly #options: ThreadedStreamsOptions;
  readonly #logger: Logger;
  readonly #listeners: Listeners<StateListener>;
  readonly #questions = new Map<number, PromiseWithResolvers<never>>();
  #cluster: QueryCluster | undefined;
  #threads: readonly Thread[] = [];
  #state: StreamsState = 'CREATED';
  #error: Error | undefined;
  #starting: Promise<void> | undefined;
  #isClosing = false;
  #isPrepared = false;
  #asked = 0;

  constructor(options: ThreadedStreamsOptions) {
    if (!Number.isInteger(options.threads) || options.threads < 1)
      throw new StreamsException(`${options.threads} threads are none: give 1 or more`);
    this.#options = options;
    this.#logger = options.logger ?? silentLogger;
    this.#listeners = new Listeners(this.#logger);
    const router = new QueryRouter({
      applicationServer: options.applicationServer,
      transport: options.queryTransport ?? httpQueryTransport(),
      cluster: () => this.#clusterOrThrow(),
      answerHere: (request) => this.answerQuery(request),
    });
    this.store = storeOpener(options.topology, router, partitionFor);
  }

  /** `RUNNING` when all threads are, `ERROR` when one has failed for good: then the others have been closed. */
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

  /**
   * Starts the threads in the background.
   * @param prepared when their work may begin, e.g. with topics and schemas there; they load their modules meanwhile. Where it
   *   is rejected, the application is in `ERROR`
   * @throws {StreamsException} when it was started before
   */
  start(prepared: Promise<void> = Promise.resolve()): void {
    if (this.#starting)
      throw new StreamsException('the application was started before; make a new one');
    this.#starting = this.#start(prepared).catch((error: unknown) => this.#fail(error));
  }

  /** Each thread commits what it has processed and leaves the group. Safe to call twice, and in any state. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.#setState('PENDING_SHUTDOWN');
    await this.#starting;
    await this.#closeThreads();
    this.#setState('NOT_RUNNING');
  }

  /** For `/actuator/health`: as `KafkaStreams`, of all threads. @throws when a thread does not answer */
  async health(): Promise<Record<string, ComponentHealth>> {
    const threads = await this.#askAll('health');
    if (threads.length === 0) threads.push(NOT_REACHED);
    const merged = mergedHealth(this.#state, threads);
    if (!this.#error) return merged;
    const details = { ...merged['streams']!.details, reason: this.#error.message };
    return { ...merged, streams: { status: 'DOWN', details } };
  }

  /** All there is to know; for metrics. @throws when a thread does not answer */
  async status(): Promise<StreamsStatus> {
    return mergedStatus(this.#state, await this.#askAll('status'));
  }

  /**
   * As `KafkaStreams.answerQuery`, from whichever thread here has the task. All are asked at once: one that is slow, or that
   * fails to answer, costs its own tasks only.
   */
  async answerQuery(request: QueryRequest): Promise<TaskAnswer> {
    const refuse = (reason: string) =>
      ({ status: 'not-available', task: request.task, reason }) as const;
    if (!this.#cluster || !this.#isUp) return refuse('the application does not run');
    const answers = this.#threads.map(({ worker }) =>
      this.#ask(worker, 'query', request).catch((error: unknown) => refuse(messageOf(error))),
    );
    const owned = answers.map(async (asked) => {
      const answer = await asked;
      if (answer.status === 'answered' && answer.isActive) return answer;
      throw new Error('it is not the owner');
    });
    const owner = await Promise.any(owned).catch(() => undefined);
    if (owner) return owner;
    const reasons = new Set<string>();
    for (const answer of await Promise.all(answers)) {
      if (answer.status === 'answered') return answer;
      reasons.add(answer.reason);
    }
    return refuse([...reasons].join('; '));
  }

  async #start(prepared: Promise<void>): Promise<void> {
    // Whatever comes of it is seen below, also when it comes before.
    prepared.catch(() => undefined);
    const { applicationId, stateDir, threads } = this.#options;
    await spreadTasks(stateDir, applicationId, threads);
    if (this.#isClosing) return;
    const processId = randomUUID();
    this.#threads = Array.from({ length: threads }, (_, i) =>
      this.#startThread({ thread: i + 1, processId }),
    );
    await prepared;
    this.#isPrepared = true;
    for (const { worker } of this.#threads)
      worker.postMessage({ type: 'start' } satisfies ToWorker);
  }

  #startThread(identity: ThreadIdentity): Thread {
    const { entry, data, heapMb = 512 } = this.#options;
    const workerData: WorkerStart = { entry: entry.href, data, identity };
    const worker = new Worker(new URL('./worker.ts', import.meta.url), {
      workerData,
      name: `StreamThread-${identity.thread}`,
      resourceLimits: {
        maxOldGenerationSizeMb: heapMb,
        maxYoungGenerationSizeMb: YOUNG_GENERATION_MB,
      },
    });
    const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
    const thread: Thread = { worker, ended, state: 'CREATED' };
    worker.on('message', (message: FromWorker) => this.#hear(thread, message));
    worker.on('error', (error) => {
      thread.state = 'ERROR';
      this.#fail(
        new StreamsException(`stream thread ${identity.thread} ended: ${messageOf(error)}`, {
          cause: error,
        }),
      );
    });
    void ended.then(() => this.#hearEnd(thread, identity));
    return thread;
  }

  #hear(thread: Thread, message: FromWorker): void {
    if (message.type === 'state') {
      thread.state = message.state;
      if (message.state === 'ERROR') this.#fail(message.error);
      else this.#setState(mergedState(this.#threads.map(({ state }) => state)));
      return;
    }
    if (message.type === 'assignment') {
      this.#cluster = message.cluster;
      return;
    }
    const question = this.#questions.get(message.id);
    this.#questions.delete(message.id);
    if (message.type === 'answer') question?.resolve(message.answer as never);
    else question?.reject(message.error);
  }

  #hearEnd(thread: Thread, { thread: number }: ThreadIdentity): void {
    if (this.#isClosing || thread.state === 'ERROR') return;
    thread.state = 'ERROR';
    this.#fail(new StreamsException(`stream thread ${number} ended by itself`));
  }

  /** A thread can't go on: none does, so that the instance is replaced as a whole. */
  #fail(error: unknown): void {
    if (this.#error || this.#isClosing) return;
    this.#error = error instanceof Error ? error : new StreamsException(messageOf(error));
    this.#logger.error({ error: this.#error }, `the application stops: ${this.#error.message}`);
    this.#setState('PENDING_ERROR');
    void this.#closeThreads().then(() => this.#setState('ERROR'));
  }

  async #closeThreads(): Promise<void> {
    for (const { worker } of this.#threads)
      worker.postMessage({ type: 'close' } satisfies ToWorker);
    await Promise.all(this.#threads.map(({ ended }) => ended));
    for (const { reject } of this.#questions.values())
      reject(new StreamsException('the stream threads have ended'));
    this.#questions.clear();
  }

  get #isUp(): boolean {
    return this.#state === 'RUNNING' || this.#state === 'REBALANCING';
  }

  #clusterOrThrow(): QueryCluster {
    if (this.#cluster && this.#isUp) return this.#cluster;
    throw new StoreNotAvailable(
      `no store can be asked: the application is ${this.#state} and has no tasks; start it, or wait until it is RUNNING`,
    );
  }

  #askAll<W extends 'health' | 'status'>(what: W): Promise<Answers[W][]> {
    const threads = this.#isPrepared ? this.#threads : [];
    return Promise.all(threads.map(({ worker }) => this.#ask(worker, what)));
  }

  async #ask<W extends keyof Answers>(
    worker: Worker,
    what: W,
    request?: QueryRequest,
  ): Promise<Answers[W]> {
    const id = this.#asked++;
    const question = Promise.withResolvers<never>();
    this.#questions.set(id, question);
    worker.postMessage({ type: 'ask', id, what, request } satisfies ToWorker);
    const late = setTimeout(() => {
      const seconds = ANSWER_MS / 1000;
      question.reject(new StreamsException(`a stream thread has not answered for ${seconds} s`));
    }, ANSWER_MS);
    try {
      return await question.promise;
    } finally {
      clearTimeout(late);
      this.#questions.delete(id);
    }
  }

  #setState(state: StreamsState): void {
    const former = this.#state;
    if (state === former || !mayMove(former, state)) return;
    this.#state = state;
    this.#logger.info({ from: former, to: state }, 'state of all threads changed');
    this.#listeners.tell((listener) => listener(state, former));
  }
}

import { StreamsException, TaskCorrupted, messageOf } from '../errors.ts';
import type { LoadingSerde, Serde } from '../serde/serde.ts';
import type { RawRecord } from '../task/input-record.ts';
import type { ActiveTask } from './active-task.ts';
import type { TaskId } from './assignor.ts';
import type { PartitionFault } from './fetch-faults.ts';
import { Fetcher, type FetchCounts, type FetchSubscription } from './fetcher.ts';
import type { FetchedPartition, Kafka, KafkaError } from './kafka/kafka.ts';
import type { ResolvedConfig } from './settings.ts';

const LOAD_PAUSE_MS = 500;

export interface TaskFeederOptions {
  readonly config: ResolvedConfig;
  readonly kafka: Kafka;
  readonly onContact: (component: 'kafka' | 'schemaRegistry', fault: string | undefined) => void;
  /** A task has got something. */
  readonly onFed: () => void;
  readonly onError: (task: ActiveTask, error: Error) => void;
}

/** Brings fetched records to the tasks, once everything is loaded that decoding them needs. */
export class TaskFeeder {
  readonly #options: TaskFeederOptions;
  readonly #fetcher: Fetcher;
  readonly #subscriptions = new Map<TaskId, { task: ActiveTask; inputs: FetchSubscription[] }>();
  readonly #stop = new AbortController();

  constructor(options: TaskFeederOptions) {
    this.#options = options;
    const { kafka, config, onContact } = options;
    this.#fetcher = new Fetcher({
      kafka,
      clock: config.clock,
      logger: config.logger,
      maxWaitMs: config.fetchMaxWaitMs,
      onError: (subscription, error) => this.#fail(subscription, error),
      onContact: (error) => onContact('kafka', error?.message),
    });
  }

  add(task: ActiveTask): void {
    const inputs = this.#inputsOf(task);
    this.#subscriptions.set(task.id, { task, inputs });
    this.#fetcher.add(inputs);
  }

  remove(id: TaskId): void {
    this.#fetcher.remove(this.#subscriptions.get(id)?.inputs ?? []);
    this.#subscriptions.delete(id);
  }

  /** The end (last stable offset) of each input of a task, as far as it is known. */
  endsOf(id: TaskId): ReadonlyMap<string, number> {
    const inputs = this.#subscriptions.get(id)?.inputs ?? [];
    return new Map(inputs.flatMap(({ topic, end }) => (end === undefined ? [] : [[topic, end]])));
  }

  get counts(): FetchCounts {
    return this.#fetcher.counts;
  }

  /** Partitions that can't be read. */
  get faults(): PartitionFault[] {
    return this.#fetcher.faults;
  }

  /** Loads nothing more; what can't be decoded is left. */
  abort(): void {
    this.#stop.abort();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#fetcher.stop();
  }

  #inputsOf(active: ActiveTask): FetchSubscription[] {
    const { config } = this.#options;
    return active.task.fetchPositions.map(({ topic, partition, offset }) => {
      const serde = active.task.serdeOf(topic);
      const hasRoom = () => {
        const position = active.task.fetchPositions.find((p) => p.topic === topic);
        return (position?.buffered ?? 0) < config.bufferedRecords;
      };
      const deliver = (fetched: FetchedPartition, at: number) =>
        this.#deliver(active, serde, fetched, at);
      return { topic, partition, offset, hasRoom, deliver };
    });
  }

  #deliver(
    active: ActiveTask,
    serde: Serde<unknown> | LoadingSerde<unknown>,
    fetched: FetchedPartition,
    at: number,
  ): Promise<void> | undefined {
    const loading = 'load' in serde ? pendingLoads(serde, fetched.records) : [];
    if (loading.length === 0) {
      this.#feed(active, fetched, at);
      return undefined;
    }
    return this.#load(loading, serde as LoadingSerde<unknown>, fetched.records).then((isLoaded) => {
      if (isLoaded) this.#feed(active, fetched, at);
      // What follows must not be taken: it would be committed as if these records had been processed.
      else this.remove(active.id);
    });
  }

  #feed(active: ActiveTask, fetched: FetchedPartition, at: number): void {
    // Meanwhile the task may have been given up or started anew.
    if (this.#subscriptions.get(active.id)?.task !== active) return;
    try {
      const endedAt = fetched.nextOffset >= fetched.lastStableOffset ? at : undefined;
      active.task.addRecords(fetched.topic, fetched.records, fetched.nextOffset, endedAt);
      this.#options.onFed();
    } catch (error) {
      this.#options.onError(active, error as Error);
    }
  }

  /**
   * Loads what decoding these records needs, however long the registry is away.
   * @param loading the first attempt, under way
   * @returns false when told to stop before that
   */
  async #load(
    loading: readonly Promise<void>[],
    serde: LoadingSerde<unknown>,
    records: readonly RawRecord[],
  ): Promise<boolean> {
    const { config, onContact } = this.#options;
    let told = false;
    for (;;) {
      try {
        await Promise.all(loading);
        onContact('schemaRegistry', undefined);
        return true;
      } catch (error) {
        const reason = messageOf(error);
        onContact('schemaRegistry', reason);
        if (!told) config.logger.warn({ error: reason }, 'schemas can not be loaded, trying again');
        told = true;
        await config.clock.sleep(LOAD_PAUSE_MS, this.#stop.signal);
      }
      if (this.#stop.signal.aborted) return false;
      loading = pendingLoads(serde, records);
    }
  }

  #fail(subscription: FetchSubscription, error: KafkaError): void {
    for (const { task, inputs } of this.#subscriptions.values()) {
      if (inputs.includes(subscription)) this.#options.onError(task, fetchFailure(error));
    }
  }
}

function pendingLoads(
  serde: LoadingSerde<unknown>,
  records: readonly RawRecord[],
): Promise<void>[] {
  const pending = new Set<Promise<void>>();
  for (const { value } of records) {
    const loading = value === null ? undefined : serde.load(value);
    if (loading) pending.add(loading);
  }
  return [...pending];
}

function fetchFailure(error: KafkaError): Error {
  if (error.type === 'OFFSET_OUT_OF_RANGE') {
    return new TaskCorrupted(error.message, { cause: error });
  }
  return new StreamsException(error.message, { cause: error });
}

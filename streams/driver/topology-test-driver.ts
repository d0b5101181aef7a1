import { StreamsException } from '../errors.ts';
import { deadLetterTopic, topicName, type Topology } from '../graph/topology.ts';
import { NO_HEADERS, type Headers } from '../processor/record.ts';
import type { AnyTopic, Serde, TopicBase } from '../serde/serde.ts';
import { META_COLUMN, type StateBackend } from '../state/backend.ts';
import { MemoryBackend } from '../state/memory-backend.ts';
import { RocksDbBackend } from '../state/rocksdb-backend.ts';
import type { OutputRecord } from '../task/commit.ts';
import type { FailurePolicies } from '../task/failure-handler.ts';
import type { RawRecord } from '../task/input-record.ts';
import { sumOfCounts, type TaskCounts } from '../task/task-metrics.ts';
import { stateColumns } from '../task/task-state.ts';
import { Task } from '../task/task.ts';
import { MemoryLog } from './memory-log.ts';

export interface DriverOptions extends FailurePolicies {
  /** Names the internal topics. Default: the topology's name. */
  readonly applicationId?: string;
  /** Default 5000. */
  readonly allowedLatenessMs?: number;
  /** Folder for RocksDB; default: in memory. */
  readonly stateDir?: string;
  /** The wall clock (epoch ms): event times beyond it do not move the watermark. Default: no limit. */
  readonly wallClock?: number;
  /** Whether `pipe` commits each record; default true. Else `commit()` does. */
  readonly autoCommit?: boolean;
  /** A topic's serde on the wire; default: the topic's own. */
  readonly serde?: <V>(topic: TopicBase<V, unknown>) => Serde<V>;
}

/** A record as read back from a topic of the driver. */
export interface DriverRecord<V, K = string> {
  readonly key: K;
  readonly value: V;
  readonly headers: Headers;
}

/** What a piped record has besides its value. */
export interface PipeOptions<K = string> {
  /** Default: the value's own. */
  readonly key?: K;
  readonly headers?: Headers;
  /** The record's own timestamp, which counts where the value doesn't say its event time. Default: the latest one so far. */
  readonly timestamp?: number;
}

export interface CrashOptions {
  /** Default `kept`. `lost`: as on a new machine, all state comes back from the changelogs. */
  readonly disk?: 'kept' | 'lost';
  /** Default false. True: the transaction of a commit is through, and local state does not have it yet. */
  readonly duringCommit?: boolean;
}

// More than any test pipes between two commits.
const NO_LIMIT = Number.MAX_SAFE_INTEGER;

/**
 * Runs a topology without a broker: the production tasks over one partition of each input, in the caller's time. What one
 * sub-topology writes to a repartition topic, the next one reads with the commit.
 *
 * Each record is processed as it is piped; no input counts as caught up, so the watermark follows event times only, until
 * `advanceWatermarkTo`. What is committed survives a `crash()`, nothing else does.
 *
 * @example
 * const driver = new TopologyTestDriver(topology);
 * driver.pipe(orders, { orderNo: 'ORD-1', updatedAt: 1000, … });
 * driver.crash();
 * driver.advanceWatermarkTo(60_000);
 * driver.read(shipments); // [{ key: 'ORD-1', value: … }]
 */
export class TopologyTestDriver {
  readonly #topology: Topology;
  readonly #options: DriverOptions;
  readonly #backend: StateBackend;
  readonly #log = new MemoryLog();
  readonly #readPositions = new Map<string, number>();
  #wallClock: number;
  #latest = 0;
  #tasks: readonly Task[];

  /** A driver in memory; for RocksDB, which opens asynchronously, use `TopologyTestDriver.open`. */
  constructor(topology: Topology, options: DriverOptions = {}, backend?: StateBackend) {
    this.#topology = topology;
    this.#options = options;
    this.#backend = backend ?? new MemoryBackend();
    this.#wallClock = options.wallClock ?? Infinity;
    this.#tasks = this.#newTasks();
  }

  /** @throws {StreamsException} when the state folder can't be opened */
  static async open(topology: Topology, options: DriverOptions = {}): Promise<TopologyTestDriver> {
    const { stateDir } = options;
    const backend =
      stateDir === undefined
        ? new MemoryBackend()
        : await RocksDbBackend.open(stateDir, stateColumns(topology));
    return new TopologyTestDriver(topology, options, backend);
  }

  /** Event time up to which the inputs are taken to be complete, in all sub-topologies. */
  get watermark(): number {
    return Math.min(...this.#tasks.map((task) => task.watermark.value));
  }

  /** What the tasks have counted since they were made, or since the last crash. */
  get metrics(): TaskCounts {
    return sumOfCounts(this.#tasks.map((task) => task.metrics));
  }

  /** Appends a record to an input and processes it. A null value deletes the key, in a table's topic. */
  pipe<V, K = string>(
    topic: TopicBase<V, K>,
    value: V | null,
    options: PipeOptions<NoInfer<K>> = {},
  ): void {
    const { headers, timestamp } = options;
    const key = options.key ?? (value === null ? undefined : topic.keyOf?.(value));
    if (key === undefined)
      throw new StreamsException(
        `a value of '${topic.name}' doesn't say its key; pass it, as { key }`,
      );
    const bytes = topic.key ? topic.key.encode(key) : Buffer.from(key as string);
    const encoded = value === null ? null : this.#serde(topic).encode(value);
    this.pipeBytes(topic.name, bytes, encoded, headers, timestamp);
  }

  /** Appends bytes to an input as they are, e.g. unreadable ones. */
  pipeBytes(
    topic: string,
    key: Buffer | null,
    value: Buffer | null,
    headers = NO_HEADERS,
    timestamp = this.#latest,
  ): void {
    if (!this.#tasks.some((task) => task.fetchPositions.some((p) => p.topic === topic)))
      throw new StreamsException(`topology '${this.#topology.name}' does not read '${topic}'`);
    this.#latest = Math.max(this.#latest, timestamp);
    this.#log.append({ topic, key, value, headers }, timestamp);
    this.#feed();
    this.#process();
  }

  /** Lets every input be complete up to `instant` (epoch ms, or `Infinity`), and runs what is due. */
  advanceWatermarkTo(instant: number): void {
    const complete = instant + (this.#options.allowedLatenessMs ?? 5000);
    this.#wallClock = Math.max(this.#wallClock, complete);
    // In their order: what one task writes, the ones behind it read before their inputs are taken to be complete.
    for (const task of this.#tasks) {
      this.#feed();
      this.#run();
      for (const { topic, offset } of task.fetchPositions) {
        task.addRecords(topic, [], offset, complete);
      }
      this.#process();
    }
  }

  /** Lets the wall clock go on, and runs the punctuations that are due. */
  advanceWallClockTo(instant: number): void {
    this.#wallClock = instant;
    this.#process();
  }

  /** Commits what was processed, and lets the sub-topologies behind process it; needed only without `autoCommit`. */
  commit(): void {
    for (let more = true; more;) {
      for (const task of this.#tasks) {
        const commit = task.prepareCommit();
        if (commit) task.postCommit(this.#log.commit(commit));
      }
      more = this.#feed();
      if (more) this.#run();
    }
  }

  /**
   * Deletes from the topics what is committed and was read: a long replay keeps its memory. From then on a `crash` can't have
   * lost the disk: the changelogs are gone, too.
   */
  forget(): void {
    this.commit();
    for (const task of this.#tasks) {
      for (const { topic, offset } of task.fetchPositions) this.#log.cut(topic, offset);
      for (const { topic } of task.state.changelogs) this.#log.cut(topic, this.#log.end(topic));
    }
    for (const [topic, position] of this.#readPositions) this.#log.cut(topic, position);
  }

  /** Loses everything that is not committed, and goes on from what is, as a new process would. */
  crash({ disk = 'kept', duringCommit = false }: CrashOptions = {}): void {
    for (const task of duringCommit ? this.#tasks : []) {
      const commit = task.prepareCommit();
      if (commit) this.#log.commit(commit);
    }
    if (disk === 'lost') {
      for (const column of [META_COLUMN, ...stateColumns(this.#topology)]) {
        this.#backend.clear(column);
      }
    }
    this.#tasks = this.#newTasks();
    this.#feed();
    this.#process();
  }

  /** What was committed to an output since the last `read` of it. */
  read<V, K = string>(topic: TopicBase<V, K>): DriverRecord<V, K>[] {
    const serde = this.#serde(topic);
    return this.#unread(topic.name).map(({ key, value, headers }) => ({
      key: topic.key ? topic.key.decode(key!) : (key!.toString() as K),
      // A deletion reads as null, in a topic whose values have it.
      value: value === null ? (null as V) : serde.decode(value),
      headers,
    }));
  }

  /** What a store holds, uncommitted changes included, in the order of the keys' bytes. */
  storeEntries(store: string): [key: unknown, state: unknown][] {
    for (const { state } of this.#tasks) {
      const found = state.hasStore(store) ? state.store(store) : undefined;
      if (found) return [...found.range()];
    }
    throw new StreamsException(`the topology has no store '${store}'`);
  }

  /** The dead letters since the last call, as written. */
  readDeadLetters(): OutputRecord[] {
    const topic = deadLetterTopic(this.#applicationId);
    return this.#unread(topic).map((record) => ({ topic, ...record }));
  }

  async close(): Promise<void> {
    await this.#backend.close();
  }

  get #applicationId(): string {
    return this.#options.applicationId ?? this.#topology.name;
  }

  #process(): void {
    this.#run();
    if (this.#options.autoCommit ?? true) this.commit();
  }

  #run(): void {
    for (const task of this.#tasks) task.process(NO_LIMIT, this.#wallClock);
  }

  /** Hands the tasks what is in their topics and they have not got yet; returns whether there was any. */
  #feed(): boolean {
    let any = false;
    for (const task of this.#tasks) {
      for (const { topic, offset } of task.fetchPositions) {
        const records = this.#log.records(topic, offset);
        if (records.length === 0) continue;
        any = true;
        task.addRecords(topic, records, offset + records.length, undefined);
      }
    }
    return any;
  }

  #unread(topic: string): RawRecord[] {
    const from = this.#readPositions.get(topic) ?? 0;
    const records = this.#log.records(topic, from);
    this.#readPositions.set(topic, from + records.length);
    return records;
  }

  #serde<V>(topic: { readonly value: Serde<V> }): Serde<V> {
    return this.#options.serde?.(topic as TopicBase<V, unknown>) ?? topic.value;
  }

  #newTasks(): Task[] {
    return this.#topology.subTopologies.map((topology) => {
      const task = new Task({
        ...this.#options,
        topology,
        applicationId: this.#applicationId,
        partition: 0,
        backend: this.#backend,
        serde: (topic: AnyTopic) => this.#serde(topic),
        allowedLatenessMs: this.#options.allowedLatenessMs ?? 5000,
        cacheSize: 20_000,
        waitForInputs: false,
      });
      for (const { topic: changelog } of task.state.changelogs) {
        const records = this.#log.records(changelog, task.state.checkpoint(changelog) ?? 0);
        const changes = records.map(({ key, value }) => ({ key: key!, value }));
        task.state.restore(changelog, changes, this.#log.end(changelog));
      }
      const names = topology.sources.map((source) => topicName(this.#applicationId, source));
      task.start(names.map((name) => this.#log.committed(name)));
      return task;
    });
  }
}

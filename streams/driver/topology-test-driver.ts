import type { Topology } from '../graph/topology.ts';
import { deadLetterTopic } from '../graph/topology.ts';
import { NO_HEADERS, type Headers } from '../processor/record.ts';
import type { Serde, Topic } from '../serde/serde.ts';
import { META_COLUMN, type StateBackend } from '../state/backend.ts';
import { MemoryBackend } from '../state/memory-backend.ts';
import { RocksDbBackend } from '../state/rocksdb-backend.ts';
import type { OutputRecord } from '../task/commit.ts';
import type { RawRecord } from '../task/input-record.ts';
import type { TaskMetrics } from '../task/task-metrics.ts';
import { stateColumns } from '../task/task-state.ts';
import { Task } from '../task/task.ts';
import { MemoryLog } from './memory-log.ts';

export interface DriverOptions {
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
  readonly serde?: <V>(topic: Topic<V>) => Serde<V>;
}

/** A record as read back from a topic of the driver. */
export interface DriverRecord<V> {
  readonly key: string;
  readonly value: V;
  readonly headers: Headers;
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
 * Runs a topology without a broker: the production task over one partition of each input, in the caller's time.
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
  #task: Task;

  /** A driver in memory; for RocksDB, which opens asynchronously, use `TopologyTestDriver.open`. */
  constructor(topology: Topology, options: DriverOptions = {}, backend?: StateBackend) {
    this.#topology = topology;
    this.#options = options;
    this.#backend = backend ?? new MemoryBackend();
    this.#wallClock = options.wallClock ?? Infinity;
    this.#task = this.#newTask();
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

  /** Event time up to which the inputs are taken to be complete. */
  get watermark(): number {
    return this.#task.watermark.value;
  }

  /** What the task has counted since it was made, or since the last crash. */
  get metrics(): TaskMetrics {
    return this.#task.metrics;
  }

  /** Appends a record to an input and processes it. The key is the value's own unless given. */
  pipe<V>(topic: Topic<V>, value: V, options: { key?: string; headers?: Headers } = {}): void {
    const { key = topic.keyOf(value), headers = NO_HEADERS } = options;
    this.pipeBytes(topic.name, Buffer.from(key), this.#serde(topic).encode(value), headers);
  }

  /** Appends bytes to an input as they are, e.g. unreadable ones. */
  pipeBytes(topic: string, key: Buffer | null, value: Buffer | null, headers = NO_HEADERS): void {
    const offset = this.#log.append({ topic, key, value, headers });
    const record: RawRecord = { offset, timestamp: 0, key, value, headers };
    this.#task.addRecords(topic, [record], offset + 1, undefined);
    this.#process();
  }

  /** Lets every input be complete up to `instant` (epoch ms, or `Infinity`), and runs what is due. */
  advanceWatermarkTo(instant: number): void {
    const complete = instant + (this.#options.allowedLatenessMs ?? 5000);
    for (const { topic, offset } of this.#task.fetchPositions) {
      this.#task.addRecords(topic, [], offset, complete);
    }
    this.#wallClock = Math.max(this.#wallClock, complete);
    this.#process();
  }

  /** Commits what was processed; needed only without `autoCommit`. */
  commit(): void {
    const commit = this.#task.prepareCommit();
    if (commit) this.#task.postCommit(this.#log.commit(commit));
  }

  /** Loses everything that is not committed, and goes on from what is, as a new process would. */
  crash({ disk = 'kept', duringCommit = false }: CrashOptions = {}): void {
    const commit = duringCommit ? this.#task.prepareCommit() : undefined;
    if (commit) this.#log.commit(commit);
    if (disk === 'lost') {
      for (const column of [META_COLUMN, ...stateColumns(this.#topology)]) {
        this.#backend.clear(column);
      }
    }
    this.#task = this.#newTask();
    for (const { topic, offset } of this.#task.fetchPositions) {
      const records = this.#log.records(topic, offset);
      this.#task.addRecords(topic, records, offset + records.length, undefined);
    }
    this.#process();
  }

  /** What was committed to an output since the last `read` of it. */
  read<V>(topic: Topic<V>): DriverRecord<V>[] {
    const serde = this.#serde(topic);
    return this.#unread(topic.name).map(({ key, value, headers }) => ({
      key: key!.toString(),
      value: serde.decode(value!),
      headers,
    }));
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
    this.#task.process(NO_LIMIT, this.#wallClock);
    if (this.#options.autoCommit ?? true) this.commit();
  }

  #unread(topic: string): RawRecord[] {
    const from = this.#readPositions.get(topic) ?? 0;
    const records = this.#log.records(topic, from);
    this.#readPositions.set(topic, from + records.length);
    return records;
  }

  #serde<V>(topic: Topic<V>): Serde<V> {
    return this.#options.serde?.(topic) ?? topic.value;
  }

  #newTask(): Task {
    const task = new Task({
      topology: this.#topology,
      applicationId: this.#applicationId,
      partition: 0,
      backend: this.#backend,
      serde: (topic) => this.#serde(topic),
      allowedLatenessMs: this.#options.allowedLatenessMs ?? 5000,
      cacheSize: 20_000,
      waitForInputs: false,
    });
    for (const changelog of task.state.changelogTopics) {
      const records = this.#log.records(changelog, task.state.checkpoint(changelog) ?? 0);
      const changes = records.map(({ key, value }) => ({ key: key!, value }));
      task.state.restore(changelog, changes, this.#log.end(changelog));
    }
    task.start(this.#topology.sources.map(({ topic }) => this.#log.committed(topic.name)));
    return task;
  }
}

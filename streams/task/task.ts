import { StreamsException } from '../errors.ts';
import {
  deadLetterTopic,
  topicName,
  type SourceNode,
  type SubTopology,
} from '../graph/topology.ts';
import type { AnyTopic, LoadingSerde, Serde } from '../serde/serde.ts';
import type { StateBackend } from '../state/backend.ts';
import type { Blame } from './blame.ts';
import type { ChangelogEnds, CommittedOffset, OutputRecord, TaskCommit } from './commit.ts';
import { decodeRecord, type SourceKind } from './decode.ts';
import type { FailurePolicies } from './failure-handler.ts';
import type { InputPosition, InputRecord, RawRecord } from './input-record.ts';
import { decodeOffsetMetadata, encodeOffsetMetadata } from './offset-metadata.ts';
import type { Origin } from './outputs.ts';
import { PartitionGroup } from './partition-group.ts';
import { linkGraph, type ProcessorGraph } from './processor-graph.ts';
import type { TimedRunner } from './processor-runner.ts';
import { Punctuation } from './punctuation.ts';
import { NO_REFUSALS, type Refusals } from './refusals.ts';
import { sinkOf } from './sink.ts';
import { TaskMetrics } from './task-metrics.ts';
import { TaskState } from './task-state.ts';
import { UnitOfWork } from './unit-of-work.ts';
import { Watermark } from './watermark.ts';

export interface TaskOptions extends FailurePolicies {
  readonly topology: SubTopology;
  readonly applicationId: string;
  /** The partition number of every source that this task has. */
  readonly partition: number;
  readonly backend: StateBackend;
  /** A topic's serde as its records are on the wire. */
  readonly serde: (topic: AnyTopic) => Serde<unknown>;
  readonly allowedLatenessMs: number;
  /** States kept decoded in memory, per store. */
  readonly cacheSize: number;
  /** Whether to wait for an empty input that has more to fetch before the other inputs' records are processed. */
  readonly waitForInputs: boolean;
  /** What is known of the broker; default: nothing is refused. */
  readonly refusals?: Refusals;
}

/** Where a task starts in one input: the group's committed offset, or where the topic starts. */
export interface StartOffset {
  readonly topic: string;
  readonly offset: number;
  readonly metadata: string | null;
}

interface Input {
  readonly node: SourceNode;
  readonly topic: AnyTopic;
  /** The topic's name at the broker. */
  readonly name: string;
  readonly kind: SourceKind;
  readonly serde: Serde<unknown>;
  /** The next offset to be fetched: everything before it is buffered or processed. */
  fetched: number;
  /** The next offset to be processed. */
  position: number;
  /** Wall clock at which `fetched` was the partition's end; -Infinity when it was not. */
  endedAt: number;
}

/**
 * One partition number of every source of a sub-topology, with its state: the unit of processing, ownership and transactions.
 *
 * Everything here is synchronous; whoever runs it does the I/O in between:
 *
 * T1. `addRecords` buffers, `process` works through buffers and due timers, in memory only.
 * T2. `prepareCommit` hands out what must be written; only when that is, `postCommit` makes it local state. Nothing is
 *     processed in between.
 * T3. Whatever fails on the way: let the task go, and start a new one from what is committed.
 */
export class Task {
  readonly id: string;
  readonly partition: number;
  readonly state: TaskState;
  readonly metrics = new TaskMetrics();
  watermark: Watermark;
  readonly #allowedLatenessMs: number;
  readonly #inputs: readonly Input[];
  readonly #group: PartitionGroup;
  readonly #graph: ProcessorGraph;
  readonly #punctuation: Punctuation;
  readonly #work: UnitOfWork;
  #changed = false;
  #committedWatermark = -Infinity;
  #wallClock = -Infinity;

  constructor(options: TaskOptions) {
    const { topology, partition, applicationId } = options;
    this.id = taskId(topology.id, partition);
    this.partition = partition;
    this.#allowedLatenessMs = options.allowedLatenessMs;
    // What the runtime writes for itself is on the wire as the topology says, whatever else is used there.
    const serdeOf = ({ topic, repartition }: Pick<SourceNode, 'topic' | 'repartition'>) =>
      repartition ? topic.value : options.serde(topic);
    this.#inputs = topology.sources.map((source) => ({
      node: source,
      topic: source.topic,
      name: topicName(applicationId, source),
      kind: sourceKind(source, topicName(applicationId, source)),
      serde: serdeOf(source),
      fetched: 0,
      position: 0,
      endedAt: -Infinity,
    }));
    this.watermark = new Watermark(this.#inputs.length, options.allowedLatenessMs);
    const { backend, cacheSize, refusals = NO_REFUSALS } = options;
    const work = (this.#work = new UnitOfWork({
      task: this.id,
      partition,
      deadLetterTopic: deadLetterTopic(applicationId),
      policies: options,
      metrics: this.metrics,
      refusals,
    }));
    this.state = new TaskState(topology, applicationId, backend, cacheSize, refusals);
    this.#group = new PartitionGroup(
      this.#inputs.map((_, input) => (raw) => this.#decode(input, raw)),
      (input) => options.waitForInputs && this.#inputs[input]!.endedAt === -Infinity,
    );
    this.#graph = linkGraph(topology, this, {
      state: (store) => this.state.store(store),
      sink: (node) =>
        sinkOf(
          node,
          topicName(applicationId, node),
          serdeOf(node),
          (output) => work.emit(output, node),
          refusals,
        ),
    });
    this.#punctuation = new Punctuation(this.#graph.punctuated);
  }

  /** Sets where each input goes on, and event time with it. */
  start(offsets: readonly StartOffset[]): void {
    const metadata = this.#inputs.map((input) => {
      const start = offsets.find(({ topic }) => topic === input.name);
      if (!start)
        throw new StreamsException(`task ${this.id}: no start offset for '${input.name}'`);
      input.fetched = input.position = start.offset;
      return decodeOffsetMetadata(start.metadata);
    });
    this.watermark = new Watermark(this.#inputs.length, this.#allowedLatenessMs, {
      watermark: Math.max(...metadata.map((m) => m.watermark)),
      maxEventTimes: metadata.map((m) => m.maxEventTime),
    });
    this.#work.start(this.state.states);
    this.#committedWatermark = this.watermark.value;
  }

  /** The serde of an input as its records are on the wire: what it has to load, it loads before `addRecords`. */
  serdeOf(topic: string): Serde<unknown> | LoadingSerde<unknown> {
    return this.#inputs.find(({ name }) => name === topic)!.serde;
  }

  /** The next offset to fetch, per input. */
  get fetchPositions(): InputPosition[] {
    return this.#inputs.map((input, i) => ({
      topic: input.name,
      partition: this.partition,
      offset: input.fetched,
      position: input.position,
      buffered: this.#group.queues[i]!.size,
    }));
  }

  /** Records and positions that are not committed yet. */
  get isChanged(): boolean {
    return this.#changed || this.#work.outputs.size > 0 || this.state.isChanged;
  }

  get pendingOutputs(): number {
    return this.#work.outputs.size;
  }

  /** Changed keys and outputs waiting for a commit. */
  get uncommittedSize(): number {
    return this.#work.outputs.size + this.state.states.reduce((sum, s) => sum + s.changedKeys, 0);
  }

  /** Event time up to which the committed state is complete: where the watermark stood when it was the current one. */
  get committedWatermark(): number {
    return this.isChanged ? this.#committedWatermark : this.watermark.value;
  }

  get buffered(): number {
    return this.#group.size;
  }

  get isCaughtUp(): boolean {
    return this.#inputs.every((input) => input.endedAt > -Infinity) && this.#group.size === 0;
  }

  /**
   * Takes what was fetched of an input.
   * @param fetched the next offset to fetch: behind the last record and whatever control records follow it
   * @param endedAt the wall clock at which `fetched` was the partition's end, or undefined
   */
  addRecords(
    topic: string,
    raw: readonly RawRecord[],
    fetched: number,
    endedAt: number | undefined,
  ): void {
    const index = this.#inputs.findIndex((input) => input.name === topic);
    const input = this.#inputs[index];
    if (!input) throw new StreamsException(`task ${this.id} does not read '${topic}'`);
    this.#group.queues[index]!.push(raw);
    input.fetched = fetched;
    input.endedAt = endedAt ?? -Infinity;
    this.#settle(index, input);
  }

  /** The wall clock (epoch ms) at which `process` has something to do also without records; Infinity: never. */
  get nextPunctuationAt(): number {
    return this.#punctuation.nextAt;
  }

  /**
   * Works through due punctuations and timers and buffered records, at most `limit` of them.
   * @param wallClock now, epoch ms
   * @returns how many were processed; fewer than `limit`: nothing more can be done now
   */
  process(limit: number, wallClock: number): number {
    this.#wallClock = wallClock;
    this.watermark.advance(wallClock);
    if (this.#punctuation.isDue(wallClock)) this.#punctuate(wallClock);
    let processed = 0;
    while (processed < limit) {
      // All timers that are due come before the next record: it must not change what they see.
      if (this.#fireTimer()) {
        processed++;
        continue;
      }
      const index = this.#group.nextInput();
      if (index === -1) break;
      this.#processRecord(index, this.#group.queues[index]!.poll()!);
      processed++;
    }
    return processed;
  }

  /** What a commit must write, or undefined when nothing has changed since the last one. */
  prepareCommit(): TaskCommit | undefined {
    if (!this.isChanged) return undefined;
    // From here on: positions that move while the transaction is on its way belong to the next one.
    this.#changed = false;
    return {
      outputs: this.#work.outputs.records,
      changelog: this.state.changelogRecords(this.partition),
      standsAt: this.state.checkpoints(),
      offsets: this.#offsets(),
    };
  }

  /** `prepareCommit`'s answer is written. */
  postCommit(ends: ChangelogEnds): void {
    this.state.commit(ends);
    this.#work.committed();
    this.#committedWatermark = this.watermark.value;
    this.metrics.commits++;
  }

  get blame(): Blame {
    return this.#work.blame;
  }

  /** What an output of the commit under way goes back to; undefined for dead letters and state changes. */
  originOf(output: OutputRecord): Origin | undefined {
    return this.#work.originOf(output);
  }

  #offsets(): CommittedOffset[] {
    return this.#inputs.map((input, i) => ({
      topic: input.name,
      partition: this.partition,
      offset: input.position,
      metadata: encodeOffsetMetadata({
        maxEventTime: this.watermark.maxEventTime(i),
        watermark: this.watermark.value,
      }),
    }));
  }

  #decode(index: number, raw: readonly RawRecord[]): InputRecord[] {
    const { topic, serde, kind } = this.#inputs[index]!;
    const records = raw.map((r) => decodeRecord(topic, serde, this.partition, r, kind));
    this.#readAhead(index, records);
    return records;
  }

  #processRecord(index: number, { raw, record, error }: InputRecord): void {
    const input = this.#inputs[index]!;
    const cause = { kind: 'record', topic: input.name, raw } as const;
    this.#changed = true;
    if (record) {
      this.metrics.processed++;
      if (record.timestamp <= this.watermark.value) this.metrics.late++;
      this.#work.attempt(cause, input.node, () => this.#graph.sources[index]!(record));
      this.watermark.read(index, record.timestamp);
    } else this.#work.fail(cause, { kind: 'deserialize', node: input.node, error });
    // Not before: where a failure stops the application, the next one starts here.
    input.position = raw.offset + 1;
    this.#settle(index, input);
    this.watermark.advance(this.#wallClock);
  }

  /** Fires the earliest timer if it is due. */
  #fireTimer(): boolean {
    const watermark = this.watermark.value;
    let next: TimedRunner | undefined;
    let nextAt = Infinity;
    for (const timed of this.#graph.timed) {
      const dueAt = timed.state.nextDueUpTo(watermark);
      if (dueAt >= nextAt) continue;
      next = timed;
      nextAt = dueAt;
    }
    const due = next?.state.pollTimer(watermark);
    if (!next || !due) return false;
    const { state, node } = next;
    const { entry, dueAt } = due;
    this.metrics.timersFired++;
    const key = state.bytes(entry.key);
    const cause = { kind: 'timer', node: node.name, key, at: dueAt } as const;
    // Without its timer the key waits for its next record, instead of failing at each turn.
    if (!this.#work.attempt(cause, node, () => next.onTimer(entry, dueAt))) state.disarm(entry);
    return true;
  }

  #punctuate(wallClock: number): void {
    for (const runner of this.#punctuation.take(wallClock)) {
      const { node } = runner;
      const cause = { kind: 'punctuation', node: node.name, at: wallClock } as const;
      this.#work.attempt(cause, node, () => runner.punctuate(wallClock));
    }
  }

  /** Reads the states that these records will need, of each store in one go. */
  #readAhead(input: number, records: readonly InputRecord[]): void {
    for (const { state, keys } of this.#graph.readsAhead[input]!) {
      const wanted: unknown[] = [];
      for (const { record } of records) {
        if (!record) continue;
        if (keys) wanted.push(...keys(record));
        else wanted.push(record.key);
      }
      state.prefetch(wanted);
    }
  }

  /** An input with nothing buffered stands where fetching does, and is caught up when that is the end. */
  #settle(index: number, input: Input): void {
    if (this.#group.queues[index]!.size > 0) {
      this.watermark.behind(index);
      return;
    }
    if (input.position !== input.fetched) {
      input.position = input.fetched;
      this.#changed = true;
    }
    if (input.endedAt > -Infinity) this.watermark.caughtUp(index, input.endedAt);
    else this.watermark.behind(index);
  }
}

function sourceKind({ isTable, repartition }: SourceNode, name: string): SourceKind {
  return { name, isTable, isInternal: repartition !== undefined };
}

/** Task ids as Kafka Streams writes them: `0_3`. */
export function taskId(subTopology: number, partition: number): string {
  return `${subTopology}_${partition}`;
}

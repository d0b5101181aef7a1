import { StreamsException } from '../errors.ts';
import { deadLetterTopic, type Topology } from '../graph/topology.ts';
import type { Serde, Topic } from '../serde/serde.ts';
import type { StateBackend } from '../state/backend.ts';
import type { ChangelogEnds, CommittedOffset, OutputRecord, TaskCommit } from './commit.ts';
import { deadLetterHeaders, type FailureStage } from './dead-letter.ts';
import { decodeRecord } from './decode.ts';
import type { InputRecord, RawRecord } from './input-record.ts';
import { decodeOffsetMetadata, encodeOffsetMetadata } from './offset-metadata.ts';
import { PartitionGroup } from './partition-group.ts';
import { linkGraph, type ProcessorGraph } from './processor-graph.ts';
import type { ProcessorRunner } from './processor-runner.ts';
import { TaskMetrics } from './task-metrics.ts';
import { TaskState } from './task-state.ts';
import { Watermark } from './watermark.ts';

export interface TaskOptions {
  readonly topology: Topology;
  readonly applicationId: string;
  /** The partition number of every source that this task has. */
  readonly partition: number;
  readonly backend: StateBackend;
  /** A topic's serde as its records are on the wire. */
  readonly serde: (topic: Topic<unknown>) => Serde<unknown>;
  readonly allowedLatenessMs: number;
  /** States kept decoded in memory, per store. */
  readonly cacheSize: number;
  /** Whether to wait for an empty input that has more to fetch before the other inputs' records are processed. */
  readonly waitForInputs: boolean;
}

/** Where a task starts in one input: the group's committed offset, or where the topic starts. */
export interface StartOffset {
  readonly topic: string;
  readonly offset: number;
  readonly metadata: string | null;
}

interface Input {
  readonly topic: Topic<unknown>;
  readonly serde: Serde<unknown>;
  /** The next offset to be fetched: everything before it is buffered or processed. */
  fetched: number;
  /** The next offset to be processed. */
  position: number;
  /** Wall clock at which `fetched` was the partition's end; -Infinity when it was not. */
  endedAt: number;
}

/**
 * One partition number of every source, with its state: the unit of processing, ownership and transactions.
 *
 * Everything here is synchronous; whoever runs it does the I/O in between:
 *
 * T1. `addRecords` buffers, `process` works through buffers and due timers, in memory only.
 * T2. `prepareCommit` hands out what must be written as one transaction; only when that is committed,
 *     `postCommit` makes it local state. Nothing is processed in between.
 * T3. Whatever fails on the way: `abandon` the task, and start a new one from what is committed.
 */
export class Task {
  readonly id: string;
  readonly partition: number;
  readonly state: TaskState;
  readonly metrics = new TaskMetrics();
  watermark: Watermark;
  readonly #applicationId: string;
  readonly #allowedLatenessMs: number;
  readonly #inputs: readonly Input[];
  readonly #group: PartitionGroup;
  readonly #graph: ProcessorGraph;
  #outputs: OutputRecord[] = [];
  #changed = false;
  #wallClock = -Infinity;

  constructor(options: TaskOptions) {
    const { topology, partition } = options;
    this.id = taskId(partition);
    this.partition = partition;
    this.#applicationId = options.applicationId;
    this.#allowedLatenessMs = options.allowedLatenessMs;
    this.#inputs = topology.sources.map(({ topic }) => ({
      topic,
      serde: options.serde(topic),
      fetched: 0,
      position: 0,
      endedAt: -Infinity,
    }));
    this.watermark = new Watermark(this.#inputs.length, options.allowedLatenessMs);
    this.state = new TaskState(topology, options.applicationId, options.backend, options.cacheSize);
    this.#group = new PartitionGroup(
      this.#inputs.length,
      (input) => options.waitForInputs && this.#inputs[input]!.endedAt === -Infinity,
    );
    this.#graph = linkGraph(topology, this, {
      serde: options.serde,
      state: (processor) => this.state.state(processor),
      emit: (output) => this.#outputs.push(output),
    });
  }

  /** Sets where each input goes on, and event time with it. */
  start(offsets: readonly StartOffset[]): void {
    const metadata = this.#inputs.map((input) => {
      const start = offsets.find(({ topic }) => topic === input.topic.name);
      if (!start)
        throw new StreamsException(`task ${this.id}: no start offset for '${input.topic.name}'`);
      input.fetched = input.position = start.offset;
      return decodeOffsetMetadata(start.metadata);
    });
    this.watermark = new Watermark(this.#inputs.length, this.#allowedLatenessMs, {
      watermark: Math.max(...metadata.map((m) => m.watermark)),
      maxEventTimes: metadata.map((m) => m.maxEventTime),
    });
  }

  /** The next offset to fetch, per input. */
  get fetchPositions(): { topic: string; partition: number; offset: number; buffered: number }[] {
    return this.#inputs.map((input, i) => ({
      topic: input.topic.name,
      partition: this.partition,
      offset: input.fetched,
      buffered: this.#group.queues[i]!.size,
    }));
  }

  /** Records and positions that are not committed yet. */
  get isChanged(): boolean {
    return this.#changed || this.#outputs.length > 0 || this.state.isChanged;
  }

  get pendingOutputs(): number {
    return this.#outputs.length;
  }

  /** Changed keys and outputs waiting for a commit. */
  get uncommittedSize(): number {
    return this.#outputs.length + this.state.states.reduce((sum, s) => sum + s.changedKeys, 0);
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
    const index = this.#inputs.findIndex((input) => input.topic.name === topic);
    const input = this.#inputs[index];
    if (!input) throw new StreamsException(`task ${this.id} does not read '${topic}'`);
    const records = raw.map((r) => decodeRecord(input.topic, input.serde, this.partition, r));
    const keys = records.flatMap((r) => (r.record ? [r.record.key] : []));
    for (const state of this.state.states) state.prefetch(keys);
    this.#group.queues[index]!.push(records);
    input.fetched = fetched;
    input.endedAt = endedAt ?? -Infinity;
    this.#settle(index, input);
  }

  /**
   * Works through due timers and buffered records, at most `limit` of them.
   * @param wallClock now, epoch ms
   * @returns how many were processed; fewer than `limit`: nothing more can be done now
   */
  process(limit: number, wallClock: number): number {
    this.#wallClock = wallClock;
    this.watermark.advance(wallClock);
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
      outputs: this.#outputs,
      changelog: this.state.changelogRecords(this.partition),
      offsets: this.#offsets(),
    };
  }

  /** The transaction that wrote `prepareCommit`'s answer is committed. */
  postCommit(ends: ChangelogEnds): void {
    this.state.commit(ends);
    this.#outputs = [];
    this.metrics.commits++;
  }

  #offsets(): CommittedOffset[] {
    return this.#inputs.map((input, i) => ({
      topic: input.topic.name,
      partition: this.partition,
      offset: input.position,
      metadata: encodeOffsetMetadata({
        maxEventTime: this.watermark.maxEventTime(i),
        watermark: this.watermark.value,
      }),
    }));
  }

  #processRecord(index: number, item: InputRecord): void {
    const input = this.#inputs[index]!;
    this.#changed = true;
    input.position = item.raw.offset + 1;
    if (item.record) {
      this.metrics.processed++;
      if (item.record.timestamp <= this.watermark.value) this.metrics.late++;
      this.#atomically(
        () => this.#graph.sources[index]!(item.record),
        (error) => this.#deadLetter(index, item.raw, 'process', error),
      );
      this.watermark.read(index, item.record.timestamp);
    } else this.#deadLetter(index, item.raw, 'deserialize', item.error);
    this.#settle(index, input);
    this.watermark.advance(this.#wallClock);
  }

  /** Fires the earliest timer if it is due. */
  #fireTimer(): boolean {
    const watermark = this.watermark.value;
    let next: ProcessorRunner | undefined;
    for (const runner of this.#graph.runners) {
      if (runner.state.nextDueAt > watermark || runner.state.nextDueAt === Infinity) continue;
      if (!next || runner.state.nextDueAt < next.state.nextDueAt) next = runner;
    }
    const due = next?.state.pollTimer(watermark);
    if (!next || !due) return false;
    const { state, node } = next;
    this.metrics.timersFired++;
    this.#atomically(
      () => next.onTimer(due.entry, due.dueAt),
      (error) => {
        // Without its timer the key waits for its next record, instead of failing at each turn.
        state.disarm(due.entry);
        this.#emitDeadLetter(
          { key: Buffer.from(due.entry.key), value: null },
          deadLetterHeaders(error, {
            stage: 'timer',
            topic: node.name,
            partition: this.partition,
            offset: due.dueAt,
          }),
        );
      },
    );
    return true;
  }

  /** Keeps all that `work` does or, when it throws, nothing of it. */
  #atomically(work: () => void, onError: (error: unknown) => void): void {
    const outputs = this.#outputs.length;
    try {
      work();
      for (const runner of this.#graph.runners) runner.state.keep();
    } catch (error) {
      this.#outputs.length = outputs;
      for (const runner of this.#graph.runners) runner.state.undo();
      if (error instanceof StreamsException) throw error;
      onError(error);
    }
  }

  #deadLetter(index: number, raw: RawRecord, stage: FailureStage, error: unknown): void {
    const topic = this.#inputs[index]!.topic.name;
    const origin = { stage, topic, partition: this.partition, offset: raw.offset };
    this.#emitDeadLetter(raw, deadLetterHeaders(error, origin, raw.headers));
  }

  #emitDeadLetter(
    { key, value }: { key: Buffer | null; value: Buffer | null },
    headers: OutputRecord['headers'],
  ): void {
    this.metrics.deadLetters++;
    this.#outputs.push({ topic: deadLetterTopic(this.#applicationId), key, value, headers });
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

/** Task ids as Kafka Streams writes them; there is one sub-topology. */
export function taskId(partition: number): string {
  return `0_${partition}`;
}

import type { InputRecord, RawRecord } from './input-record.ts';

/** How many records are decoded in one go: few enough to be garbage before they get old, enough to read their states together. */
const CHUNK = 256;

/** Decodes records of one input, in their order. */
export type DecodeRecords = (raw: readonly RawRecord[]) => readonly InputRecord[];

/** The buffered records of one input partition, in offset order. Only those next to come are decoded. */
export class RecordQueue {
  readonly #decode: DecodeRecords;
  #raw: RawRecord[] = [];
  /** How many of `#raw` are decoded. */
  #taken = 0;
  #decoded: readonly InputRecord[] = [];
  #head = 0;
  /** Event time at the head; that of the record before it when the head can't be read, so that it keeps its place. */
  headTimestamp = -Infinity;

  constructor(decode: DecodeRecords) {
    this.#decode = decode;
  }

  get size(): number {
    return this.#raw.length - this.#taken + this.#decoded.length - this.#head;
  }

  push(records: readonly RawRecord[]): void {
    const wasEmpty = this.size === 0;
    // What was taken goes, and the fetched bytes with it: while catching up the queue may never be empty.
    this.#raw =
      this.#taken === 0 ? this.#raw.concat(records) : this.#raw.slice(this.#taken).concat(records);
    this.#taken = 0;
    if (wasEmpty) this.#look();
  }

  poll(): InputRecord | undefined {
    const record = this.#decoded[this.#head];
    if (!record) return undefined;
    this.#head++;
    this.#look();
    return record;
  }

  #look(): void {
    if (this.#head === this.#decoded.length) {
      if (this.#taken === this.#raw.length) return;
      const chunk = this.#raw.slice(this.#taken, this.#taken + CHUNK);
      this.#taken += chunk.length;
      this.#decoded = this.#decode(chunk);
      this.#head = 0;
    }
    const next = this.#decoded[this.#head]!.record;
    if (next) this.headTimestamp = next.timestamp;
  }
}

/**
 * Picks the next record of a task: the smallest event time over the heads of its inputs.
 *
 * When an input is empty and its partition has more to fetch, nothing is picked (as with `max.task.idle.ms = -1`): else the
 * state would fill with one side's records while the other one is on its way.
 */
export class PartitionGroup {
  readonly queues: readonly RecordQueue[];
  readonly #mayBeMissing: (input: number) => boolean;

  /**
   * @param inputs       how each input's records are decoded
   * @param mayBeMissing whether an empty input's partition may have unfetched records worth waiting for
   */
  constructor(inputs: readonly DecodeRecords[], mayBeMissing: (input: number) => boolean) {
    this.queues = inputs.map((decode) => new RecordQueue(decode));
    this.#mayBeMissing = mayBeMissing;
  }

  get size(): number {
    return this.queues.reduce((sum, queue) => sum + queue.size, 0);
  }

  /** The input whose head is next, -1 when there is none to be processed now. */
  nextInput(): number {
    let next = -1;
    for (let i = 0; i < this.queues.length; i++) {
      const queue = this.queues[i]!;
      if (queue.size === 0) {
        if (this.#mayBeMissing(i)) return -1;
      } else if (next === -1 || queue.headTimestamp < this.queues[next]!.headTimestamp) next = i;
    }
    return next;
  }
}

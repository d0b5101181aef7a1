import type { InputRecord } from './input-record.ts';

/** The buffered records of one input partition, in offset order. */
export class RecordQueue {
  #records: InputRecord[] = [];
  #head = 0;
  /** Event time at the head; that of the record before it when the head can't be read, so that it keeps its place. */
  headTimestamp = -Infinity;

  get size(): number {
    return this.#records.length - this.#head;
  }

  push(records: readonly InputRecord[]): void {
    const wasEmpty = this.size === 0;
    // What was taken goes: while catching up the queue may never be empty.
    if (this.#head > 0) {
      this.#records = this.#records.slice(this.#head);
      this.#head = 0;
    }
    for (const record of records) this.#records.push(record);
    if (wasEmpty) this.#look();
  }

  poll(): InputRecord | undefined {
    const record = this.#records[this.#head];
    if (!record) return undefined;
    this.#records[this.#head] = undefined as never; // lets go of the fetched bytes
    this.#head++;
    this.#look();
    return record;
  }

  #look(): void {
    const next = this.#records[this.#head]?.record;
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

  /** @param mayBeMissing whether an empty input's partition may have unfetched records worth waiting for */
  constructor(inputs: number, mayBeMissing: (input: number) => boolean) {
    this.queues = Array.from({ length: inputs }, () => new RecordQueue());
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

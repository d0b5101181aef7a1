import type { Cause } from './cause.ts';
import type { OutputRecord } from './commit.ts';
import type { FailedNode } from './failure-handler.ts';

/** What an output goes back to. */
export interface Origin {
  readonly cause: Cause;
  /** Its sink. */
  readonly node: FailedNode;
}

/** What a task has to write since its last commit. Dead letters have no origin: nothing can be done about them. */
export class Outputs {
  #records: OutputRecord[] = [];
  /** In the records' order. */
  #origins: (Origin | undefined)[] = [];

  get records(): readonly OutputRecord[] {
    return this.#records;
  }

  get size(): number {
    return this.#records.length;
  }

  add(record: OutputRecord, origin?: Origin): void {
    this.#records.push(record);
    this.#origins.push(origin);
  }

  /** Takes back what was added last. */
  truncate(size: number): void {
    this.#records.length = size;
    this.#origins.length = size;
  }

  originOf(record: OutputRecord): Origin | undefined {
    return this.#origins[this.#records.indexOf(record)];
  }

  /** They are written; whoever has `records` keeps them. */
  clear(): void {
    this.#records = [];
    this.#origins = [];
  }
}

/** What there was to read of a partition when reading began. */
export interface LogRange {
  readonly topic: string;
  readonly partition: number;
  /** The first offset that is read. */
  readonly start: number;
  /** The offset behind the last one. */
  readonly end: number;
}

/**
 * Whether some partitions have been read as far as they went at the start. What is appended meanwhile moves no end:
 * a reader of a busy topic gets there, too.
 *
 * @example
 * const ends = new LogEnds([{ topic: 'product-events', partition: 0, start: 0, end: 211 }]);
 * ends.reached('product-events', 0, 211);
 * await ends.allReached;
 */
export class LogEnds {
  readonly allReached: Promise<void>;
  readonly #resolve: () => void;
  /** Partition → its end; those that are not reached. */
  readonly #ahead = new Map<string, number>();

  constructor(ranges: readonly LogRange[]) {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.allReached = promise;
    this.#resolve = () => {
      resolve(undefined);
    };
    for (const { topic, partition, start, end } of ranges) {
      if (start < end) this.#ahead.set(keyOf(topic, partition), end);
    }
    this.#maybeResolve();
  }

  /** All before `offset` has been read. */
  reached(topic: string, partition: number, offset: number): void {
    const key = keyOf(topic, partition);
    const end = this.#ahead.get(key);
    if (end === undefined || offset < end) return;
    this.#ahead.delete(key);
    this.#maybeResolve();
  }

  #maybeResolve(): void {
    if (this.#ahead.size === 0) this.#resolve();
  }
}

function keyOf(topic: string, partition: number): string {
  return `${topic}-${String(partition)}`;
}

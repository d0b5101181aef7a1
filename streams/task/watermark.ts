/**
 * A task's watermark: the event time up to which its inputs are taken to be complete.
 *
 * - A partition with unread records contributes `min(greatest event time read, wall clock) - allowed lateness`; before its
 *   first record is read, minus infinity.
 * - A caught-up partition (nothing buffered, and read up to its end as of an instant of the wall clock) contributes that
 *   instant less the allowed lateness. It is the instant at which the broker last said so, not "now": while the broker
 *   can't be reached, nothing is known to be complete.
 * - The watermark is the minimum, and never goes back.
 */
export class Watermark {
  readonly #allowedLatenessMs: number;
  readonly #maxEventTime: number[];
  readonly #caughtUpAt: number[];
  #value: number;

  /**
   * @param restored the watermark and the greatest event times (in the inputs' order) of the last commit
   */
  constructor(
    inputs: number,
    allowedLatenessMs: number,
    restored: { watermark: number; maxEventTimes: readonly number[] } = {
      watermark: -Infinity,
      maxEventTimes: [],
    },
  ) {
    this.#allowedLatenessMs = allowedLatenessMs;
    this.#maxEventTime = Array.from(
      { length: inputs },
      (_, i) => restored.maxEventTimes[i] ?? -Infinity,
    );
    this.#caughtUpAt = new Array<number>(inputs).fill(-Infinity);
    this.#value = restored.watermark;
  }

  get value(): number {
    return this.#value;
  }

  maxEventTime(input: number): number {
    return this.#maxEventTime[input]!;
  }

  /** A record of this input was taken for processing. */
  read(input: number, eventTime: number): void {
    if (eventTime > this.#maxEventTime[input]!) this.#maxEventTime[input] = eventTime;
  }

  /** The input has nothing unread as of `at` (wall clock). */
  caughtUp(input: number, at: number): void {
    this.#caughtUpAt[input] = at;
  }

  /** The input has unread records. */
  behind(input: number): void {
    this.#caughtUpAt[input] = -Infinity;
  }

  isCaughtUp(input: number): boolean {
    return this.#caughtUpAt[input]! > -Infinity;
  }

  /** The input that holds the watermark back. */
  slowestInput(wallClock: number): number {
    let slowest = 0;
    for (let i = 1; i < this.#maxEventTime.length; i++) {
      if (this.#contribution(i, wallClock) < this.#contribution(slowest, wallClock)) slowest = i;
    }
    return slowest;
  }

  /** Moves the watermark on; returns whether it moved. */
  advance(wallClock: number): boolean {
    let minimum = Infinity;
    for (let i = 0; i < this.#maxEventTime.length; i++) {
      const contribution = this.#contribution(i, wallClock);
      if (contribution < minimum) minimum = contribution;
    }
    if (minimum <= this.#value) return false;
    this.#value = minimum;
    return true;
  }

  #contribution(input: number, wallClock: number): number {
    const caughtUpAt = this.#caughtUpAt[input]!;
    const upTo =
      caughtUpAt > -Infinity ? caughtUpAt : Math.min(this.#maxEventTime[input]!, wallClock);
    return upTo - this.#allowedLatenessMs;
  }
}

import { TopologyError } from '../errors.ts';

/**
 * Windows of a fixed size, for aggregations. They begin at multiples of the advance, counted from 1970.
 *
 * @example
 * TimeWindows.ofSizeAndGrace(60_000, 5_000); // tumbling: each minute
 * TimeWindows.ofSizeAndGrace(60_000, 5_000).advanceBy(10_000); // hopping: a minute, every ten seconds
 */
export class TimeWindows {
  readonly sizeMs: number;
  readonly graceMs: number;
  readonly advanceMs: number;

  private constructor(sizeMs: number, graceMs: number, advanceMs: number) {
    checkMs('a window', sizeMs, 1);
    checkMs('the grace', graceMs, 0);
    checkMs('the advance', advanceMs, 1);
    if (advanceMs > sizeMs)
      throw new TopologyError(
        `windows of ${sizeMs} ms that advance by ${advanceMs} ms would leave gaps; advance by ${sizeMs} at most`,
      );
    this.sizeMs = sizeMs;
    this.graceMs = graceMs;
    this.advanceMs = advanceMs;
  }

  /** Tumbling windows; they close when the watermark is `graceMs` past their end. */
  static ofSizeAndGrace(sizeMs: number, graceMs: number): TimeWindows {
    return new TimeWindows(sizeMs, graceMs, sizeMs);
  }

  static ofSizeWithNoGrace(sizeMs: number): TimeWindows {
    return new TimeWindows(sizeMs, 0, sizeMs);
  }

  /** Hopping windows, which overlap. */
  advanceBy(advanceMs: number): TimeWindows {
    return new TimeWindows(this.sizeMs, this.graceMs, advanceMs);
  }

  /** The starts of the windows that an instant is in, earliest first. */
  startsOf(instant: number): number[] {
    const starts: number[] = [];
    const last = instant - (instant % this.advanceMs);
    for (let start = last; start >= 0 && start > instant - this.sizeMs; start -= this.advanceMs)
      starts.unshift(start);
    return starts;
  }
}

/**
 * How far apart in event time two records may be that are joined: the other one from `beforeMs` before up to `afterMs` after
 * this one, both included.
 *
 * @example
 * JoinWindows.ofTimeDifferenceAndGrace(60_000, 5_000); // a minute apart at most
 * JoinWindows.ofTimeDifferenceAndGrace(60_000, 5_000).before(0); // the other one later, never earlier
 */
export class JoinWindows {
  readonly beforeMs: number;
  readonly afterMs: number;
  readonly graceMs: number;

  private constructor(beforeMs: number, afterMs: number, graceMs: number) {
    if (!Number.isSafeInteger(beforeMs) || !Number.isSafeInteger(afterMs) || beforeMs + afterMs < 0)
      throw new TopologyError(
        `a join window from ${beforeMs} ms before to ${afterMs} ms after is empty; give whole milliseconds that span one`,
      );
    checkMs('the grace', graceMs, 0);
    this.beforeMs = beforeMs;
    this.afterMs = afterMs;
    this.graceMs = graceMs;
  }

  static ofTimeDifferenceAndGrace(differenceMs: number, graceMs: number): JoinWindows {
    return new JoinWindows(differenceMs, differenceMs, graceMs);
  }

  static ofTimeDifferenceWithNoGrace(differenceMs: number): JoinWindows {
    return new JoinWindows(differenceMs, differenceMs, 0);
  }

  before(ms: number): JoinWindows {
    return new JoinWindows(ms, this.afterMs, this.graceMs);
  }

  after(ms: number): JoinWindows {
    return new JoinWindows(this.beforeMs, ms, this.graceMs);
  }
}

function checkMs(what: string, ms: number, least: number): void {
  if (Number.isSafeInteger(ms) && ms >= least) return;
  throw new TopologyError(`${what} of ${ms} ms is none; give whole milliseconds from ${least} on`);
}

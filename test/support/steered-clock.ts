import { systemClock, type Clock } from '#streams/runtime/clock';

/** Less than the allowed lateness. */
const RUNS_ON_MS = 2000;
/** From then on: time must not stand still, since what is done every so often would not be done any more. */
const CREEPS = 0.01;

/**
 * A wall clock that follows what has been written, however long that takes: it is hardly more than two seconds ahead of the
 * latest event time. So nothing is late for whoever goes by it, and the end of a run need not be waited for. Intervals are
 * to be of a few milliseconds where it is used.
 */
export class SteeredClock implements Clock {
  #written: number;
  #writtenAt = performance.now();
  #last: number;

  /** @param start epoch ms */
  constructor(start: number) {
    this.#written = this.#last = start;
  }

  now(): number {
    const passed = performance.now() - this.#writtenAt;
    const now = this.#written + Math.min(RUNS_ON_MS, passed) + CREEPS * passed;
    this.#last = Math.max(this.#last, Math.floor(now));
    return this.#last;
  }

  /** Everything that happened before this instant has been written. */
  moveTo(instant: number): void {
    if (instant <= this.#written) return;
    this.#written = instant;
    this.#writtenAt = performance.now();
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return systemClock.sleep(ms, signal);
  }

  nextTurn(): Promise<void> {
    return systemClock.nextTurn();
  }
}

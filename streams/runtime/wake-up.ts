import type { Clock } from './clock.ts';

/** Lets a loop sleep until something happens. A call of `notify` before `wait` is not lost. */
export class WakeUp {
  #notified = false;
  #waiting: AbortController | undefined;

  notify(): void {
    this.#notified = true;
    this.#waiting?.abort();
  }

  /** Resolves at the next `notify`, or after `ms`. */
  async wait(ms: number, clock: Clock): Promise<void> {
    if (!this.#notified) {
      this.#waiting = new AbortController();
      await clock.sleep(ms, this.#waiting.signal);
      this.#waiting = undefined;
    }
    this.#notified = false;
  }
}

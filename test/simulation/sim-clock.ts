import type { Clock } from '#streams/runtime/clock';
import type { Host, Scheduler } from './scheduler.ts';

/** Time as one simulated process sees it. */
export class SimClock implements Clock {
  readonly #scheduler: Scheduler;
  readonly #host: Host;

  constructor(scheduler: Scheduler, host: Host) {
    this.#scheduler = scheduler;
    this.#host = host;
  }

  now(): number {
    return this.#scheduler.now;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = () => {
        signal?.removeEventListener('abort', abort);
        resolve();
      };
      const timer = this.#scheduler.after(Math.max(1, Math.ceil(ms)), wake, this.#host);
      const abort = () => {
        timer.isCancelled = true;
        resolve();
      };
      signal?.addEventListener('abort', abort, { once: true });
    });
  }

  nextTurn(): Promise<void> {
    return new Promise((resolve) => {
      this.#scheduler.after(0, resolve, this.#host);
    });
  }
}

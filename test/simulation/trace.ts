import type { Scheduler } from './scheduler.ts';

/** The last events of a run, written only when it is replayed: most runs are never looked at. */
export class Trace {
  readonly #lines: string[] = [];
  readonly #size: number;
  readonly #scheduler: Scheduler;
  readonly #start: number;

  /** @param size lines kept; 0: none, and none is put together */
  constructor(scheduler: Scheduler, size: number) {
    this.#scheduler = scheduler;
    this.#size = size;
    this.#start = scheduler.now;
  }

  add(who: string, what: () => string): void {
    if (this.#size === 0) return;
    const at = ((this.#scheduler.now - this.#start) / 1000).toFixed(3);
    this.#lines.push(`${at.padStart(8)} ${who.padEnd(6)} ${what()}`);
    if (this.#lines.length > 2 * this.#size) this.#lines.splice(0, this.#size);
  }

  get lines(): readonly string[] {
    return this.#lines.slice(-this.#size);
  }
}

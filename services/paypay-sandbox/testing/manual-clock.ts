import type { Clock } from '../clock.ts';

/** Time that stands still until it is moved. */
export class ManualClock implements Clock {
  #nowMs: number;
  #timers: { readonly atMs: number; readonly action: () => void }[] = [];

  constructor(nowMs: number) {
    this.#nowMs = nowMs;
  }

  now(): number {
    return this.#nowMs;
  }

  schedule(atMs: number, action: () => void): () => void {
    const timer = { atMs, action };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((each) => each !== timer);
    };
  }

  /** How many timers wait. */
  get waiting(): number {
    return this.#timers.length;
  }

  /** Moves on, and does what is due on the way, each at its instant and with all that follows at once. */
  async advance(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms;
    await turn();
    for (let next = this.#earliest(endMs); next; next = this.#earliest(endMs)) {
      const timer = next;
      this.#timers = this.#timers.filter((each) => each !== timer);
      this.#nowMs = Math.max(this.#nowMs, timer.atMs);
      timer.action();
      await turn();
    }
    this.#nowMs = endMs;
  }

  #earliest(endMs: number) {
    const [first] = this.#timers.toSorted((a, b) => a.atMs - b.atMs);
    return first && first.atMs <= endMs ? first : undefined;
  }
}

/** Lets promises that are ready be settled. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

import { setImmediate as immediate } from 'node:timers/promises';
import type { Clock } from '../clock.ts';

/** Lets everything run that waits for nothing but its turn. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 3; i++) await immediate();
}

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

/** Stands still until the test moves it. */
export class ManualClock implements Clock {
  #now = 1_000_000;
  #sleepers: Sleeper[] = [];

  now(): number {
    return this.#now;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = () => {
        this.#sleepers = this.#sleepers.filter((s) => s !== sleeper);
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      const sleeper = { at: this.#now + ms, wake };
      this.#sleepers.push(sleeper);
      signal?.addEventListener('abort', wake, { once: true });
    });
  }

  nextTurn(): Promise<void> {
    return immediate();
  }

  /** How long each sleeper still has to wait. */
  get pauses(): number[] {
    return this.#sleepers.map((s) => s.at - this.#now).sort((a, b) => a - b);
  }

  /** Moves on; whoever is due wakes at its own instant, and runs before the next one does. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      await settle();
      const due = this.#sleepers.filter((s) => s.at <= end).sort((a, b) => a.at - b.at)[0];
      if (!due) break;
      this.#now = Math.max(this.#now, due.at);
      due.wake();
    }
    this.#now = end;
  }
}

/** Moves on by itself: a sleep is over at once, and leaves its length behind. */
export class LeapingClock implements Clock {
  readonly pauses: number[] = [];
  #now = 1_000_000;
  readonly #onSleep: (pauses: number) => void;

  /** @param onSleep called with the number of sleeps so far, while one is under way */
  constructor(onSleep: (pauses: number) => void = () => undefined) {
    this.#onSleep = onSleep;
  }

  now(): number {
    return this.#now;
  }

  /** Time that passes otherwise, e.g. while a request is under way. */
  pass(ms: number): void {
    this.#now += ms;
  }

  sleep(ms: number): Promise<void> {
    this.#now += ms;
    this.pauses.push(ms);
    this.#onSleep(this.pauses.length);
    return Promise.resolve();
  }

  nextTurn(): Promise<void> {
    return Promise.resolve();
  }
}

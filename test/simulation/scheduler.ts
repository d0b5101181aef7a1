import type { Random } from './random.ts';

/** Whoever an event happens to: nothing happens to the dead, and to the paused it happens later. */
export interface Host {
  readonly isDead: boolean;
  /** Virtual time until which nothing happens to it. */
  readonly pausedUntil: number;
}

export interface ScheduledEvent {
  at: number;
  /** Decides between events of one instant. */
  readonly tie: number;
  readonly run: () => void;
  readonly host: Host | undefined;
  isCancelled: boolean;
}

/** One `read` of a socket may bring several answers: their promises settle before anyone reacts. */
const TOGETHER = 0.1;
/** More than any run needs; a run that reaches it goes in circles. */
const MAX_EVENTS = 300_000;

/**
 * Virtual time. Everything that is not immediate is an event; events of one instant come in an order that the seed decides.
 *
 * V1. After each event all promises that are ready run, before the next event does. So a run depends on the seed only.
 * V2. Time moves only when nothing is left to do at this instant.
 */
export class Scheduler {
  readonly #random: Random;
  readonly #heap: ScheduledEvent[] = [];
  #now: number;
  #count = 0;

  constructor(random: Random, start: number) {
    this.#random = random;
    this.#now = start;
  }

  get now(): number {
    return this.#now;
  }

  /** How many events have happened. */
  get count(): number {
    return this.#count;
  }

  after(ms: number, run: () => void, host?: Host): ScheduledEvent {
    return this.at(this.#now + ms, run, host);
  }

  at(at: number, run: () => void, host?: Host): ScheduledEvent {
    const tie = this.#random.next();
    const event = { at: Math.max(at, this.#now), tie, run, host, isCancelled: false };
    this.#push(event);
    return event;
  }

  /**
   * Lets time pass until `isDone`, which is asked after each event.
   * @returns false when the deadline came first, or the run goes in circles
   */
  async runUntil(isDone: () => boolean, deadline: number): Promise<boolean> {
    while (!isDone()) {
      const event = this.#next();
      if (!event) return false;
      if (event.at > deadline || this.#count > MAX_EVENTS) {
        this.#push(event);
        return false;
      }
      this.#now = event.at;
      this.#happen(event);
      while (this.#heap[0]?.at === this.#now && this.#random.chance(TOGETHER)) {
        const other = this.#next();
        if (other?.at === this.#now) this.#happen(other);
        else if (other) this.#push(other);
      }
      await promisesRun();
    }
    return true;
  }

  #happen(event: ScheduledEvent): void {
    this.#count++;
    event.run();
  }

  /** The next event that really happens. */
  #next(): ScheduledEvent | undefined {
    for (let event = this.#pop(); event; event = this.#pop()) {
      if (event.isCancelled || event.host?.isDead) continue;
      const pausedUntil = event.host?.pausedUntil ?? -Infinity;
      if (pausedUntil <= event.at) return event;
      event.at = pausedUntil;
      this.#push(event);
    }
    return undefined;
  }

  #push(event: ScheduledEvent): void {
    const heap = this.#heap;
    let i = heap.length;
    heap.push(event);
    while (i > 0) {
      const parent = (i - 1) >>> 1;
      if (!isBefore(event, heap[parent]!)) break;
      heap[i] = heap[parent]!;
      i = parent;
    }
    heap[i] = event;
  }

  #pop(): ScheduledEvent | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (!first || !last || heap.length === 0) return first;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (!isBefore(heap[child]!, last)) break;
      heap[i] = heap[child]!;
      i = child;
    }
    heap[i] = last;
    return first;
  }
}

function isBefore(a: ScheduledEvent, b: ScheduledEvent): boolean {
  return a.at < b.at || (a.at === b.at && a.tie < b.tie);
}

/** Node runs `setImmediate` only when no promise is ready any more. */
function promisesRun(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

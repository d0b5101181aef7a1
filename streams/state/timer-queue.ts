/**
 * Event-time timers of one store, at most one per key, earliest first; those of one instant in the order of their keys, so
 * that the order does not depend on when they were set, which a restart would change. A timer is moved by setting it again: the heap
 * keeps the old entry until it surfaces, and `#armed` says which one counts.
 */
export class TimerQueue {
  readonly #armed = new Map<string, number>();
  #times: number[] = [];
  #keys: string[] = [];
  /** Whether the heap's first entry is known to count: asked at every record, changed rarely. */
  #firstCounts = false;

  /** How many keys have a timer here. */
  get size(): number {
    return this.#armed.size;
  }

  /** The earliest timer's instant; `Infinity` when there is none. */
  get nextDueAt(): number {
    this.#dropStale();
    return this.#times[0] ?? Infinity;
  }

  set(key: string, dueAt: number): void {
    if (this.#armed.get(key) === dueAt) return;
    this.#firstCounts = false;
    this.#armed.set(key, dueAt);
    this.#push(dueAt, key);
    if (this.#times.length > 2 * this.#armed.size + 64) this.#rebuild();
  }

  delete(key: string): void {
    if (this.#armed.delete(key)) this.#firstCounts = false;
  }

  /** Takes the earliest timer out; undefined when none is due at or before `until`. */
  poll(until: number): { key: string; dueAt: number } | undefined {
    const dueAt = this.nextDueAt;
    if (dueAt > until || this.#times.length === 0) return undefined;
    const key = this.#keys[0]!;
    this.delete(key);
    this.#pop();
    return { key, dueAt };
  }

  /** Forgets the timers from `from` on; returns how many. */
  forgetFrom(from: number): number {
    const before = this.#armed.size;
    for (const [key, dueAt] of this.#armed) if (dueAt >= from) this.#armed.delete(key);
    this.#firstCounts = false;
    this.#rebuild();
    return before - this.#armed.size;
  }

  /** The instant such that about half of the timers are before it. */
  median(): number {
    const times = [...this.#armed.values()].sort((a, b) => a - b);
    return times[times.length >>> 1] ?? Infinity;
  }

  clear(): void {
    this.#armed.clear();
    this.#times = [];
    this.#keys = [];
    this.#firstCounts = false;
  }

  #dropStale(): void {
    if (this.#firstCounts) return;
    while (this.#times.length > 0 && this.#armed.get(this.#keys[0]!) !== this.#times[0])
      this.#pop();
    this.#firstCounts = this.#times.length > 0;
  }

  #rebuild(): void {
    this.#times = [];
    this.#keys = [];
    for (const [key, dueAt] of this.#armed) this.#push(dueAt, key);
  }

  #push(time: number, key: string): void {
    const times = this.#times;
    const keys = this.#keys;
    let i = times.length;
    times.push(time);
    keys.push(key);
    while (i > 0) {
      const parent = (i - 1) >>> 1;
      if (times[parent]! < time || (times[parent] === time && keys[parent]! <= key)) break;
      times[i] = times[parent]!;
      keys[i] = keys[parent]!;
      i = parent;
    }
    times[i] = time;
    keys[i] = key;
  }

  #pop(): void {
    const times = this.#times;
    const keys = this.#keys;
    const time = times.pop()!;
    const key = keys.pop()!;
    const size = times.length;
    if (size === 0) return;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= size) break;
      let first = times[child]!;
      if (child + 1 < size) {
        const second = times[child + 1]!;
        if (second < first || (second === first && keys[child + 1]! < keys[child]!)) {
          child++;
          first = second;
        }
      }
      if (first > time || (first === time && keys[child]! >= key)) break;
      times[i] = times[child]!;
      keys[i] = keys[child]!;
      i = child;
    }
    times[i] = time;
    keys[i] = key;
  }
}

/**
 * Event-time timers of one store, at most one per key, earliest first. A timer is moved by setting it again: the heap
 * keeps the old entry until it surfaces, and `#armed` says which one counts.
 *
 * Those of one instant come in the order of their keys, so that the order does not depend on when they were set, which a
 * restart would change. The heap goes by time alone, since comparing keys at every step costs more than all the rest where
 * many timers share an instant: an instant's keys are sorted when it is due.
 */
export class TimerQueue {
  readonly #armed = new Map<string, number>();
  #times: number[] = [];
  #keys: string[] = [];
  /** The keys of the instant that is due, last one first, taken out of the heap. */
  #due: string[] = [];
  #dueAt = -Infinity;
  /** Whether the heap's first entry is known to count: asked at every record, changed rarely. */
  #firstCounts = false;

  /** How many keys have a timer here. */
  get size(): number {
    return this.#armed.size;
  }

  /** The earliest timer's instant; `Infinity` when there is none. */
  get nextDueAt(): number {
    this.#dropStale();
    const next = this.#times[0] ?? Infinity;
    // Mostly nothing is.
    return this.#due.length > 0 && this.#dueAt < next ? this.#dueAt : next;
  }

  set(key: string, dueAt: number): void {
    if (this.#armed.get(key) === dueAt) return;
    this.#firstCounts = false;
    this.#armed.set(key, dueAt);
    if (this.#due.length > 0 && dueAt === this.#dueAt) this.#insertDue(key);
    else this.#push(dueAt, key);
    if (this.#times.length > 2 * this.#armed.size + 64) this.#rebuild();
  }

  delete(key: string): void {
    if (this.#armed.delete(key)) this.#firstCounts = false;
  }

  /** Takes the earliest timer out; undefined when none is due at or before `until`. */
  poll(until: number): { key: string; dueAt: number } | undefined {
    const dueAt = this.nextDueAt;
    if (dueAt > until || dueAt === Infinity) return undefined;
    if (this.#due.length === 0 || dueAt < this.#dueAt) this.#gather(dueAt);
    const key = this.#due.pop()!;
    this.delete(key);
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
    this.#due = [];
    this.#firstCounts = false;
  }

  #dropStale(): void {
    if (this.#firstCounts) return;
    const due = this.#due;
    while (due.length > 0 && this.#armed.get(due.at(-1)!) !== this.#dueAt) due.pop();
    while (this.#times.length > 0 && this.#armed.get(this.#keys[0]!) !== this.#times[0])
      this.#pop();
    this.#firstCounts = this.#times.length > 0;
  }

  /** Takes the keys of the earliest instant out of the heap. */
  #gather(instant: number): void {
    for (const key of this.#due) this.#push(this.#dueAt, key);
    this.#due = [];
    this.#dueAt = instant;
    while (this.#times[0] === instant) {
      if (this.#armed.get(this.#keys[0]!) === instant) this.#due.push(this.#keys[0]!);
      this.#pop();
    }
    if (this.#due.length > 1) this.#due.sort().reverse();
  }

  /** A timer is set for the instant that is being worked through: it takes its place among those that are left. */
  #insertDue(key: string): void {
    const due = this.#due;
    let at = due.length;
    while (at > 0 && due[at - 1]! < key) at--;
    due.splice(at, 0, key);
  }

  #rebuild(): void {
    this.#times = [];
    this.#keys = [];
    this.#due = [];
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
      const above = times[parent]!;
      if (above <= time) break;
      times[i] = above;
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
      if (child + 1 < size && times[child + 1]! < times[child]!) child++;
      if (times[child]! >= time) break;
      times[i] = times[child]!;
      keys[i] = keys[child]!;
      i = child;
    }
    times[i] = time;
    keys[i] = key;
  }
}

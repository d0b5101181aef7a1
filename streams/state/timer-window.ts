import type { Batch, StateBackend } from './backend.ts';
import { TimerColumn } from './timer-column.ts';
import { TimerQueue } from './timer-queue.ts';

const TIMER_WINDOW = 8192;

/** A changed entry's timer, which the column does not have yet. */
export interface UncommittedTimer {
  readonly id: string;
  readonly dueAt: number;
}

/**
 * The timers of one store: a window of them in memory, however many there are.
 *
 * Every timer before `#horizon` is in the queue. Those at or after it are in the column when committed, and found through
 * `uncommitted` when not; none of them is before `#behind`. They are loaded when one of them is due and not before: mostly
 * they are retention timers, days away and very many to an instant.
 */
export class TimerWindow {
  readonly #column: TimerColumn;
  readonly #size: number;
  readonly #uncommitted: ReadonlyMap<string, UncommittedTimer>;
  readonly #timers = new TimerQueue();
  /** Timers in the column; undefined where local state does not say: a former version has written it. */
  count: number | undefined;
  #horizon = -Infinity;
  #behind = -Infinity;
  /** Of the last timer that was taken out. */
  #instant = -Infinity;

  /** @param uncommitted by id, the entries whose timers differ from the column's; live */
  constructor(
    backend: StateBackend,
    column: { readonly name: string; readonly idOf: (bytes: Buffer) => string },
    uncommitted: ReadonlyMap<string, UncommittedTimer>,
    size = TIMER_WINDOW,
    count?: number,
  ) {
    this.#column = new TimerColumn(backend, column.name, column.idOf);
    this.#uncommitted = uncommitted;
    this.#size = size;
    this.count = count;
  }

  /** Timers in memory. */
  get loaded(): number {
    return this.#timers.size;
  }

  /** The earliest timer's instant when it is at or before `until`, else `Infinity`. */
  nextDueUpTo(until: number): number {
    // Asked at every record, when mostly nothing is due.
    while (this.#behind <= until && this.#behind < Infinity) {
      if (this.#behind > this.#timers.nextDueAt) break;
      this.#loadUpTo(until);
    }
    const next = this.#timers.nextDueAt;
    return next <= until ? next : Infinity;
  }

  /** Takes out the earliest timer, of those of one instant the first by id. */
  poll(watermark: number): { id: string; dueAt: number } | undefined {
    if (this.nextDueUpTo(watermark) === Infinity) return undefined;
    const due = this.#timers.poll(watermark);
    if (!due) return undefined;
    this.#instant = due.dueAt;
    return { id: due.key, dueAt: due.dueAt };
  }

  set(id: string, dueAt: number): void {
    if (dueAt < this.#horizon) {
      this.#timers.set(id, dueAt);
    } else {
      this.#timers.delete(id);
      if (dueAt < this.#behind) this.#behind = dueAt;
    }
  }

  disarm(id: string): void {
    this.#timers.delete(id);
  }

  /** Brings the column to `dueAt`. */
  write(batch: Batch, key: Buffer, committedDueAt: number, dueAt: number): void {
    if (dueAt === committedDueAt) return;
    if (committedDueAt < Infinity) this.#column.delete(batch, committedDueAt, key);
    if (dueAt < Infinity) this.#column.put(batch, dueAt, key);
    if (this.count !== undefined)
      this.count += Number(dueAt < Infinity) - Number(committedDueAt < Infinity);
  }

  /** Commits are done, so the column has all timers: memory need not hold more than a window. */
  shrink(): void {
    if (this.#timers.size <= 2 * this.#size) return;
    const horizon = this.#timers.median();
    // What is being worked through would only be loaded again.
    if (horizon <= this.#instant) return;
    this.#timers.forgetFrom(horizon);
    this.#horizon = horizon;
    this.#behind = Math.min(this.#behind, horizon);
  }

  /** Forgets what is in memory: the column has changed under it. */
  reset(): void {
    this.#timers.clear();
    this.#horizon = this.#behind = this.#instant = -Infinity;
  }

  /** Forgets all timers. */
  clear(): void {
    this.#column.clear();
    this.count = 0;
    this.reset();
  }

  /** Finds out what the first timer behind the horizon is; loads a window of them when it is due. */
  #loadUpTo(until: number): void {
    let first = this.#column.scan(this.#horizon, 1)[0]?.dueAt ?? Infinity;
    for (const { dueAt } of this.#uncommitted.values()) {
      if (dueAt >= this.#horizon && dueAt < first) first = dueAt;
    }
    this.#behind = first;
    if (first <= until && first < Infinity) this.#load();
  }

  /** Moves the horizon on over the next timers of the column. */
  #load(): void {
    const from = this.#horizon;
    const rows = this.#column.scan(from, this.#size);
    // A full answer may have cut an instant in two: the horizon is that instant, and its timers come with the next load,
    // unless the whole answer is one instant.
    const last = rows.length < this.#size ? Infinity : rows.at(-1)!.dueAt;
    const whole = last < Infinity && rows[0]!.dueAt === last;
    this.#horizon = this.#behind = whole ? this.#loadInstant(last) : last;
    for (const { dueAt, id } of rows) {
      if (dueAt < this.#horizon && !this.#uncommitted.has(id)) this.#timers.set(id, dueAt);
    }
    for (const { id, dueAt } of this.#uncommitted.values()) {
      if (dueAt >= from && dueAt < this.#horizon) this.#timers.set(id, dueAt);
    }
  }

  /** Loads all timers of one instant, which are more than a window; returns the horizon behind it. */
  #loadInstant(instant: number): number {
    for (let limit = 2 * this.#size; ; limit *= 2) {
      const rows = this.#column.scan(instant, limit);
      const inside = rows.filter((row) => row.dueAt === instant);
      if (inside.length === rows.length && rows.length === limit) continue;
      for (const { id } of inside) if (!this.#uncommitted.has(id)) this.#timers.set(id, instant);
      return instant + 1;
    }
  }
}

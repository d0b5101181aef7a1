import { StreamsException } from '../errors.ts';
import type { Serde } from '../serde/serde.ts';
import type { Batch, StateBackend } from './backend.ts';
import { TimerColumn } from './timer-column.ts';
import { TimerQueue } from './timer-queue.ts';

/** A key's state in memory. Owned by `KeyedState`: processors see only `state`. */
export interface Entry<S> {
  readonly key: string;
  state: S | undefined;
  /** When the state's timer is due; `Infinity` when it has none. */
  dueAt: number;
  /** The timer that the committed state has, so that the next commit can take it out. */
  committedDueAt: number;
  dirty: boolean;
}

/** One changed key of a commit; `value` is null when it was deleted. */
export interface StateChange {
  readonly key: Buffer;
  readonly value: Buffer | null;
}

export interface KeyedStateOptions<S> {
  readonly store: string;
  readonly processor: string;
  readonly serde: Serde<S>;
  readonly timer: ((state: S) => number | null) | undefined;
  /** Entries kept in memory besides the changed ones. */
  readonly cacheSize: number;
  /** Timers kept in memory besides those that are not committed yet. */
  readonly timerWindow?: number;
}

const TIMER_WINDOW = 65_536;

/**
 * One processor's store and timers: a cache of decoded states over the committed ones.
 *
 * K1. The backend holds committed state only: changes live in `#changed` until `write()`.
 * K2. A key's timer follows from its state (`timer(state)`); the timer column is an index of the committed ones.
 * K3. Every timer before `#horizon` is in the queue. Those at or after it are in the timer column when committed, and
 *     found through `#changed` when not. So memory holds a window of the timers, however many there are.
 */
export class KeyedState<S> {
  readonly #backend: StateBackend;
  readonly #options: KeyedStateOptions<S>;
  readonly #column: string;
  readonly #timerColumn: TimerColumn;
  readonly #window: number;
  readonly #entries = new Map<string, Entry<S>>();
  readonly #changed = new Map<string, Entry<S>>();
  readonly #timers = new TimerQueue();
  #horizon = -Infinity;
  /** What each entry was before the record at hand changed it. */
  #undo: { entry: Entry<S>; state: S | undefined; dueAt: number; dirty: boolean }[] = [];
  #encoded: { entry: Entry<S>; change: StateChange }[] = [];

  constructor(backend: StateBackend, options: KeyedStateOptions<S>) {
    this.#backend = backend;
    this.#options = options;
    this.#column = storeColumn(options.store);
    this.#timerColumn = new TimerColumn(backend, options.processor);
    this.#window = options.timerWindow ?? TIMER_WINDOW;
  }

  get changedKeys(): number {
    return this.#changed.size;
  }

  get cachedKeys(): number {
    return this.#entries.size;
  }

  /** Timers in memory; the others are in the timer column (K3). */
  get loadedTimers(): number {
    return this.#timers.size;
  }

  /** The earliest timer's instant, `Infinity` when there is none at all. */
  get nextDueAt(): number {
    if (this.#timers.nextDueAt < this.#horizon) return this.#timers.nextDueAt;
    // Nothing before the horizon: what is behind it must be looked at, else its first one would be missed.
    while (this.#horizon < Infinity) {
      this.#loadTimers();
      if (this.#timers.nextDueAt < this.#horizon) return this.#timers.nextDueAt;
    }
    return this.#timers.nextDueAt;
  }

  /** Reads the states of keys that are going to be needed, in one go. */
  prefetch(keys: Iterable<string>): void {
    const missing = [...new Set(keys)].filter((key) => !this.#entries.has(key));
    if (missing.length > 0) this.#load(missing);
  }

  entry(key: string): Entry<S> {
    const known = this.#entries.get(key);
    if (known) return known;
    this.#load([key]);
    return this.#entries.get(key)!;
  }

  put(entry: Entry<S>, state: S | undefined): void {
    this.#undo.push({ entry, state: entry.state, dueAt: entry.dueAt, dirty: entry.dirty });
    this.#set(entry, state, this.#dueAt(state));
    if (!entry.dirty) {
      entry.dirty = true;
      this.#changed.set(entry.key, entry);
    }
  }

  /** Takes out the earliest timer that is due; the caller's processing sets the next one by `put`. */
  pollTimer(watermark: number): { entry: Entry<S>; dueAt: number } | undefined {
    if (this.nextDueAt > watermark) return undefined;
    const due = this.#timers.poll(watermark);
    if (!due) return undefined;
    const entry = this.entry(due.key);
    if (entry.dueAt !== due.dueAt) {
      throw new StreamsException(
        `processor '${this.#options.processor}', key '${due.key}': its timer was kept for ${due.dueAt}, and its state now says ` +
          `${entry.dueAt}; change the processor's timerVersion whenever timer() changes`,
      );
    }
    return { entry, dueAt: due.dueAt };
  }

  /** Leaves the key without a timer until its state is put again, e.g. because its timer can't be processed. */
  disarm(entry: Entry<S>): void {
    this.#timers.delete(entry.key);
  }

  /** What the processing of one record or timer changed is kept. */
  keep(): void {
    if (this.#undo.length > 0) this.#undo = [];
  }

  /** What the processing of one record or timer changed is taken back. */
  undo(): void {
    for (const { entry, state, dueAt, dirty } of this.#undo.reverse()) {
      this.#set(entry, state, dueAt);
      entry.dirty = dirty;
      if (!dirty) this.#changed.delete(entry.key);
    }
    this.#undo = [];
  }

  /** Encodes what changed since the last commit: each key once, however often it changed. */
  changes(): StateChange[] {
    this.#encoded = [];
    for (const entry of this.#changed.values()) {
      const value = entry.state === undefined ? null : this.#options.serde.encode(entry.state);
      this.#encoded.push({ entry, change: { key: Buffer.from(entry.key), value } });
    }
    return this.#encoded.map(({ change }) => change);
  }

  /** Adds the changes that `changes()` returned to the batch. */
  write(batch: Batch): void {
    for (const { entry, change } of this.#encoded) {
      if (change.value === null) batch.delete(this.#column, change.key);
      else batch.put(this.#column, change.key, change.value);
      if (entry.dueAt === entry.committedDueAt) continue;
      if (entry.committedDueAt < Infinity)
        this.#timerColumn.delete(batch, entry.committedDueAt, change.key);
      if (entry.dueAt < Infinity) this.#timerColumn.put(batch, entry.dueAt, change.key);
    }
  }

  /** The batch is written: what was changed is committed now. */
  committed(): void {
    for (const { entry } of this.#encoded) {
      entry.committedDueAt = entry.dueAt;
      entry.dirty = false;
      if (entry.state === undefined) this.#entries.delete(entry.key);
    }
    this.#encoded = [];
    this.#changed.clear();
    this.#evict();
    this.#shrinkTimers();
  }

  /** Applies changelog records; the caller commits them like any others. */
  restore(changes: Iterable<StateChange>): void {
    const list = [...changes];
    this.prefetch(list.map((change) => change.key.toString()));
    for (const { key, value } of list) {
      this.put(this.entry(key.toString()), value === null ? undefined : this.#decode(value, key));
    }
    this.keep();
  }

  /** Derives every timer from the committed states anew, e.g. because the settings they depend on have changed. */
  rebuildTimers(): void {
    if (this.#changed.size > 0)
      throw new StreamsException('timers are rebuilt before anything changes');
    this.#timerColumn.clear();
    this.#timers.clear();
    this.#entries.clear();
    this.#horizon = -Infinity;
    for (let from: Buffer | undefined = Buffer.alloc(0); from;) {
      const entries = this.#backend.scan(this.#column, from, 10_000);
      const batch = this.#backend.batch();
      for (const [key, value] of entries) {
        const dueAt = this.#dueAt(this.#decode(value, key));
        if (dueAt < Infinity) this.#timerColumn.put(batch, dueAt, key);
      }
      batch.write();
      const last: Buffer | undefined = entries.at(-1)?.[0];
      from = last && Buffer.concat([last, Buffer.alloc(1)]);
    }
  }

  /** Drops everything, committed state included. */
  wipe(): void {
    this.#backend.clear(this.#column);
    this.#timerColumn.clear();
    this.#entries.clear();
    this.#changed.clear();
    this.#timers.clear();
    this.#horizon = -Infinity;
  }

  #set(entry: Entry<S>, state: S | undefined, dueAt: number): void {
    entry.state = state;
    entry.dueAt = dueAt;
    if (dueAt < this.#horizon) this.#timers.set(entry.key, dueAt);
    else this.#timers.delete(entry.key);
  }

  #load(keys: readonly string[]): void {
    const found = this.#backend.getMany(
      this.#column,
      keys.map((key) => Buffer.from(key)),
    );
    keys.forEach((key, i) => {
      const bytes = found[i];
      const state = bytes === undefined ? undefined : this.#decode(bytes, key);
      const dueAt = this.#dueAt(state);
      this.#entries.set(key, { key, state, dueAt, committedDueAt: dueAt, dirty: false });
    });
  }

  #decode(bytes: Buffer, key: Buffer | string): S {
    try {
      return this.#options.serde.decode(bytes);
    } catch (error) {
      throw new StreamsException(
        `the state of '${key.toString()}' in store '${this.#options.store}' can't be decoded; if its format has changed, ` +
          `read the old one too, or reset the store`,
        { cause: error },
      );
    }
  }

  #dueAt(state: S | undefined): number {
    if (state === undefined || !this.#options.timer) return Infinity;
    const dueAt = this.#options.timer(state) ?? Infinity;
    if (dueAt === Infinity) return Infinity;
    // Whole milliseconds from 1970 on, as the timer column keeps them: else a restart would change the instant.
    const whole = Math.max(0, Math.ceil(dueAt));
    if (Number.isSafeInteger(whole)) return whole;
    throw new RangeError(`a timer at ${dueAt} is none: return epoch milliseconds, or null`);
  }

  /** Moves the horizon on over the next timers of the column (K3). */
  #loadTimers(): void {
    const from = this.#horizon;
    const rows = this.#timerColumn.scan(from, this.#window);
    // A full answer may have cut an instant in two: the horizon is that instant, and its timers come with the next load,
    // unless the whole answer is one instant.
    const last = rows.length < this.#window ? Infinity : rows.at(-1)!.dueAt;
    const whole = last < Infinity && rows[0]!.dueAt === last;
    this.#horizon = whole ? this.#loadInstant(last) : last;
    for (const { dueAt, key } of rows) {
      if (dueAt < this.#horizon && !this.#changed.has(key)) this.#timers.set(key, dueAt);
    }
    for (const entry of this.#changed.values()) {
      if (entry.dueAt >= from && entry.dueAt < this.#horizon)
        this.#timers.set(entry.key, entry.dueAt);
    }
  }

  /** Loads all timers of one instant, which are more than a window; returns the horizon behind it. */
  #loadInstant(instant: number): number {
    for (let limit = 2 * this.#window; ; limit *= 2) {
      const rows = this.#timerColumn.scan(instant, limit);
      const inside = rows.filter((row) => row.dueAt === instant);
      if (inside.length === rows.length && rows.length === limit) continue;
      for (const { key } of inside) if (!this.#changed.has(key)) this.#timers.set(key, instant);
      return instant + 1;
    }
  }

  /** Commits are done, so the column has all timers: memory need not hold more than a window. */
  #shrinkTimers(): void {
    if (this.#timers.size <= 2 * this.#window) return;
    const horizon = this.#timers.median();
    if (horizon <= this.#timers.nextDueAt) return;
    this.#timers.forgetFrom(horizon);
    this.#horizon = horizon;
  }

  #evict(): void {
    let excess = this.#entries.size - this.#options.cacheSize;
    if (excess <= 0) return;
    for (const key of this.#entries.keys()) {
      this.#entries.delete(key);
      if (--excess <= 0) return;
    }
  }
}

export function storeColumn(store: string): string {
  return `store-${store}`;
}

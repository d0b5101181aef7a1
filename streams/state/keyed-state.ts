import { StreamsException } from '../errors.ts';
import type { Serde } from '../serde/serde.ts';
import type { Batch, StateBackend } from './backend.ts';
import type { KeyCodec } from './key-codec.ts';
import { idsInRange } from './range.ts';
import { TimerWindow } from './timer-window.ts';

/** More than a few uses say nothing more, and would keep an entry for as many rounds. */
const MAX_USES = 4;

/** A key's state in memory. Owned by `KeyedState`: processors see only `key` and `state`. */
export interface Entry<S, K = string> {
  readonly id: string;
  readonly key: K;
  state: S | undefined;
  /** When the state's timer is due; `Infinity` when it has none. */
  dueAt: number;
  /** The timer that the committed state has, so that the next commit can take it out. */
  committedDueAt: number;
  dirty: boolean;
  /** How often it was asked for since eviction last passed it, and what it had left from before. */
  uses: number;
}

/** One changed key of a commit; `value` is null when it was deleted. */
export interface StateChange {
  readonly key: Buffer;
  readonly value: Buffer | null;
}

export interface KeyedStateOptions<S, K = string> {
  readonly store: string;
  readonly serde: Serde<S>;
  readonly keys: KeyCodec<K>;
  /** Timers of its states, absent when it has none. */
  readonly timers?: {
    /** Whose they are: names their column. */
    readonly owner: string;
    at(state: S, key: K): number | null;
    /** How many there are in local state; undefined when it does not say. */
    readonly count?: number | undefined;
  };
  /** Entries kept in memory besides the changed ones. */
  readonly cacheSize: number;
  /** Timers kept in memory besides those that are not committed yet. */
  readonly timerWindow?: number;
  readonly limit?: StateLimit;
}

/** What the changelog takes. */
export interface StateLimit {
  /** Whether there is any limit known; states are encoded when they are put, and not once a commit, as long as there is. */
  readonly isKnown: boolean;
  /** @throws when the changelog would not take this */
  check(key: Buffer, value: Buffer): void;
}

/**
 * One store and its timers: a cache of decoded states over the committed ones.
 *
 * K1. The backend holds committed state only: changes live in `#changed` until `write()`.
 * K2. A key's timer follows from its state (`timers.at`); the timer column is an index of the committed ones.
 * K3. Memory holds a window of the timers, however many there are: see `TimerWindow`.
 */
export class KeyedState<S, K = string> {
  readonly #backend: StateBackend;
  readonly #options: KeyedStateOptions<S, K>;
  readonly #keys: KeyCodec<K>;
  readonly #column: string;
  readonly #entries = new Map<string, Entry<S, K>>();
  readonly #changed = new Map<string, Entry<S, K>>();
  readonly #timers: TimerWindow | undefined;
  /** Where eviction goes on. */
  #hand: MapIterator<Entry<S, K>>;
  /** What each entry was before the record at hand changed it. */
  #undo: { entry: Entry<S, K>; state: S | undefined; dueAt: number; dirty: boolean }[] = [];
  #encoded: { entry: Entry<S, K>; change: StateChange }[] = [];

  constructor(backend: StateBackend, options: KeyedStateOptions<S, K>) {
    this.#backend = backend;
    this.#options = options;
    this.#keys = options.keys;
    this.#column = storeColumn(options.store);
    this.#hand = this.#entries.values();
    if (options.timers) {
      const column = {
        name: timerColumn(options.timers.owner),
        idOf: (bytes: Buffer) => options.keys.idOf(bytes),
      };
      this.#timers = new TimerWindow(
        backend,
        column,
        this.#changed,
        options.timerWindow,
        options.timers.count,
      );
    }
  }

  get changedKeys(): number {
    return this.#changed.size;
  }

  get cachedKeys(): number {
    return this.#entries.size;
  }

  /** Committed timers, with those of a batch that is being put together; undefined when that is not known, or it has none. */
  get timerCount(): number | undefined {
    return this.#timers?.count;
  }

  /** Timers in memory; the others are in the timer column (K3). */
  get loadedTimers(): number {
    return this.#timers?.loaded ?? 0;
  }

  /** The earliest timer's instant when it is at or before `until`, else `Infinity`. */
  nextDueUpTo(until: number): number {
    return this.#timers?.nextDueUpTo(until) ?? Infinity;
  }

  /** Reads the states of keys that are going to be needed, in one go. */
  prefetch(keys: Iterable<K>): void {
    const missing = new Set<string>();
    for (const key of keys) {
      const id = this.#keys.id(key);
      if (!this.#entries.has(id)) missing.add(id);
    }
    if (missing.size > 0) this.#load([...missing]);
  }

  entry(key: K): Entry<S, K> {
    return this.#entry(this.#keys.id(key));
  }

  get(key: K): S | undefined {
    return this.entry(key).state;
  }

  /**
   * Entries in the order of the keys' bytes, from `from` to `to` (both included), uncommitted ones too. What is committed is
   * read as it goes, and not kept in memory.
   */
  *range(from?: Buffer, to?: Buffer): Generator<[key: K, state: S]> {
    const keys = this.#keys;
    const changed = Array.from(this.#changed.keys(), (id) => ({ id, bytes: keys.bytes(id) }));
    const range = { from: from ?? Buffer.alloc(0), to };
    const idOf = (bytes: Buffer) => keys.idOf(bytes);
    for (const { id, committed } of idsInRange(this.#backend, this.#column, range, changed, idOf)) {
      const entry = this.#entries.get(id);
      if (entry) {
        if (entry.state !== undefined) yield [entry.key, entry.state];
      } else if (committed) yield [keys.key(id), this.#decode(committed, id)];
    }
  }

  /** A key as it is on disk, for ranges. */
  bytes(key: K): Buffer {
    return this.#keys.bytes(this.#keys.id(key));
  }

  /** @throws when its changelog does not take a state of that size, as far as that is known */
  put(entry: Entry<S, K>, state: S | undefined): void {
    const { limit, serde } = this.#options;
    if (limit?.isKnown && state !== undefined)
      limit.check(this.#keys.bytes(entry.id), serde.encode(state));
    const dueAt = this.#dueAt(state, entry.key);
    this.#undo.push({ entry, state: entry.state, dueAt: entry.dueAt, dirty: entry.dirty });
    this.#set(entry, state, dueAt);
    if (!entry.dirty) {
      entry.dirty = true;
      this.#changed.set(entry.id, entry);
    }
  }

  /** Takes out the earliest timer that is due; the caller's processing sets the next one by `put`. */
  pollTimer(watermark: number): { entry: Entry<S, K>; dueAt: number } | undefined {
    const due = this.#timers?.poll(watermark);
    if (!due) return undefined;
    const entry = this.#entry(due.id);
    if (entry.dueAt !== due.dueAt) {
      throw new StreamsException(
        `store '${this.#options.store}', key '${show(entry.key)}': its timer was kept for ${due.dueAt}, and its state now says ` +
          `${entry.dueAt}; change the version of the timers whenever what they follow from changes`,
      );
    }
    return { entry, dueAt: due.dueAt };
  }

  /** Leaves the key without a timer until its state is put again or the task starts anew, e.g. because it can't be processed. */
  disarm(entry: Entry<S, K>): void {
    this.#timers?.disarm(entry.id);
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
      if (!dirty) this.#changed.delete(entry.id);
    }
    this.#undo = [];
  }

  /** Encodes what changed since the last commit: each key once, however often it changed. */
  changes(): StateChange[] {
    this.#encoded = [];
    for (const entry of this.#changed.values()) {
      const value = entry.state === undefined ? null : this.#options.serde.encode(entry.state);
      this.#encoded.push({ entry, change: { key: this.#keys.bytes(entry.id), value } });
    }
    return this.#encoded.map(({ change }) => change);
  }

  /** Adds the changes that `changes()` returned to the batch. */
  write(batch: Batch): void {
    for (const { entry, change } of this.#encoded) {
      if (change.value === null) batch.delete(this.#column, change.key);
      else batch.put(this.#column, change.key, change.value);
      this.#timers?.write(batch, change.key, entry.committedDueAt, entry.dueAt);
    }
  }

  /** The batch is written: what was changed is committed now. */
  committed(): void {
    for (const { entry } of this.#encoded) {
      entry.committedDueAt = entry.dueAt;
      entry.dirty = false;
      if (entry.state === undefined) this.#entries.delete(entry.id);
    }
    this.#encoded = [];
    this.#changed.clear();
    this.#evict();
    this.#timers?.shrink();
  }

  /**
   * Adds changelog records to the batch, byte by byte as they are: a state is decoded only where a timer follows from it.
   * Nothing may be changed meanwhile; what is in memory is forgotten, since it may be what the records replace.
   */
  restore(changes: Iterable<StateChange>, batch: Batch): void {
    this.#refuseOverChanges('restored');
    this.#forget();
    const last = new Map([...changes].map((change) => [this.#keys.idOf(change.key), change]));
    const before = this.#timers ? this.#backend.getMany(this.#column, bytesOf(last.values())) : [];
    let i = 0;
    for (const [id, { key, value }] of last) {
      if (value === null) batch.delete(this.#column, key);
      else batch.put(this.#column, key, value);
      if (!this.#timers) continue;
      const former = before[i++];
      const dueAt = (bytes: Buffer | null | undefined) =>
        bytes ? this.#dueAt(this.#decode(bytes, id), this.#keys.key(id)) : Infinity;
      this.#timers.write(batch, key, dueAt(former), dueAt(value));
    }
  }

  /** Derives every timer from the committed states anew, e.g. because the settings they depend on have changed. */
  rebuildTimers(): void {
    this.#refuseOverChanges('rebuilt');
    this.#forget();
    if (!this.#timers) return;
    this.#timers.clear();
    for (let from: Buffer | undefined = Buffer.alloc(0); from;) {
      const entries = this.#backend.scan(this.#column, from, 10_000);
      const batch = this.#backend.batch();
      for (const [bytes, value] of entries) {
        const id = this.#keys.idOf(bytes);
        const dueAt = this.#dueAt(this.#decode(value, id), this.#keys.key(id));
        this.#timers.write(batch, bytes, Infinity, dueAt);
      }
      batch.write();
      const last: Buffer | undefined = entries.at(-1)?.[0];
      from = last && Buffer.concat([last, Buffer.alloc(1)]);
    }
  }

  /** Drops everything, committed state included. */
  wipe(): void {
    this.#backend.clear(this.#column);
    this.#changed.clear();
    this.#forget();
    this.#timers?.clear();
  }

  #entry(id: string): Entry<S, K> {
    const known = this.#entries.get(id);
    if (known) {
      if (known.uses < MAX_USES) known.uses++;
      return known;
    }
    this.#load([id]);
    return this.#entries.get(id)!;
  }

  #set(entry: Entry<S, K>, state: S | undefined, dueAt: number): void {
    entry.state = state;
    entry.dueAt = dueAt;
    this.#timers?.set(entry.id, dueAt);
  }

  #load(ids: readonly string[]): void {
    const found = this.#backend.getMany(
      this.#column,
      ids.map((id) => this.#keys.bytes(id)),
    );
    ids.forEach((id, i) => {
      const bytes = found[i];
      const key = this.#keys.key(id);
      const state = bytes === undefined ? undefined : this.#decode(bytes, id);
      const dueAt = this.#dueAt(state, key);
      const entry = { id, key, state, dueAt, committedDueAt: dueAt, dirty: false, uses: 1 };
      this.#entries.set(id, entry);
    });
  }

  #decode(bytes: Buffer, id: string): S {
    try {
      return this.#options.serde.decode(bytes);
    } catch (error) {
      throw new StreamsException(
        `the state of '${show(this.#keys.key(id))}' in store '${this.#options.store}' can't be decoded; if its format has ` +
          `changed, read the old one too, or reset the store`,
        { cause: error },
      );
    }
  }

  #dueAt(state: S | undefined, key: K): number {
    const { timers } = this.#options;
    if (state === undefined || !timers) return Infinity;
    const dueAt = timers.at(state, key) ?? Infinity;
    if (dueAt === Infinity) return Infinity;
    // Whole milliseconds from 1970 on, as the timer column keeps them: else a restart would change the instant.
    const whole = Math.max(0, Math.ceil(dueAt));
    if (Number.isSafeInteger(whole)) return whole;
    throw new RangeError(`a timer at ${dueAt} is none: return epoch milliseconds, or null`);
  }

  /**
   * Goes round over the entries (a clock with counts), and takes those that nobody has asked for again since they were
   * loaded, or since it last came by. Near enough to the least used ones, and an access costs no more than a count.
   */
  #evict(): void {
    while (this.#entries.size > this.#options.cacheSize) {
      const { value: entry, done } = this.#hand.next();
      if (done) this.#hand = this.#entries.values();
      else if (entry.uses > 1) entry.uses >>= 1;
      else this.#entries.delete(entry.id);
    }
  }

  #forget(): void {
    this.#entries.clear();
    this.#hand = this.#entries.values();
    this.#timers?.reset();
  }

  #refuseOverChanges(what: string): void {
    if (this.#changed.size > 0)
      throw new StreamsException(
        `store '${this.#options.store}' is ${what} before anything in it changes`,
      );
  }
}

/** The column of a store's states. */
export function storeColumn(store: string): string {
  return `store-${store}`;
}

/** The column of the timers that a processor, or a store's retention, has. */
export function timerColumn(owner: string): string {
  return `timers-${owner}`;
}

function bytesOf(changes: Iterable<StateChange>): Buffer[] {
  return Array.from(changes, ({ key }) => key);
}

function show(key: unknown): string {
  return typeof key === 'string' ? key : JSON.stringify(key);
}

/**
 * A store as the topology declares it; made by `StreamsBuilder.store()`. What names it in `stores` may use it; the keyed
 * processor that names it as its `store` owns its timers.
 */
export interface StoreHandle<S, K = string> {
  readonly name: string;
  readonly _windowed?: never;
  /** Phantoms: keep the types on the handle. */
  _state?(state: S): S;
  _key?(key: K): K;
}

/** A store of values per key and window start, that can be asked from outside. */
export interface QueryableWindows<S, K = string> {
  readonly name: string;
  readonly _windowed: true | 'results';
  _state?(state: S): S;
  _key?(key: K): K;
}

/** A store of values per key and window start; made by `StreamsBuilder.windowStore()`. */
export interface WindowStoreHandle<S, K = string> extends QueryableWindows<S, K> {
  readonly _windowed: true;
}

/** The store of a windowed aggregation, for queries: processors can't use it. `WindowedKTable.store`. */
export interface WindowedResults<S, K = string> extends QueryableWindows<S, K> {
  readonly _windowed: 'results';
}

/** A handle of either kind whose types don't matter. */
export interface AnyStoreHandle {
  readonly name: string;
}

/** A key–value store as a processor uses it: it sees what was written, committed or not. */
export interface KeyValueStore<S, K = string> {
  get(key: K): S | undefined;
  put(key: K, state: S): void;
  delete(key: K): void;
  /** Entries with `from <= key <= to` in the order of the keys' bytes. */
  range(from: K, to: K): IterableIterator<[key: K, state: S]>;
  /** Every entry, in the order of the keys' bytes. */
  all(): IterableIterator<[key: K, state: S]>;
}

/** A window store as a processor uses it. Entries go when the watermark is the retention past their window's start. */
export interface WindowStore<S, K = string> {
  get(key: K, start: number): S | undefined;
  put(key: K, start: number, state: S): void;
  delete(key: K, start: number): void;
  /** A key's entries with `from <= start <= to`, earliest first. */
  fetch(key: K, from: number, to: number): IterableIterator<[start: number, state: S]>;
  all(): IterableIterator<[key: K, start: number, state: S]>;
}

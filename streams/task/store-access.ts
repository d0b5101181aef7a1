import type { KeyValueStore, WindowStore } from '../processor/store.ts';
import type { Windowed } from '../processor/windowed.ts';
import type { KeyedState } from '../state/keyed-state.ts';
import type { Stamped } from '../state/stamped.ts';

/** A key–value store as processors see it. */
export class StateStore<S, K> implements KeyValueStore<S, K> {
  readonly #state: KeyedState<S, K>;

  constructor(state: KeyedState<S, K>) {
    this.#state = state;
  }

  get(key: K): S | undefined {
    return this.#state.get(key);
  }

  put(key: K, state: S): void {
    this.#state.put(this.#state.entry(key), state ?? undefined);
  }

  delete(key: K): void {
    this.#state.put(this.#state.entry(key), undefined);
  }

  range(from: K, to: K): IterableIterator<[K, S]> {
    return this.#state.range(this.#state.bytes(from), this.#state.bytes(to));
  }

  all(): IterableIterator<[K, S]> {
    return this.#state.range();
  }
}

/** A store with a retention: the runtime keeps the time of each state, which the processor does not see. */
export class RetainingStore<S, K> implements KeyValueStore<S, K> {
  readonly #inner: StateStore<Stamped<S>, K>;
  readonly #now: () => number;

  /** @param now event time of what is being processed */
  constructor(state: KeyedState<Stamped<S>, K>, now: () => number) {
    this.#inner = new StateStore(state);
    this.#now = now;
  }

  get(key: K): S | undefined {
    return this.#inner.get(key)?.state;
  }

  put(key: K, state: S): void {
    this.#inner.put(key, { state, at: this.#now(), isFinal: false });
  }

  delete(key: K): void {
    this.#inner.delete(key);
  }

  range(from: K, to: K): IterableIterator<[K, S]> {
    return unstamped(this.#inner.range(from, to));
  }

  all(): IterableIterator<[K, S]> {
    return unstamped(this.#inner.all());
  }
}

/** A window store as processors see it. */
export class StateWindowStore<S, K> implements WindowStore<S, K> {
  readonly #state: KeyedState<S, Windowed<K>>;
  readonly #windowMs: number;

  constructor(state: KeyedState<S, Windowed<K>>, windowMs: number) {
    this.#state = state;
    this.#windowMs = windowMs;
  }

  get(key: K, start: number): S | undefined {
    return this.#state.get(this.#key(key, start));
  }

  put(key: K, start: number, state: S): void {
    this.#state.put(this.#state.entry(this.#key(key, start)), state);
  }

  delete(key: K, start: number): void {
    this.#state.put(this.#state.entry(this.#key(key, start)), undefined);
  }

  *fetch(key: K, from: number, to: number): Generator<[start: number, state: S]> {
    const first = this.#state.bytes(this.#key(key, Math.max(0, from)));
    const last = this.#state.bytes(this.#key(key, Math.max(0, to)));
    for (const [windowed, state] of this.#state.range(first, last)) {
      const { start } = windowed.window;
      // A longer key may lie in between: what comes after its first bytes reads like a start.
      if (this.#state.bytes(windowed).equals(this.#state.bytes(this.#key(key, start))))
        yield [start, state];
    }
  }

  *all(): Generator<[key: K, start: number, state: S]> {
    for (const [{ key, window }, state] of this.#state.range()) yield [key, window.start, state];
  }

  #key(key: K, start: number): Windowed<K> {
    return { key, window: { start, end: start + this.#windowMs } };
  }
}

function* unstamped<S, K>(entries: Iterable<[K, Stamped<S>]>): Generator<[K, S]> {
  for (const [key, { state }] of entries) yield [key, state];
}

import type { QueryOptions } from './query-router.ts';
import type { Freshness } from './store-query.ts';

/** Where an answer comes from, and how new it is. */
export interface AnswerOrigin extends Freshness {
  readonly task: string;
  /** The `applicationServer` of the instance that has answered; undefined: this one, which has none. */
  readonly host: string | undefined;
}

export interface StoreAnswer<S> {
  /** Undefined when the key is not in the store. */
  readonly value: S | undefined;
  readonly origin: AnswerOrigin;
}

export interface StoreEntry<K, S> {
  readonly key: K;
  readonly value: S;
  readonly origin: AnswerOrigin;
}

export interface WindowEntry<K, S> extends StoreEntry<K, S> {
  /** The window's start, epoch ms. */
  readonly start: number;
}

/** Who has a key: Kafka Streams' `KeyQueryMetadata`. */
export interface KeyQueryMetadata {
  readonly task: string;
  readonly partition: number;
  /** The owner's `applicationServer`; undefined while the task has no owner, or one that has none. */
  readonly host: string | undefined;
  /** Those of the instances that keep a replica. */
  readonly standbys: readonly string[];
}

/** How the records of a store's keys were routed, where not by murmur2 over the key's bytes (Java's and this runtime's). */
export interface StoreQueryOptions {
  /** @returns the partition that a key's records were written to */
  readonly partitioner?: (key: Buffer, partitions: number) => number;
}

interface ReadOnlyStore<K> {
  /** @throws {StoreNotAvailable} while the application does not run */
  ownerOf(key: K): KeyQueryMetadata;
}

/**
 * A key–value store, asked from outside of the topology. It shows committed entries only: nothing that a crash takes back.
 * Whichever instance has the key answers.
 *
 * All of its methods may throw `StoreNotAvailable`: ask again, or allow stale answers.
 */
export interface ReadOnlyKeyValueStore<S, K = string> extends ReadOnlyStore<K> {
  get(key: K, options?: QueryOptions): Promise<StoreAnswer<S>>;
  /**
   * Entries with `from <= key <= to` of all instances, in the order of the keys' bytes. They are read page by page, each as
   * committed when it is read.
   */
  range(from: K, to: K, options?: QueryOptions): AsyncIterableIterator<StoreEntry<K, S>>;
  /** Every entry of all instances, in the order of the keys' bytes. */
  all(options?: QueryOptions): AsyncIterableIterator<StoreEntry<K, S>>;
}

/** A window store, asked from outside of the topology: see `ReadOnlyKeyValueStore`. */
export interface ReadOnlyWindowStore<S, K = string> extends ReadOnlyStore<K> {
  /** @param start of the window, epoch ms */
  get(key: K, start: number, options?: QueryOptions): Promise<StoreAnswer<S>>;
  /** A key's entries with `from <= start <= to`, earliest first. */
  fetch(
    key: K,
    from: number,
    to: number,
    options?: QueryOptions,
  ): AsyncIterableIterator<WindowEntry<K, S>>;
  /** Every entry of all instances, in the order of the keys' bytes, then of the starts. */
  all(options?: QueryOptions): AsyncIterableIterator<WindowEntry<K, S>>;
}

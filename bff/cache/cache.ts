/**
 * What all instances share for a while: sessions, carts, counters, keys of requests. Whatever is in it can be lost.
 *
 * C1. Every call is answered or fails within half a second.
 * C2. A failed call may have been carried out all the same.
 */

/** It can't be asked now, or has not answered in time. */
export class CacheUnavailable extends Error {
  override readonly name = 'CacheUnavailable';
}

/** @throws {CacheUnavailable} each of them */
export interface Cache {
  get(key: string): Promise<string | undefined>;
  /** Reads, and puts the end of its life so far away from now. */
  getAndKeep(key: string, ttlMs: number): Promise<string | undefined>;
  set(key: string, value: string, ttlMs: number): Promise<void>;
  /** Whether it was not there, and so is now. */
  setIfAbsent(key: string, value: string, ttlMs: number): Promise<boolean>;
  delete(...keys: readonly string[]): Promise<void>;
  /** Counts, from 1; the first one says when counting starts again. */
  increment(
    key: string,
    ttlMs: number,
  ): Promise<{ readonly count: number; readonly ttlMs: number }>;
  readMap(key: string): Promise<ReadonlyMap<string, string>>;
  /** Adds and overwrites fields. */
  writeMap(key: string, fields: ReadonlyMap<string, string>, ttlMs: number): Promise<void>;
  replaceMap(key: string, fields: ReadonlyMap<string, string>, ttlMs: number): Promise<void>;
  removeFromMap(key: string, fields: readonly string[]): Promise<void>;
  /** Resolves when it answers. */
  ping(): Promise<void>;
}

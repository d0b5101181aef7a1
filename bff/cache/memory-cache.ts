import type { Cache } from './cache.ts';

interface Entry {
  readonly value: string | Map<string, string>;
  readonly until: number;
}

/** A cache of this process alone. @param now epoch ms */
export function memoryCache(now: () => number = Date.now): Cache {
  const entries = new Map<string, Entry>();
  const live = (key: string): Entry['value'] | undefined => {
    const entry = entries.get(key);
    if (entry && entry.until > now()) return entry.value;
    entries.delete(key);
    return undefined;
  };
  const textOf = (key: string): string | undefined => live(key) as string | undefined;
  const mapOf = (key: string): Map<string, string> =>
    (live(key) as Map<string, string> | undefined) ?? new Map<string, string>();
  const put = (key: string, value: Entry['value'], ttlMs: number): void => {
    entries.set(key, { value, until: now() + ttlMs });
  };
  // Each answers in a later turn, as a network does.
  return {
    get: async (key) => Promise.resolve(textOf(key)),
    getAndKeep: async (key, ttlMs) => {
      const value = textOf(key);
      if (value !== undefined) put(key, value, ttlMs);
      return Promise.resolve(value);
    },
    set: async (key, value, ttlMs) => Promise.resolve().then(() => put(key, value, ttlMs)),
    setIfAbsent: async (key, value, ttlMs) => {
      if (live(key) !== undefined) return Promise.resolve(false);
      put(key, value, ttlMs);
      return Promise.resolve(true);
    },
    delete: async (...keys) =>
      Promise.resolve().then(() => keys.forEach((key) => entries.delete(key))),
    increment: async (key, ttlMs) => {
      const count = Number(textOf(key) ?? 0) + 1;
      const until = entries.get(key)?.until ?? now() + ttlMs;
      entries.set(key, { value: String(count), until });
      return Promise.resolve({ count, ttlMs: until - now() });
    },
    readMap: async (key) => Promise.resolve(new Map(mapOf(key))),
    writeMap: async (key, fields, ttlMs) =>
      Promise.resolve().then(() => put(key, new Map([...mapOf(key), ...fields]), ttlMs)),
    replaceMap: async (key, fields, ttlMs) =>
      Promise.resolve().then(() => put(key, new Map(fields), ttlMs)),
    removeFromMap: async (key, fields) => {
      const map = mapOf(key);
      for (const field of fields) map.delete(field);
      return Promise.resolve();
    },
    ping: async () => Promise.resolve(),
  };
}

import { randomBytes } from 'node:crypto';
import type { Cache } from './cache/cache.ts';

const KEPT_MS = 365 * 24 * 3_600_000;

/**
 * What signs channel tokens. Without a setting, all instances share one that they keep in the cache: fit for development, since
 * whoever reads the cache could sign.
 */
export function channelSecret(cache: Cache, given: string | undefined): () => Promise<string> {
  if (given !== undefined) return () => Promise.resolve(given);
  return async () => {
    const known = await cache.get('channel-secret');
    if (known !== undefined) return known;
    const made = randomBytes(32).toString('base64url');
    const isOurs = await cache.setIfAbsent('channel-secret', made, KEPT_MS);
    return isOurs ? made : ((await cache.get('channel-secret')) ?? made);
  };
}

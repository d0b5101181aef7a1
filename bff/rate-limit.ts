import type { Cache } from './cache/cache.ts';
import { ApiProblem } from './problems.ts';

const WINDOW_MS = 60_000;

/** @throws {ApiProblem} 429 when somebody has asked more than `limit` times within the minute */
export async function limitRate(
  cache: Cache,
  what: string,
  who: string,
  limit: number,
): Promise<void> {
  const { count, ttlMs } = await cache.increment(`rate:${what}:${who}`, WINDOW_MS);
  if (count <= limit) return;
  const retryAfterS = Math.max(1, Math.ceil(ttlMs / 1000));
  throw new ApiProblem(429, `too many requests, please wait ${retryAfterS} s`, { retryAfterS });
}

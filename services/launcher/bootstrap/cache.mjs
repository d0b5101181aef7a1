import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { withLock } from './lock.mjs';

/** Where downloads are kept between runs and shared between clones: an absolute path. */
export function cacheFolder(env = process.env) {
  if (env.KAFKA_ALERT_CACHE) return path.resolve(env.KAFKA_ALERT_CACHE);
  const base = env.XDG_CACHE_HOME || path.join(homedir(), '.cache');
  return path.resolve(base, 'kafka-alert');
}

/**
 * The folder `name` of the cache, filled by `fill(folder)` when it is not there yet. It appears whole
 * or not at all: it is filled under another name and renamed, and a lock makes a second launcher wait
 * for the first instead of downloading the same again.
 */
export async function cached(name, fill, cache = cacheFolder()) {
  const folder = path.join(cache, name);
  if (existsSync(folder)) return folder;
  mkdirSync(cache, { recursive: true });
  await withLock(path.join(cache, `${name}.lock`), async () => {
    if (existsSync(folder)) return;
    // Whoever held the lock before was killed in the middle.
    const left = readdirSync(cache).filter((each) => each.startsWith(`.partial-${name}-`));
    for (const each of left) rmSync(path.join(cache, each), { recursive: true, force: true });
    const partial = path.join(cache, `.partial-${name}-${randomUUID()}`);
    mkdirSync(partial);
    try {
      await fill(partial);
      renameSync(partial, folder);
    } finally {
      rmSync(partial, { recursive: true, force: true });
    }
  });
  return folder;
}

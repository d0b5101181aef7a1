import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { cached, cacheFolder } from './cache.mjs';

let cache: string;
beforeEach(() => (cache = mkdtempSync(path.join(tmpdir(), 'kafka-alert-cache-'))));
afterEach(() => rmSync(cache, { recursive: true, force: true }));

function fill(folder: string): Promise<void> {
  writeFileSync(path.join(folder, 'file'), 'x');
  return Promise.resolve();
}

test('where the cache is', () => {
  expect(cacheFolder({ KAFKA_ALERT_CACHE: '/a', XDG_CACHE_HOME: '/b' })).toBe('/a');
  expect(cacheFolder({ XDG_CACHE_HOME: '/b' })).toBe('/b/kafka-alert');
  expect(cacheFolder({})).toMatch(/\/\.cache\/kafka-alert$/);
});

test('several at once fill it once', async () => {
  let fills = 0;
  const count = (folder: string): Promise<void> => {
    fills++;
    return fill(folder);
  };
  const folders = await Promise.all([1, 2, 3].map(() => cached('tool', count, cache)));
  expect(new Set(folders)).toEqual(new Set([path.join(cache, 'tool')]));
  expect(fills).toBe(1);
});

test('a fill that fails leaves nothing behind, and the next one is tried', async () => {
  const broken = async (folder: string): Promise<void> => {
    await fill(folder);
    throw new Error('connection lost');
  };
  await expect(cached('tool', broken, cache)).rejects.toThrow('connection lost');
  expect(readdirSync(cache)).toEqual([]);
  expect(existsSync(path.join(await cached('tool', fill, cache), 'file'))).toBe(true);
});

test('what a killed launcher left half-filled is swept away', async () => {
  mkdirSync(path.join(cache, '.partial-tool-1234'));
  await cached('tool', fill, cache);
  expect(readdirSync(cache)).toEqual(['tool']);
});

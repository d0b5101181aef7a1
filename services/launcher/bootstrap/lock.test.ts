import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { holderOf, tryLock, withLock } from './lock.mjs';

const folder = mkdtempSync(path.join(tmpdir(), 'kafka-alert-lock-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The id of a process that is gone. */
function deadPid(): number {
  return spawnSync(process.execPath, ['-e', '']).pid;
}

test('whoever comes second is told who holds it', () => {
  const file = path.join(folder, 'a/lock');
  const lock = tryLock(file);
  expect(tryLock(file)).toEqual({ heldBy: process.pid });
  lock.release?.();
  expect(holderOf(file)).toBeUndefined();
  expect(tryLock(file).release).toBeDefined();
});

test('the lock of a process that is gone is taken over, and nothing is left lying about', () => {
  const file = path.join(folder, 'stale');
  writeFileSync(file, String(deadPid()));
  const lock = tryLock(file);
  expect(holderOf(file)).toBe(process.pid);
  lock.release?.();
  expect(readdirSync(folder).filter((name) => name.startsWith('stale'))).toEqual([]);
});

test('a lock that was cut short is nobody’s', () => {
  const file = path.join(folder, 'empty');
  writeFileSync(file, '');
  expect(tryLock(file).release).toBeDefined();
});

test('withLock lets one in at a time, and out of a failure, too', async () => {
  const file = path.join(folder, 'turns');
  let inside = 0;
  const turn = async (): Promise<void> => {
    expect(++inside).toBe(1);
    await new Promise((resolve) => setImmediate(resolve));
    inside--;
  };
  await Promise.all([withLock(file, turn), withLock(file, turn), withLock(file, turn)]);
  await expect(withLock(file, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  expect(existsSync(file)).toBe(false);
});

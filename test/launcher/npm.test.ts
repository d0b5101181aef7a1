import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { allGone, eventually, LauncherProcess } from './processes.ts';

let folder: string;
let npm: LauncherProcess;
let left: number[];

/** npm, a shell, the bootstrap, the launcher, the keeper and Redis: each started by the one before. */
beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'kafka-alert-npm-'));
  const args = ['--native', '--only', 'redis', '--data', path.join(folder, 'data')];
  npm = new LauncherProcess('npm', ['run', '--silent', 'infra', '--', ...args]);
  await eventually('a line on stdout', () => npm.stdout.endsWith('\n'));
  left = npm.descendants();
});

afterEach(async () => {
  npm.signal('SIGTERM');
  await eventually('all gone', () => allGone(left));
  rmSync(folder, { recursive: true, force: true });
});

test('npm run infra says nothing on stdout but its addresses', () => {
  expect(Object.keys(JSON.parse(npm.stdout) as object)).toEqual(['REDIS_URL']);
});

test.each(['SIGKILL', 'SIGTERM'] as const)('%s of npm ends everything below it', async (signal) => {
  npm.signal(signal);
  await eventually('everything below npm gone', () => allGone(left));
  expect(left.length).toBeGreaterThanOrEqual(4);
});

test('kill -9 of the process that npm started ends everything below that', async () => {
  const bootstrap = left.find((pid) => /^\S*node \S*bootstrap\.mjs/.test(npm.commandOf(pid)))!;
  process.kill(bootstrap, 'SIGKILL');
  await eventually('everything gone', () => allGone(left));
});

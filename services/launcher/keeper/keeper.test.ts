import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { holderOf, isAlive } from '../bootstrap/lock.mjs';
import { Keeper } from './keeper-client.ts';
import { runTool } from './run-tool.ts';

let folder: string;
let keeper: Keeper;

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'kafka-alert-keeper-'));
  keeper = await Keeper.in(folder);
});
afterEach(async () => {
  await keeper.close();
  rmSync(folder, { recursive: true, force: true });
});

function shell(script: string) {
  const env = { PATH: process.env['PATH'] ?? '' };
  return { file: 'sh', args: ['-c', script], env, cwd: folder, logFile: path.join(folder, 'log') };
}

test('a program’s end and output are told', async () => {
  const kept = await keeper.spawn(shell('echo hello; exit 3'));
  expect(await kept.exited).toEqual({ code: 3, signal: null });
  expect(readFileSync(path.join(folder, 'log'), 'utf8')).toBe('hello\n');
});

test('a program that does not exist is an error', async () => {
  await expect(keeper.spawn({ ...shell(''), file: 'no-such-program' })).rejects.toThrow(
    'no-such-program',
  );
});

test('a leader’s end ends what it started', async () => {
  const kept = await keeper.spawn(shell('sleep 600 & echo $! > pid'));
  await kept.exited;
  const pid = Number(readFileSync(path.join(folder, 'pid'), 'utf8'));
  await expect.poll(() => isAlive(pid)).toBe(false);
});

test('closing ends what runs, also what does not listen, and cleans up', async () => {
  const data = path.join(folder, 'data');
  mkdirSync(data);
  keeper.removeAtEnd(data);
  keeper.runAtEnd('touch', [path.join(folder, 'touched')]);
  const deaf = await keeper.spawn(shell('trap "" TERM; sleep 600 & wait; sleep 600'));
  const kept = await keeper.spawn(shell('exec sleep 600'));
  await keeper.close();
  expect([isAlive(deaf.pid), isAlive(kept.pid)]).toEqual([false, false]);
  expect(await kept.exited).toEqual({ code: null, signal: 'SIGTERM' });
  expect(existsSync(data)).toBe(false);
  expect(existsSync(path.join(folder, 'touched'))).toBe(true);
  await expect(keeper.spawn(shell('true'))).rejects.toThrow('all is stopping');
});

test('when the keeper itself is killed, the launcher ends what it ran', async () => {
  const kept = await keeper.spawn(shell('exec sleep 600'));
  process.kill(holderOf(path.join(folder, 'keeper.pid'))!, 'SIGKILL');
  expect(await kept.exited).toEqual({ code: null, signal: 'SIGKILL' });
  await expect.poll(() => isAlive(kept.pid)).toBe(false);
});

test('a tool that fails does so with its last words', async () => {
  const lines: string[] = [];
  await runTool(keeper, shell('echo fine'), { onLine: (line) => lines.push(line) });
  const failing = runTool(keeper, shell('echo no space left; exit 2'), { hint: 'Make room.' });
  await expect(failing).rejects.toThrow(/ended with code 2:.*no space left\nMake room\.$/s);
});

test('the pid file is gone in the end', async () => {
  await keeper.close();
  expect(existsSync(path.join(folder, 'keeper.pid'))).toBe(false);
});

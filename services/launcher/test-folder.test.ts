import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { testFolder } from './test-folder.ts';

test('folders of runs that are gone are removed, others stay', () => {
  const local = mkdtempSync(path.join(tmpdir(), 'kafka-alert-local-'));
  const dead = path.join(local, `test-${spawnSync(process.execPath, ['-e', '']).pid}-aa`);
  const living = path.join(local, `test-${process.pid}-bb`);
  const start = path.join(local, 'start');
  for (const folder of [dead, living, start]) mkdirSync(folder);
  expect(path.dirname(testFolder(local))).toBe(local);
  expect(testFolder(local)).not.toBe(testFolder(local));
  expect([dead, living, start].map((folder) => existsSync(folder))).toEqual([false, true, true]);
  rmSync(local, { recursive: true });
});

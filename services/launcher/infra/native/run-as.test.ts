import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { canEnter } from './run-as.ts';

test('a folder below a closed one can’t be entered by others', () => {
  const home = mkdtempSync(path.join(tmpdir(), 'kafka-alert-home-'));
  const folder = path.join(home, 'data');
  mkdirSync(folder, { mode: 0o755 });
  chmodSync(home, 0o700);
  expect(canEnter(folder)).toBe(false);
  chmodSync(home, 0o755);
  expect(canEnter(folder)).toBe(true);
  rmSync(home, { recursive: true });
});

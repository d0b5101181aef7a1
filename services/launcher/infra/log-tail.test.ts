import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { lastLines, rotate } from './log-tail.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'kafka-alert-log-'));
const file = path.join(folder, 'a.log');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('the last lines, without empty ones', () => {
  writeFileSync(file, 'one\n\ntwo\r\nthree\n');
  expect(lastLines(file, 2)).toEqual(['two', 'three']);
  expect(lastLines(path.join(folder, 'none.log'))).toEqual([]);
});

test('of a long log only the end is read', () => {
  writeFileSync(file, `${'x'.repeat(1_000_000)}\nlast\n`);
  expect(lastLines(file, 1)).toEqual(['last']);
});

test('the log of the run before is kept', () => {
  writeFileSync(file, 'before');
  rotate(file);
  rotate(file);
  expect(existsSync(file)).toBe(false);
  expect(readFileSync(`${file}.1`, 'utf8')).toBe('before');
});

import { appendFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Entry } from './domain/events.ts';
import { Journal } from './journal.ts';

const first: Entry = { kind: 'faults', atMs: 1, scope: 'ORD-1', set: { webhook: { lost: true } } };
const second: Entry = { kind: 'fault used', atMs: 2, scope: null };
const third: Entry = {
  kind: 'payment',
  atMs: 3,
  merchantPaymentId: '注文-1',
  events: [{ type: 'CodeDeleted' }],
};

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'paypay-sandbox-'));
  path = join(folder, 'paypay-sandbox', 'journal.jsonl');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('has what was appended, in its order', () => {
  write(first, second);
  write(third);
  expect(read().entries).toEqual([first, second, third]);
});

test('drops a torn last line, says so, and goes on behind the last whole one', async () => {
  write(first);
  for (const torn of ['{"kind":"fau', '{}', JSON.stringify(third)]) {
    await appendFile(path, torn);
    const { entries, warnings } = read();
    expect(entries).toEqual([first]);
    expect(warnings).toEqual([`${path}:2: the last line is torn: dropped`]);
  }
  write(second);
  expect(read()).toEqual({ entries: [first, second], warnings: [] });
});

test('a character cut in two is a torn line as any other', async () => {
  write(first);
  const line = Buffer.from(JSON.stringify(third));
  await appendFile(path, line.subarray(0, line.indexOf('注') + 1));
  expect(read().entries).toEqual([first]);
});

test('does not start with a broken line, and names it', async () => {
  await mkdir(join(folder, 'paypay-sandbox'));
  const good = JSON.stringify(first);
  for (const broken of ['{"kind":', '', '{"kind":"other"}', '{"kind":"fault used","atMs":1}']) {
    await writeFile(path, `${good}\n${broken}\n${good}\n`);
    expect(() => read()).toThrow(`${path}:2: can't be used`);
  }
});

test('what can not be applied is a broken line, too', () => {
  write(first, second);
  const apply = (entry: Entry) => {
    if (entry.atMs === 2) throw new Error('not after this');
  };
  expect(() => Journal.open(path, apply, { warn: () => undefined })).toThrow(
    `${path}:2: can't be used: not after this`,
  );
});

test('is not well when another one writes, or the file is gone', async () => {
  const journal = Journal.open(path, () => undefined, { warn: () => undefined });
  journal.append(first);
  expect(journal.check()).toBeUndefined();
  await appendFile(path, 'x');
  expect(journal.check()).toContain('another process');
  await rm(path);
  expect(journal.check()).toContain('was deleted');
  journal.close();
});

test('says when it can not write, and which file', async () => {
  const journal = Journal.open(path, () => undefined, { warn: () => undefined });
  journal.close();
  expect(() => {
    journal.append(first);
  }).toThrow(`${path} can't be written`);
  expect(await readFile(path, 'utf8')).toBe('');
});

function write(...entries: Entry[]): void {
  const journal = Journal.open(path, () => undefined, { warn: () => undefined });
  for (const entry of entries) journal.append(entry);
  journal.close();
}

function read(): { entries: Entry[]; warnings: string[] } {
  const entries: Entry[] = [];
  const warnings: string[] = [];
  const warn = (_: unknown, text?: string) => void warnings.push(text ?? '');
  Journal.open(path, (entry) => entries.push(entry), { warn }).close();
  return { entries, warnings };
}

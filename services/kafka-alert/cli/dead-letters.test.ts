import { expect, test } from 'vitest';
import type { DeadLetter } from '#kit';
import { DeadLetterPrinter } from './dead-letters.ts';
import { fakeIo } from './testing/fake-io.ts';

const letter: DeadLetter = {
  partition: 1,
  offset: 7,
  writtenAt: Date.UTC(2024, 1, 1, 12, 6),
  kind: 'deserialize',
  task: '0_3',
  node: 'orders-source',
  exception: 'DeserializationError',
  reason: 'no schema 12\nof the registry',
  origin: { topic: 'orders', partition: 3, offset: 42, timestamp: 5 },
  key: Buffer.from('ORD-1'),
  value: Buffer.from([0]),
  headers: {},
  attempts: 2,
  isReference: false,
};
const timer: DeadLetter = { ...letter, kind: 'timer', node: 'watch', origin: undefined, key: null };

function printed(letters: readonly DeadLetter[], isTTY: boolean, json = false): string[] {
  const io = fakeIo({ isTTY, env: { NO_COLOR: '1' } });
  const printer = new DeadLetterPrinter({ json }, io);
  for (const each of letters) printer.print(each);
  return io.written.out.trimEnd().split('\n');
}

test('on a terminal, a table with one head', () => {
  const [head, first, second, ...rest] = printed([letter, timer], true);
  expect(head).toMatch(/^written \(UTC\) +failed at +sent +from +key +reason$/);
  expect(first).toMatch(/^2024-02-01 12:06:00 +deserialize +2 +orders-3@42 +ORD-1 +no schema 12$/);
  expect(second).toMatch(/^2024-02-01 12:06:00 +timer +2 +timer of watch +no schema 12$/);
  expect(rest).toEqual([]);
});

test('elsewhere, and with --json, an object a line', () => {
  const expected = {
    ...{ topic: 'orders', partition: 3, offset: 42, key: 'ORD-1', kind: 'deserialize' },
    ...{ node: 'orders-source', task: '0_3', exception: 'DeserializationError' },
    reason: 'no schema 12\nof the registry',
    writtenAt: '2024-02-01T12:06:00.000Z',
    attempts: 2,
    deadLetter: { partition: 1, offset: 7 },
  };
  for (const lines of [printed([letter, timer], false), printed([letter, timer], true, true)]) {
    const [first, second] = lines.map((line) => JSON.parse(line) as object);
    expect(first).toEqual(expected);
    expect(second).toMatchObject({ topic: null, partition: null, offset: null, key: null });
  }
});

test('a key or a reason can not move the cursor of a terminal', () => {
  const [, row] = printed([{ ...letter, key: Buffer.from('\u001b[2J'), reason: 'a\u001bb' }], true);
  expect(row).not.toContain('\u001b');
});

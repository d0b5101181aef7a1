import { expect, test } from 'vitest';
import { deadLetterHeaders, readDeadLetter, withoutContent } from './dead-letter.ts';

const raw = {
  offset: 7,
  timestamp: 5,
  key: Buffer.from('key'),
  value: Buffer.from('value'),
  headers: { own: 'y'.repeat(900), '__streams.requeue.attempts': '2' },
};
const cause = { kind: 'record', topic: 'in', raw } as const;
const where = { task: '0_3', partition: 3 };

function headersOf(message: string) {
  const failure = { kind: 'process', node: { name: 'double' }, error: new Error(message) } as const;
  return deadLetterHeaders(cause, failure, where);
}

test('without its content a dead letter says where its record is, and how much there is of it', () => {
  const { key, value } = raw;
  const letter = { topic: 'app-dead-letter', key, value, headers: headersOf('why '.repeat(500)) };
  const reference = withoutContent(letter)!;
  expect(reference).toMatchObject({ topic: 'app-dead-letter', key: null, value: null });
  expect(reference.headers).not.toHaveProperty('own');
  expect(reference.headers).toMatchObject({
    '__streams.errors.message': 'why '.repeat(128),
    '__streams.errors.topic': 'in',
    '__streams.errors.partition': '3',
    '__streams.errors.offset': '7',
    '__streams.errors.omitted': '8',
    '__streams.requeue.attempts': '2',
  });
  expect(withoutContent(reference)).toBe(undefined);
});

test('is read back as it was written', () => {
  const { key, value } = raw;
  const written = { offset: 40, timestamp: 50, key, value, headers: headersOf('why') };
  const letter = readDeadLetter(1, written);
  expect(letter).toEqual({
    ...{ partition: 1, offset: 40, writtenAt: 50, key, value, headers: raw.headers },
    ...{ kind: 'process', task: '0_3', node: 'double', exception: 'Error', reason: 'why' },
    origin: { topic: 'in', partition: 3, offset: 7, timestamp: 5 },
    ...{ attempts: 2, isReference: false },
  });
  const reference = withoutContent({ topic: 'app-dead-letter', ...written })!;
  expect(readDeadLetter(1, { ...written, ...reference })).toEqual({
    ...letter,
    ...{ key: null, value: null, isReference: true },
    headers: { '__streams.requeue.attempts': '2' },
  });
  expect(readDeadLetter(1, { ...written, headers: raw.headers })).toBe(undefined);
});

test('of a timer it has come from no record', () => {
  const timer = { kind: 'timer', node: 'watch', key: Buffer.from('k'), at: 5 } as const;
  const failure = { kind: 'timer', node: { name: 'watch' }, error: 'no error object' } as const;
  const headers = deadLetterHeaders(timer, failure, where);
  const letter = readDeadLetter(0, { ...raw, headers });
  expect(letter).toMatchObject({ kind: 'timer', node: 'watch', reason: 'no error object' });
  expect(letter!.origin).toBe(undefined);
});

test('an error that quotes a whole record is told in part', () => {
  const headers = headersOf('x'.repeat(1_000_000));
  expect(JSON.stringify(headers).length).toBeLessThan(20_000);
});

import { expect, test } from 'vitest';
import { deadLetterHeaders, withoutContent } from './dead-letter.ts';

const raw = {
  offset: 7,
  timestamp: 5,
  key: Buffer.from('key'),
  value: Buffer.from('value'),
  headers: { own: 'y'.repeat(900) },
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
  });
  expect(withoutContent(reference)).toBe(undefined);
});

test('an error that quotes a whole record is told in part', () => {
  const headers = headersOf('x'.repeat(1_000_000));
  expect(JSON.stringify(headers).length).toBeLessThan(20_000);
});

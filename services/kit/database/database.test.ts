import { expect, test } from 'vitest';
import { isUnavailable, openDatabase } from './database.ts';

test.each(['ECONNREFUSED', 'PROTOCOL_CONNECTION_LOST', 'ETIMEDOUT', 'ER_LOCK_DEADLOCK'])(
  '%s passes',
  (code) => {
    expect(isUnavailable(coded(code))).toBe(true);
    expect(isUnavailable(new Error('query failed', { cause: coded(code) }))).toBe(true);
  },
);

test.each(['ER_PARSE_ERROR', 'ER_DUP_ENTRY', 'ERR_INVALID_ARG_TYPE'])('%s stays', (code) => {
  expect(isUnavailable(coded(code))).toBe(false);
});

test('a pool that is full passes, an error of the program does not', () => {
  expect(isUnavailable(new Error('Queue limit reached.'))).toBe(true);
  expect(isUnavailable(new TypeError('x is not a function'))).toBe(false);
});

test('nobody there: DOWN, and what is asked is not available', async () => {
  const database = openDatabase({ url: 'mysql://shop:shop@127.0.0.1:1/shop', connections: 1 });
  expect((await database.health()).status).toBe('DOWN');
  const asked = database.transaction((tx) => tx.execute('SELECT 1'));
  expect(await asked.then(() => 'answered', isUnavailable)).toBe(true);
  await database.close();
});

function coded(code: string): Error {
  return Object.assign(new Error(code), { code });
}

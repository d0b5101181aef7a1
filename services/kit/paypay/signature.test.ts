import { expect, test } from 'vitest';
import { authorization, hashOf, macOf, readAuthorization } from './signature.ts';

const keys = { apiKey: 'sample_key', apiSecret: 'sample_secret' };
const post = { method: 'POST', path: '/v2/codes', contentType: 'application/json' };

test('the signature is the one of the documented example', () => {
  const hash = 'T9wzkv1tUWIxzIHQUT7iDQ==';
  const mac = macOf(keys.apiSecret, { ...post, body: '…' }, hash, 1743138611, 'fedaa4');
  expect(mac).toBe('C2a7jD7OjL1DXnZhSYQfRI2Oxfdh43htV7pG8cwgCy4=');
});

test('without a body content type and hash are "empty"', () => {
  expect(hashOf({ method: 'GET', path: '/v2/codes/payments/1' })).toBe('empty');
});

test('a header can be read again', () => {
  const header = authorization(keys, { ...post, body: '{"a":1}' }, 1743138611, 'fedaa4');
  expect(readAuthorization(header)).toEqual({
    apiKey: 'sample_key',
    mac: macOf(
      keys.apiSecret,
      { ...post, body: '{"a":1}' },
      header.split(':').at(-1)!,
      1743138611,
      'fedaa4',
    ),
    nonce: 'fedaa4',
    epochSeconds: 1743138611,
    hash: hashOf({ ...post, body: '{"a":1}' }),
  });
  expect(readAuthorization('Bearer x')).toBeUndefined();
  expect(readAuthorization(undefined)).toBeUndefined();
});

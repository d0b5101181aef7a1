import { expect, test } from 'vitest';
import { authorization, hashOf, macOf, type SignedParts } from '#kit';
import { whatIsWrongWith } from './signature-check.ts';

const keys = { apiKey: 'key', apiSecret: 'secret' };
const NOW_S = 1_700_000_000;
const post: SignedParts = {
  method: 'POST',
  path: '/v2/codes',
  body: '{"a":1}',
  contentType: 'application/json',
};

test('takes what is signed, with and without a body', () => {
  expect(check(authorization(keys, post, NOW_S), post)).toBeUndefined();
  const get = { method: 'GET', path: '/v2/codes/payments/ORD-1-1' };
  expect(check(authorization(keys, get, NOW_S), get)).toBeUndefined();
  // A content type without a body is not signed.
  const typed = { ...get, contentType: 'application/json' };
  expect(check(authorization(keys, get, NOW_S), typed)).toBeUndefined();
});

test('the MAC that is checked is the documented example’s', () => {
  const hash = 'T9wzkv1tUWIxzIHQUT7iDQ==';
  const mac = 'C2a7jD7OjL1DXnZhSYQfRI2Oxfdh43htV7pG8cwgCy4=';
  expect(macOf('sample_secret', post, hash, 1_743_138_611, 'fedaa4')).toBe(mac);
  const header = `hmac OPA-Auth:sample_key:${mac}:fedaa4:1743138611:${hash}`;
  const sample = { apiKey: 'sample_key', apiSecret: 'sample_secret' };
  // Its body is another one than this: all but the hash is right.
  expect(whatIsWrongWith(header, post, sample, 1_743_138_611_000)).toContain('hash');
});

test('refuses what is missing, or of another kind', () => {
  for (const header of [undefined, '', 'Bearer x', 'hmac OPA-Auth:key:mac']) {
    expect(check(header, post)).toContain('Authorization');
  }
});

test('refuses another key, secret, body, content type, path or method', () => {
  const header = authorization(keys, post, NOW_S);
  expect(check(authorization({ ...keys, apiKey: 'k' }, post, NOW_S), post)).toContain('key');
  const otherSecret = authorization({ ...keys, apiSecret: 's' }, post, NOW_S);
  expect(check(otherSecret, post)).toContain('signature');
  expect(check(header, { ...post, body: '{"a":2}' })).toContain('hash');
  expect(check(header, { ...post, contentType: 'application/json;charset=UTF-8' })).toContain(
    'hash',
  );
  expect(check(header, { ...post, body: undefined })).toContain('hash');
  expect(check(header, { ...post, path: '/v2/refunds' })).toContain('signature');
  expect(check(header, { ...post, method: 'DELETE' })).toContain('signature');
});

test('takes two minutes of difference, and no more', () => {
  for (const [secondsOff, taken] of [
    [-121, false],
    [-120, true],
    [120, true],
    [121, false],
    [Number.NaN, false],
  ] as const) {
    const wrong = check(authorization(keys, post, NOW_S + secondsOff), post);
    if (taken) expect(wrong).toBeUndefined();
    else expect(wrong).toContain('2 minutes');
  }
});

test('a shorter MAC is a wrong one, not an error', () => {
  const header = `hmac OPA-Auth:key:x:n:${String(NOW_S)}:${hashOf(post)}`;
  expect(check(header, post)).toContain('signature');
});

function check(header: string | undefined, parts: SignedParts): string | undefined {
  return whatIsWrongWith(header, parts, keys, NOW_S * 1_000);
}

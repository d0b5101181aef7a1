import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CHANNEL_TOKEN_MS, issueChannelToken, readChannelToken } from './channel-token.ts';

const NOW = 1_000_000;
const SECRET = 'one secret';
const wanted = { accountId: 'acc-1', orderNo: 'ORD-1', session: 'hash' };
const issue = () => issueChannelToken(wanted, SECRET, NOW).channelToken;

test('opens what it was made for, for a minute', () => {
  const token = issue();
  expect(readChannelToken(token, wanted, SECRET, NOW)).toMatchObject(wanted);
  expect(readChannelToken(token, wanted, SECRET, NOW + CHANNEL_TOKEN_MS - 1)).toBeDefined();
  expect(readChannelToken(token, wanted, SECRET, NOW + CHANNEL_TOKEN_MS)).toBeUndefined();
  expect(issue()).not.toBe(token);
});

test.each(['accountId', 'orderNo', 'session'])('opens nothing with another %s', (field) => {
  expect(readChannelToken(issue(), { ...wanted, [field]: 'x' }, SECRET, NOW)).toBeUndefined();
});

test('a token that was altered anywhere, or signed by others, opens nothing', () => {
  const token = issue();
  fc.assert(
    fc.property(fc.nat(token.length - 1), fc.string({ minLength: 1 }), (at, put) => {
      const altered = token.slice(0, at) + put + token.slice(at + put.length);
      fc.pre(altered !== token);
      expect(readChannelToken(altered, wanted, SECRET, NOW)).toBeUndefined();
    }),
  );
  fc.assert(
    fc.property(fc.string(), (secret) => {
      fc.pre(secret !== SECRET);
      const forged = issueChannelToken(wanted, secret, NOW).channelToken;
      expect(readChannelToken(forged, wanted, SECRET, NOW)).toBeUndefined();
      expect(readChannelToken(secret, wanted, SECRET, NOW)).toBeUndefined();
    }),
  );
});

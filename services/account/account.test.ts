import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { topics } from '#schemas';
import { eventOf, evolve, registered, type Change } from './account.ts';
import { ROLES } from './values.ts';

const NOW = Date.UTC(2026, 10, 1);
const trace = { 'correlation-id': 'req-1' };
const context = { now: NOW, trace };
const hana = registered(
  {
    accountId: 'acc-1',
    email: 'hana@example.jp',
    displayName: 'Hana',
    roles: ['shopper'],
    passwordHash: '$argon2id$v=19$secret',
  },
  context,
);

const anyChange: fc.Arbitrary<Change> = fc.oneof(
  fc.record(
    {
      type: fc.constant('EDIT' as const),
      displayName: fc.constantFrom('Hana', 'Hanako'),
      passwordHash: fc.constantFrom('$argon2id$v=19$secret', '$argon2id$v=19$other'),
    },
    { requiredKeys: ['type'] },
  ),
  fc.record({
    type: fc.constant('SET_ROLES' as const),
    roles: fc.subarray([...ROLES], { minLength: 1 }),
  }),
  fc.constant({ type: 'CLOSE' } as const),
);

test('is REGISTERED first, CHANGED afterwards, CLOSED in the end', () => {
  expect(eventOf(hana)).toEqual({
    accountId: 'acc-1',
    type: 'REGISTERED',
    email: 'hana@example.jp',
    displayName: 'Hana',
    roles: ['shopper'],
    version: 1,
    occurredAt: NOW,
  });
  const renamed = evolve(hana, { type: 'EDIT', displayName: 'Hanako' }, later(5));
  expect(eventOf(renamed)).toMatchObject({
    type: 'CHANGED',
    displayName: 'Hanako',
    version: 2,
    occurredAt: NOW + 5,
  });
  const closed = evolve(renamed, { type: 'CLOSE' }, later(9));
  expect(eventOf(closed)).toMatchObject({ type: 'CLOSED', version: 3, occurredAt: NOW + 9 });
});

test('closing leaves nothing of the person, and frees the e-mail', () => {
  const closed = evolve(hana, { type: 'CLOSE' }, later(1));
  expect(JSON.stringify(closed)).not.toMatch(/hana|secret/i);
  expect(closed.email).toBe('acc-1@closed.invalid');
});

test('what changes nothing is no change', () => {
  expect(evolve(hana, { type: 'EDIT', displayName: 'Hana' }, later(1))).toBe(hana);
  expect(evolve(hana, { type: 'SET_ROLES', roles: ['shopper'] }, later(1))).toBe(hana);
  const closed = evolve(hana, { type: 'CLOSE' }, later(1));
  expect(evolve(closed, { type: 'CLOSE' }, later(2))).toBe(closed);
});

describe('any history', () => {
  test('versions count up by one, times never go back, closed is the end', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(anyChange, fc.integer({ min: -9, max: 9 }))), (history) => {
        let account = hana;
        for (const [change, ms] of history) {
          const next = evolve(account, change, later(ms));
          if (next === account) continue;
          expect(account.closedAt).toBeNull();
          expect(next.version).toBe(account.version + 1);
          expect(next.changedAt).toBeGreaterThanOrEqual(account.changedAt);
          account = next;
        }
      }),
    );
  });

  test('no event has anything of a password', () => {
    fc.assert(
      fc.property(fc.array(anyChange), (history) => {
        const account = history.reduce((at, change) => evolve(at, change, later(1)), hana);
        const bytes = topics.accountEvent.value.encode(eventOf(account));
        expect(bytes.includes('argon2')).toBe(false);
      }),
    );
  });
});

function later(ms: number) {
  return { now: NOW + ms, trace };
}

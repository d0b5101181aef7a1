import { inspect } from 'node:util';
import { beforeEach, describe, expect, test } from 'vitest';
import { evolve, registered, type AccountRecord } from '../account.ts';
import { EmailTaken } from '../errors.ts';
import type { AccountRepository } from '../repository.ts';

const NOW = Date.UTC(2026, 10, 1);
const trace = {
  'correlation-id': 'req-1',
  traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
};

/** What every repository of accounts does. @param empty one without accounts, for each test */
export function repositorySuite(name: string, empty: () => Promise<AccountRepository>): void {
  describe(`accounts ${name}`, () => {
    let accounts: AccountRepository;
    beforeEach(async () => {
      accounts = await empty();
    });

    test('are found as they were added', async () => {
      const hana = account('hana', { displayName: '花 👩‍🚀', roles: ['shopper', 'operator'] });
      await accounts.add(hana);
      expect(await accounts.find(hana.accountId)).toEqual(hana);
      expect(await accounts.findByEmail(hana.email)).toEqual(hana);
      expect(await accounts.find('acc-nobody')).toBeUndefined();
      expect(await accounts.findByEmail('nobody@example.jp')).toBeUndefined();
    });

    test('what goes wrong does not tell the hash', async () => {
      const tooLong = account('hana', {
        passwordHash: '$argon2id$secret',
        displayName: 'x'.repeat(99),
      });
      const error: unknown = await accounts.add(tooLong).catch((thrown: unknown) => thrown);
      expect(inspect(error, { depth: 9 })).not.toContain('secret');
    });

    test('e-mails differ by their bytes, and not by what a collation thinks of them', async () => {
      await accounts.add(account('jose'));
      await accounts.add(account('josé'));
      await expect(accounts.add(account('jose', { accountId: 'acc-2' }))).rejects.toThrow(
        EmailTaken,
      );
      expect(await accounts.findByEmail('JOSE@example.jp')).toBeUndefined();
    });

    test('of 50 with one e-mail at once, one is added', async () => {
      const all = Array.from({ length: 50 }, (_, i) => account('hana', { accountId: `acc-${i}` }));
      const added = await Promise.allSettled(all.map((each) => accounts.add(each)));
      const refused = added.filter((each) => each.status === 'rejected');
      expect(refused).toHaveLength(49);
      for (const { reason } of refused) expect(reason).toBeInstanceOf(EmailTaken);
      expect(await accounts.countUnpublished()).toBe(1);
    });

    test('a change is made of what is there', async () => {
      const hana = account('hana');
      await accounts.add(hana);
      const closed = await accounts.change(hana.accountId, (current) => {
        expect(current).toEqual(hana);
        return evolve(current, { type: 'CLOSE' }, { now: NOW + 1, trace });
      });
      expect(closed?.closedAt).toBe(NOW + 1);
      expect(await accounts.find(hana.accountId)).toEqual(closed);
      await accounts.add(account('hana', { accountId: 'acc-2' })); // the e-mail is free
      expect(await accounts.change('acc-nobody', (current) => current)).toBeUndefined();
    });

    test('a change that is refused, or none, leaves what is there', async () => {
      const hana = account('hana');
      await accounts.add(hana);
      const refused = accounts.change(hana.accountId, () => {
        throw new Error('no');
      });
      await expect(refused).rejects.toThrow('no');
      expect(await accounts.change(hana.accountId, (current) => current)).toEqual(hana);
      expect(await accounts.find(hana.accountId)).toEqual(hana);
    });

    test('20 changes at once are made one after the other', async () => {
      const hana = account('hana');
      await accounts.add(hana);
      const renames = Array.from({ length: 20 }, (_, i) =>
        accounts.change(hana.accountId, (current) =>
          evolve(current, { type: 'EDIT', displayName: `Hana ${i}` }, { now: NOW + i, trace }),
        ),
      );
      const versions = (await Promise.all(renames)).map((each) => each!.version);
      expect(versions.sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i + 2));
    });

    test('another hash of the same password is no change; that of an older one is not taken', async () => {
      const hana = account('hana');
      await accounts.add(hana);
      await accounts.rehash(hana.accountId, 'another', 'wrong');
      expect(await accounts.find(hana.accountId)).toEqual(hana);
      await accounts.rehash(hana.accountId, hana.passwordHash, 'dearer');
      expect(await accounts.find(hana.accountId)).toEqual({ ...hana, passwordHash: 'dearer' });
    });

    test('wait for publication after each change, the oldest first', async () => {
      const [first, second, third] = ['first', 'second', 'third'].map((each, i) =>
        account(each, { changedAt: NOW + i }),
      ) as [AccountRecord, AccountRecord, AccountRecord];
      for (const each of [third, first, second]) await accounts.add(each);
      expect(await accounts.unpublished(2)).toEqual([first, second]);
      await accounts.markPublished([
        { accountId: first.accountId, version: 1 },
        { accountId: third.accountId, version: 1 },
      ]);
      expect(await accounts.unpublished(9)).toEqual([second]);
      const renamed = await rename(first, 'Once');
      expect(await accounts.unpublished(9)).toEqual([second, renamed]);
      expect(await accounts.countUnpublished()).toBe(2);
    });

    test('a change between publication and mark waits on; a late mark takes nothing back', async () => {
      const hana = account('hana');
      await accounts.add(hana);
      await rename(hana, 'Once');
      await accounts.markPublished([{ accountId: hana.accountId, version: 1 }]);
      expect((await accounts.unpublished(9)).map(({ version }) => version)).toEqual([2]);
      await accounts.markPublished([{ accountId: hana.accountId, version: 2 }]);
      await accounts.markPublished([{ accountId: hana.accountId, version: 1 }]);
      expect(await accounts.countUnpublished()).toBe(0);
    });

    function rename({ accountId }: AccountRecord, displayName: string) {
      return accounts.change(accountId, (current) =>
        evolve(current, { type: 'EDIT', displayName }, { now: NOW + 60, trace }),
      );
    }
  });
}

function account(name: string, more: Partial<AccountRecord> = {}): AccountRecord {
  const values = {
    accountId: `acc-${Buffer.from(name).toString('hex')}`,
    email: `${name}@example.jp`,
    displayName: name,
    roles: ['shopper'],
    passwordHash: '$argon2id$',
  } as const;
  return { ...registered(values, { now: NOW, trace }), ...more };
}

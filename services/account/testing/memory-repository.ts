import type { AccountRecord } from '../account.ts';
import { EmailTaken } from '../errors.ts';
import type { AccountRepository } from '../repository.ts';

/** Accounts in memory: the same answers, without a database. */
export function memoryAccounts(): AccountRepository {
  const accounts = new Map<string, AccountRecord>();
  const published = new Map<string, number>();
  const waiting = () =>
    [...accounts.values()].filter(
      ({ accountId, version }) => (published.get(accountId) ?? 0) < version,
    );
  // Whoever asks goes on later, as with a database.
  const later = <T>(answer: () => T): Promise<T> => Promise.resolve().then(answer);
  return {
    add: (account) =>
      later(() => {
        if (accounts.values().some(({ email }) => email === account.email)) throw new EmailTaken();
        accounts.set(account.accountId, account);
      }),
    find: (accountId) => later(() => accounts.get(accountId)),
    findByEmail: (email) => later(() => accounts.values().find((each) => each.email === email)),
    change: (accountId, change) =>
      later(() => {
        const current = accounts.get(accountId);
        if (!current) return undefined;
        const next = change(current);
        accounts.set(accountId, next);
        return next;
      }),
    rehash: (accountId, from, to) =>
      later(() => {
        const account = accounts.get(accountId);
        if (account?.passwordHash === from)
          accounts.set(accountId, { ...account, passwordHash: to });
      }),
    unpublished: (limit) =>
      later(() =>
        waiting()
          .sort((a, b) => a.changedAt - b.changedAt)
          .slice(0, limit),
      ),
    countUnpublished: () => later(() => waiting().length),
    markPublished: (marks) =>
      later(() => {
        for (const { accountId, version } of marks)
          published.set(accountId, Math.max(published.get(accountId) ?? 0, version));
      }),
  };
}

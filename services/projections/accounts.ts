import { topics, type AccountEvent } from '#schemas';
import { tables } from '#kit';
import { migrationsOf, type Projection } from './projection.ts';
import { evolveRows } from './rows.ts';

export type AccountRow = typeof tables.accounts.$inferSelect;

export function blankAccount(accountId: string): AccountRow {
  return {
    accountId,
    email: null,
    displayName: null,
    roles: null,
    isClosed: null,
    version: null,
    changedAt: null,
  };
}

export function withAccountEvent(row: AccountRow, event: AccountEvent): AccountRow {
  if (row.version !== null && event.version <= row.version) return row;
  const { email, displayName, roles, version, occurredAt: changedAt } = event;
  const isClosed = event.type === 'CLOSED';
  return { ...row, email, displayName, roles, isClosed, version, changedAt };
}

/** Accounts as shown: credentials are not among them, they never leave the account service. */
export const accountsProjection: Projection = {
  name: 'accounts',
  topics: [topics.accountEvent],
  tables: [tables.accounts],
  migrations: migrationsOf('accounts'),
  apply: (tx, records) =>
    evolveRows(
      tx,
      tables.accounts,
      { keyColumn: tables.accounts.accountId, blank: blankAccount },
      records.map(({ key, value }) => ({
        key,
        evolve: (row) => withAccountEvent(row, value as AccountEvent),
      })),
    ),
};

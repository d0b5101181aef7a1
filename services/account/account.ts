/** An account, and how it changes: pure, so that whoever stores it can do this within a transaction. */
import type { Trace } from '#kit';
import type { AccountEvent } from '#schemas';
import type { Role } from './values.ts';

/** All that is kept of an account. */
export interface AccountRecord {
  readonly accountId: string;
  readonly email: string;
  readonly displayName: string;
  readonly roles: readonly Role[];
  /** Empty once it is closed: no password has that hash. */
  readonly passwordHash: string;
  /** Counts the changes; the sign-up is 1. */
  readonly version: number;
  readonly createdAt: number;
  readonly changedAt: number;
  readonly closedAt: number | null;
  /** Of the latest change. */
  readonly trace: Trace;
}

/** What is known when something changes. */
export interface ChangeContext {
  readonly now: number;
  readonly trace: Trace;
}

export type Change =
  | { readonly type: 'EDIT'; readonly displayName?: string; readonly passwordHash?: string }
  | { readonly type: 'SET_ROLES'; readonly roles: readonly Role[] }
  | { readonly type: 'CLOSE' };

const CLOSED_NAME = 'Closed account';

/** @param values checked, in the form that is kept */
export function registered(
  values: Pick<AccountRecord, 'accountId' | 'email' | 'displayName' | 'roles' | 'passwordHash'>,
  { now, trace }: ChangeContext,
): AccountRecord {
  return { ...values, version: 1, createdAt: now, changedAt: now, closedAt: null, trace };
}

/** The account after a change; the same object when the change changes nothing. A closed one stays as it is. */
export function evolve(
  account: AccountRecord,
  change: Change,
  { now, trace }: ChangeContext,
): AccountRecord {
  if (account.closedAt !== null) return account;
  // Clocks of instances differ; the times of one account don't go back.
  const changedAt = Math.max(now, account.changedAt);
  const next = { ...account, version: account.version + 1, changedAt, trace };
  switch (change.type) {
    case 'EDIT': {
      const { displayName = account.displayName, passwordHash = account.passwordHash } = change;
      const isSame = displayName === account.displayName && passwordHash === account.passwordHash;
      return isSame ? account : { ...next, displayName, passwordHash };
    }
    case 'SET_ROLES': {
      const isSame = change.roles.join() === account.roles.join();
      return isSame ? account : { ...next, roles: change.roles };
    }
    case 'CLOSE':
      return {
        ...next,
        // Frees the e-mail, and leaves nothing of the person.
        email: `${account.accountId}@closed.invalid`,
        displayName: CLOSED_NAME,
        passwordHash: '',
        closedAt: changedAt,
      };
  }
}

/**
 * The event of the latest state. States between two publications are skipped, so a reader takes what comes by its version:
 * the first that it sees of an account may be CHANGED, or CLOSED.
 */
export function eventOf(account: AccountRecord): AccountEvent {
  const { accountId, email, displayName, roles, version } = account;
  const type =
    account.closedAt !== null ? 'CLOSED' : account.version === 1 ? 'REGISTERED' : 'CHANGED';
  return { accountId, type, email, displayName, roles, version, occurredAt: account.changedAt };
}

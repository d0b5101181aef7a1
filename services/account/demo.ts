import { randomUUID } from 'node:crypto';
import type { Accounts } from './accounts.ts';
import { EmailTaken } from './errors.ts';
import type { Role } from './values.ts';

interface DemoAccount {
  readonly email: string;
  readonly displayName: string;
  readonly roles: readonly Role[];
}

const DEMO_ACCOUNTS: readonly DemoAccount[] = [
  { email: 'hana@example.jp', displayName: 'Hana', roles: ['shopper'] },
  { email: 'taro@example.jp', displayName: 'Taro', roles: ['shopper'] },
  { email: 'ops@example.jp', displayName: 'Operator', roles: ['shopper', 'operator'] },
];

/** Makes the accounts that a demonstration needs, as far as they are not there; those that are, get their roles. */
export async function makeDemoAccounts(accounts: Accounts, password: string): Promise<void> {
  for (const demo of DEMO_ACCOUNTS) {
    const trace = { 'correlation-id': `demo-${randomUUID()}` };
    const found =
      (await accounts.findByEmail(demo.email)) ??
      (await accounts.signUp({ ...demo, password }, trace).catch(async (error: unknown) => {
        // Another instance was faster.
        const others = error instanceof EmailTaken && (await accounts.findByEmail(demo.email));
        if (!others) throw error;
        return others;
      }));
    await accounts.setRoles(found.accountId, demo.roles, trace);
  }
}

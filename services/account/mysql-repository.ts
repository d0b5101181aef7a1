import { and, asc, count, eq, inArray, lt } from 'drizzle-orm';
import { codeOf, isUnavailable, type Database, type Migrations } from '#kit';
import type { AccountRecord } from './account.ts';
import { EmailTaken, TryLater } from './errors.ts';
import type { AccountRepository } from './repository.ts';
import { credentials } from './table.ts';

export const accountMigrations: Migrations = {
  name: 'account',
  folder: new URL('migrations/', import.meta.url),
};

const RETRY_AFTER_S = 2;
/** A connection that is cut without a word is noticed much later. */
const ANSWER_MS = 5000;

/** Accounts in MySQL or MariaDB. */
export function mysqlAccounts(database: Database): AccountRepository {
  const { db } = database;
  const findBy = async (column: 'accountId' | 'email', value: string) => {
    const rows = await db.select(RECORD).from(credentials).where(eq(credentials[column], value));
    return rows[0];
  };
  return {
    add: (account) =>
      available(async () => {
        try {
          await db.insert(credentials).values(account);
        } catch (error) {
          throw codeOf(error) === 'ER_DUP_ENTRY' ? new EmailTaken() : error;
        }
      }),
    find: (accountId) => available(() => findBy('accountId', accountId)),
    findByEmail: (email) => available(() => findBy('email', email)),
    change: (accountId, change) =>
      available(() =>
        database.transaction(async (tx) => {
          const isIt = eq(credentials.accountId, accountId);
          const rows = await tx.select(RECORD).from(credentials).where(isIt).for('update');
          const current = rows[0];
          if (!current) return undefined;
          const next = change(current);
          if (next !== current) await tx.update(credentials).set(next).where(isIt);
          return next;
        }),
      ),
    rehash: (accountId, from, to) =>
      available(async () => {
        const isSame = and(
          eq(credentials.accountId, accountId),
          eq(credentials.passwordHash, from),
        );
        await db.update(credentials).set({ passwordHash: to }).where(isSame);
      }),
    unpublished: (limit) =>
      available(() =>
        db
          .select(RECORD)
          .from(credentials)
          .where(eq(credentials.isWaiting, true))
          .orderBy(asc(credentials.changedAt))
          .limit(limit),
      ),
    countUnpublished: () =>
      available(async () => {
        const waiting = eq(credentials.isWaiting, true);
        const rows = await db.select({ count: count() }).from(credentials).where(waiting);
        return rows[0]?.count ?? 0;
      }),
    markPublished: (published) =>
      available(async () => {
        // Nearly all of them are sign-ups: one statement.
        for (const [version, same] of Map.groupBy(published, (each) => each.version)) {
          const ids = same.map(({ accountId }) => accountId).sort();
          const isBehind = and(
            inArray(credentials.accountId, ids),
            lt(credentials.publishedVersion, version),
          );
          await db.update(credentials).set({ publishedVersion: version }).where(isBehind);
        }
      }),
  };
}

const RECORD = {
  accountId: credentials.accountId,
  email: credentials.email,
  displayName: credentials.displayName,
  roles: credentials.roles,
  passwordHash: credentials.passwordHash,
  version: credentials.version,
  createdAt: credentials.createdAt,
  changedAt: credentials.changedAt,
  closedAt: credentials.closedAt,
  trace: credentials.trace,
} satisfies Record<keyof AccountRecord, unknown>;

/**
 * @throws {TryLater} when the database can't be reached, or does not answer in time
 * @throws without the statement and its values, which errors of the driver have: they would be logged
 */
async function available<T>(work: () => Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    reject(new TryLater(`the database has not answered for ${ANSWER_MS} ms`, RETRY_AFTER_S));
  }, ANSWER_MS);
  try {
    return await Promise.race([work(), late]);
  } catch (error) {
    throw withoutValues(error);
  } finally {
    clearTimeout(timer);
  }
}

function withoutValues(error: unknown): unknown {
  const code = codeOf(error);
  if (isUnavailable(error))
    return new TryLater(`the database can not be reached: ${code ?? 'too busy'}`, RETRY_AFTER_S);
  return code === undefined ? error : new Error(`the database refuses a statement: ${code}`);
}

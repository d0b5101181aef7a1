import { sql } from 'drizzle-orm';
import { bigint, boolean, customType, mysqlTable, varchar } from 'drizzle-orm/mysql-core';
import type { Trace } from '#kit';
import type { Role } from './values.ts';

/**
 * Accounts with the hashes of their passwords. Nothing of a password goes to Kafka, so this is the one table that replay can't
 * rebuild: it needs backups. `migrations/` has what it is made by.
 */
export const credentials = mysqlTable('credentials', {
  accountId: varchar('account_id', { length: 64 }).primaryKey(),
  /** In its normal form; bytes are compared, so what is one e-mail is decided in one place. */
  email: varchar('email', { length: 254 }).notNull(),
  displayName: varchar('display_name', { length: 60 }).notNull(),
  roles: json('roles').$type<readonly Role[]>().notNull(),
  passwordHash: varchar('password_hash', { length: 255 }).notNull(),
  version: whole('version'),
  publishedVersion: whole('published_version').default(0),
  createdAt: whole('created_at'),
  changedAt: whole('changed_at'),
  closedAt: bigint('closed_at', { mode: 'number' }),
  trace: json('trace').$type<Trace>().notNull(),
  /** Follows from the two versions; for the index, since two columns can't be compared in one. */
  isWaiting: boolean('is_waiting').generatedAlwaysAs(sql`published_version < version`),
});

function whole(name: string) {
  return bigint(name, { mode: 'number' }).notNull();
}

/** MySQL's driver hands over a value, MariaDB's a text. */
function json(name: string) {
  return customType<{ data: unknown; driverData: unknown }>({
    dataType: () => 'json',
    toDriver: (value) => JSON.stringify(value),
    fromDriver: (value) => (typeof value === 'string' ? (JSON.parse(value) as unknown) : value),
  })(name);
}

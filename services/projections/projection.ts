import type { MySqlTable } from 'drizzle-orm/mysql-core';
import type { AvroTopic } from '#schemas';
import type { ConsumedRecord, Db, Migrations } from '#kit';

/** A read model: tables that follow from topics. */
export interface Projection {
  /** Also what it is called in `npm run rebuild -- NAME`. */
  readonly name: string;
  readonly topics: readonly AvroTopic<unknown>[];
  readonly tables: readonly MySqlTable[];
  readonly migrations: Migrations;
  /**
   * Brings the tables up to date with some records, in one transaction with how far they go. Records of one key come in their
   * topic's order; those of different topics in any.
   */
  readonly apply: (tx: Db, records: readonly ConsumedRecord[]) => Promise<void>;
}

export function migrationsOf(name: string): Migrations {
  return { name, folder: new URL(`./migrations/${name}/`, import.meta.url) };
}

import { fileURLToPath } from 'node:url';
import { sql } from 'drizzle-orm';
import { migrate } from 'drizzle-orm/mysql2/migrator';
import { patiently, type Patience } from '../patience.ts';
import { codeOf, isUnavailable, openDatabase, withLock } from './database.ts';

/** Migrations of some tables that belong together, with a book of their own. */
export interface Migrations {
  /** Names the book: `migrations_NAME`. */
  readonly name: string;
  /** The folder with `meta/_journal.json` and the statements. */
  readonly folder: URL;
}

const LOCK_WAIT_S = 60;

/** Brings tables to their latest form; what is applied already is left alone. Safe for several processes at once. */
export async function applyMigrations(url: string, { name, folder }: Migrations): Promise<void> {
  const database = openDatabase({ url, connections: 1 });
  try {
    await withLock(url, `migrate-${name}`, LOCK_WAIT_S, () =>
      migrate(database.db, {
        migrationsFolder: fileURLToPath(folder),
        migrationsTable: bookOf(name),
      }),
    );
  } finally {
    await database.close();
  }
}

/** As `applyMigrations`, once there is a database. */
export async function prepareTables(
  url: string,
  migrations: Migrations,
  report: (line: string) => void,
  patience: Patience = {},
): Promise<void> {
  // What the server says to a statement it will say again; that another process has the lock will pass.
  const isFinal = (error: unknown): boolean => codeOf(error) !== undefined && !isUnavailable(error);
  await patiently('the database', report, patience, isFinal, () =>
    applyMigrations(url, migrations),
  );
  report(`tables of ${migrations.name} are there`);
}

/** Drops tables with all they hold, and their book: `applyMigrations` makes them anew. */
export async function dropTables(
  url: string,
  { name }: Migrations,
  tables: readonly string[],
): Promise<void> {
  const database = openDatabase({ url, connections: 1 });
  try {
    for (const table of [...tables, bookOf(name)])
      await database.db.execute(sql.raw(`DROP TABLE IF EXISTS \`${table}\``));
  } finally {
    await database.close();
  }
}

function bookOf(name: string): string {
  return `migrations_${name}`;
}

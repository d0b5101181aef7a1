import { getTableColumns, inArray, sql, type SQL } from 'drizzle-orm';
import type { MySqlColumn, MySqlTable } from 'drizzle-orm/mysql-core';
import type { Db } from '#kit';

/** Rows of one statement: it stays well below what a server takes (`max_allowed_packet`). */
const CHUNK = 500;

/** What happens to the row of one key. */
export interface Change<R> {
  readonly key: string;
  /** From what the row holds (or a blank one) to what it is to hold; the same object when nothing changes. Pure. */
  readonly evolve: (row: R) => R;
}

export interface EvolveOptions<R> {
  readonly keyColumn: MySqlColumn;
  readonly blank: (key: string) => R;
  /** Several partitions write the same rows: they are locked, so that one change comes after the other. */
  readonly isShared?: boolean;
}

/** Reads the rows that some changes are about, applies the changes in their order, and writes the rows that are others then. */
export async function evolveRows<T extends MySqlTable>(
  tx: Db,
  table: T,
  options: EvolveOptions<T['$inferSelect']>,
  changes: readonly Change<T['$inferSelect']>[],
): Promise<void> {
  type Row = T['$inferSelect'];
  const { keyColumn, blank, isShared = false } = options;
  // In one order everywhere, so that two transactions do not wait for each other.
  const keys = [...new Set(changes.map(({ key }) => key))].sort();
  // What is not there can't be locked.
  if (isShared) await insertRows(tx, table, keys.map(blank));
  const before = await rowsOf(tx, table, keyColumn, keys, isShared);
  const after = new Map<string, Row>();
  for (const { key, evolve } of changes)
    after.set(key, evolve(after.get(key) ?? before.get(key) ?? blank(key)));
  const changed = keys.flatMap((key) => {
    const row = after.get(key);
    return row !== undefined && row !== before.get(key) ? [row] : [];
  });
  await upsertRows(tx, table, changed);
}

async function rowsOf<T extends MySqlTable>(
  tx: Db,
  table: T,
  keyColumn: MySqlColumn,
  keys: readonly string[],
  lock: boolean,
): Promise<Map<string, T['$inferSelect']>> {
  const nameOf = Object.entries(getTableColumns(table)).find(([, c]) => c === keyColumn)![0];
  const found = new Map<string, T['$inferSelect']>();
  for (const chunk of chunksOf(keys)) {
    const query = tx.select().from<MySqlTable>(table).where(inArray(keyColumn, chunk));
    const rows = await (lock ? query.for('update') : query);
    for (const row of rows) found.set(String(row[nameOf]), row);
  }
  return found;
}

/** Writes rows; one that is there with the same key is replaced. */
export async function upsertRows<T extends MySqlTable>(
  tx: Db,
  table: T,
  rows: readonly T['$inferInsert'][],
): Promise<void> {
  const columns = Object.entries(getTableColumns(table));
  // `VALUES` and no row alias: MariaDB knows none.
  const set: Record<string, SQL> = Object.fromEntries(
    columns.map(([name, { name: column }]) => [name, sql.raw(`VALUES(\`${column}\`)`)]),
  );
  for (const chunk of chunksOf(rows))
    await tx
      .insert(table)
      .values([...chunk])
      .onDuplicateKeyUpdate({ set });
}

/** Writes rows; of those that are there the first one stays. */
export async function insertRows<T extends MySqlTable>(
  tx: Db,
  table: T,
  rows: readonly T['$inferInsert'][],
): Promise<void> {
  const [[name, column]] = Object.entries(getTableColumns(table)) as [[string, MySqlColumn]];
  // Not `INSERT IGNORE`: that would cut off what is too long as well.
  const set: Record<string, SQL> = { [name]: sql.raw(`\`${column.name}\``) };
  for (const chunk of chunksOf(rows))
    await tx
      .insert(table)
      .values([...chunk])
      .onDuplicateKeyUpdate({ set });
}

function chunksOf<R>(all: readonly R[]): R[][] {
  return Array.from({ length: Math.ceil(all.length / CHUNK) }, (_, i) =>
    all.slice(i * CHUNK, (i + 1) * CHUNK),
  );
}

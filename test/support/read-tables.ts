import { createConnection, type RowDataPacket } from 'mysql2/promise';

/** The rows of some tables, sorted, as the database has them. */
export async function readTables(
  url: string,
  names: readonly string[],
): Promise<Record<string, Record<string, unknown>[]>> {
  const connection = await createConnection({ uri: url, timezone: 'Z' });
  try {
    const tables: Record<string, Record<string, unknown>[]> = {};
    for (const name of names) {
      const [rows] = await connection.query<RowDataPacket[]>(`SELECT * FROM \`${name}\``);
      tables[name] = rows.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
    }
    return tables;
  } finally {
    await connection.end();
  }
}

import { and, eq } from 'drizzle-orm';
import { applyMigrations, tables, type Db } from '#kit';
import { migrationsOf } from './projection.ts';
import { upsertRows } from './rows.ts';

const { projectionOffsets } = tables;

export function migrateOffsets(url: string): Promise<void> {
  return applyMigrations(url, migrationsOf('offsets'));
}

/** How far a projection has come in a partition: the next offset, by topic. @param lock until the transaction ends */
export async function loadOffsets(
  tx: Db,
  projection: string,
  partition: number,
  lock = false,
): Promise<Map<string, number>> {
  const query = tx
    .select()
    .from(projectionOffsets)
    .where(
      and(eq(projectionOffsets.projection, projection), eq(projectionOffsets.partition, partition)),
    );
  const rows = await (lock ? query.for('update') : query);
  return new Map(rows.map(({ topic, nextOffset }) => [topic, nextOffset]));
}

export function saveOffsets(
  tx: Db,
  projection: string,
  partition: number,
  positions: ReadonlyMap<string, number>,
): Promise<void> {
  const rows = [...positions].map(([topic, nextOffset]) => ({
    projection,
    topic,
    partition,
    nextOffset,
  }));
  return upsertRows(tx, projectionOffsets, rows);
}

/** Forgets how far a projection has come: it begins at the beginning. */
export async function forgetOffsets(tx: Db, projection: string): Promise<void> {
  await tx.delete(projectionOffsets).where(eq(projectionOffsets.projection, projection));
}

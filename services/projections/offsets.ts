import { and, eq } from 'drizzle-orm';
import { tables, type Db } from '#kit';
import { migrationsOf } from './projection.ts';
import { upsertRows } from './rows.ts';

const { projectionOffsets } = tables;

export const offsetMigrations = migrationsOf('offsets');

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

/** @param kept what is there; a row that is there all the same is an error: somebody else has begun, too */
export async function saveOffsets(
  tx: Db,
  projection: string,
  partition: number,
  kept: ReadonlyMap<string, number>,
  positions: ReadonlyMap<string, number>,
): Promise<void> {
  const rows = [...positions].map(([topic, nextOffset]) => ({
    projection,
    topic,
    partition,
    nextOffset,
  }));
  const first = rows.filter(({ topic }) => !kept.has(topic));
  if (first.length > 0) await tx.insert(projectionOffsets).values(first);
  const further = rows.filter(({ topic }) => kept.has(topic));
  await upsertRows(tx, projectionOffsets, further);
}

/** Forgets how far a projection has come: it begins at the beginning. */
export async function forgetOffsets(tx: Db, projection: string): Promise<void> {
  await tx.delete(projectionOffsets).where(eq(projectionOffsets.projection, projection));
}

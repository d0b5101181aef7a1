import { eq, getTableName } from 'drizzle-orm';
import {
  applyMigrations,
  dropTables,
  endOffsets,
  openDatabase,
  tables,
  type KafkaSettings,
  type Logger,
} from '#kit';
import { forgetOffsets } from './offsets.ts';
import type { Projection } from './projection.ts';

export interface RebuildOptions {
  readonly projection: Projection;
  readonly url: string;
  readonly kafka: KafkaSettings;
  readonly logger: Logger;
  readonly sleep: (ms: number) => Promise<void>;
  readonly now: () => number;
  /** Told now and then how many offsets are done, of how many. */
  readonly onProgress: (done: number, of: number) => void;
}

export interface Rebuilt {
  readonly projection: string;
  readonly tables: readonly string[];
  /** Offsets that were read again, up to the topics' ends as of the start. */
  readonly offsets: number;
  readonly seconds: number;
}

const ASK_MS = 250;
/** Nothing has happened for so long: nobody is there to do it. */
const STUCK_MS = 30_000;

/**
 * Drops a projection's tables and lets the running service build them anew from the topics' beginning; resolves when they have
 * all that was there when it was asked for.
 * @throws when no service goes on with it
 */
export async function rebuild(options: RebuildOptions): Promise<Rebuilt> {
  const { projection, url, kafka, logger, sleep, now, onProgress } = options;
  const startedAt = now();
  const names = projection.tables.map(getTableName);
  const ends = await endOffsets(
    kafka,
    projection.topics.map(({ name }) => name),
    logger,
  );
  const of = ends.reduce((total, { offset }) => total + offset, 0);
  const database = openDatabase({ url, connections: 2 });
  try {
    await dropTables(url, projection.migrations, names);
    await applyMigrations(url, projection.migrations);
    await database.transaction(async (tx) => {
      // From here on whoever writes waits, and then begins at the beginning.
      await forgetOffsets(tx, projection.name);
      // A service that runs may have gone on in the new tables; it must find them empty.
      for (const table of projection.tables) await tx.delete(table);
    });
    const { projectionOffsets } = tables;
    let movedAt = now();
    for (let last = -1; ;) {
      const kept = await database.db
        .select()
        .from(projectionOffsets)
        .where(eq(projectionOffsets.projection, projection.name));
      const found = new Map(kept.map((row) => [`${row.topic}-${row.partition}`, row.nextOffset]));
      const isDone = ends.every(
        ({ topic, partition, offset }) =>
          offset === 0 || (found.get(`${topic}-${partition}`) ?? 0) >= offset,
      );
      const done = [...found.values()].reduce((total, offset) => total + offset, 0);
      onProgress(Math.min(done, of), of);
      if (isDone) break;
      if (done !== last) movedAt = now();
      last = done;
      if (now() - movedAt > STUCK_MS)
        throw new Error(
          'nobody goes on with it: is the projections service running? It builds the tables as soon as it does',
        );
      await sleep(ASK_MS);
    }
  } finally {
    await database.close();
  }
  const seconds = (now() - startedAt) / 1000;
  return { projection: projection.name, tables: names, offsets: of, seconds };
}

import { topics, type StorageEvent } from '#schemas';
import { tables } from '#kit';
import { migrationsOf, type Projection } from './projection.ts';
import { evolveRows } from './rows.ts';

export type StockRow = typeof tables.stock.$inferSelect;

export function blankStock(sku: string): StockRow {
  return { sku, available: null, reserved: null, sold: null, version: null, changedAt: null };
}

/** Events of one sku are keyed by order and come by several partitions, so in any order: the highest version counts. */
export function withStorageEvent(row: StockRow, event: StorageEvent): StockRow {
  if (row.version !== null && event.version <= row.version) return row;
  const { available, reserved, sold, version, occurredAt: changedAt } = event;
  return { ...row, available, reserved, sold, version, changedAt };
}

export const stockProjection: Projection = {
  name: 'stock',
  topics: [topics.storageEvent],
  tables: [tables.stock],
  migrations: migrationsOf('stock'),
  apply: (tx, records) =>
    evolveRows(
      tx,
      tables.stock,
      { keyColumn: tables.stock.sku, blank: blankStock, isShared: true },
      records.map(({ value }) => {
        const event = value as StorageEvent;
        return { key: event.sku, evolve: (row) => withStorageEvent(row, event) };
      }),
    ),
};

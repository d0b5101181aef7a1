import { topics, type ProductEvent } from '#schemas';
import { tables } from '#kit';
import { migrationsOf, type Projection } from './projection.ts';
import { evolveRows } from './rows.ts';

export type ProductRow = typeof tables.products.$inferSelect;

export function blankProduct(sku: string): ProductRow {
  return {
    sku,
    nameJa: null,
    nameEn: null,
    descriptionJa: null,
    descriptionEn: null,
    category: null,
    price: null,
    isListed: null,
    version: null,
    changedAt: null,
  };
}

export function withProductEvent(row: ProductRow, event: ProductEvent): ProductRow {
  if (row.version !== null && event.version <= row.version) return row;
  const { type, occurredAt: changedAt, ...facts } = event;
  return { ...row, ...facts, isListed: type === 'LISTED', changedAt };
}

/** Products as they are sold now: what an order is priced by. */
export const productsProjection: Projection = {
  name: 'products',
  topics: [topics.productEvent],
  tables: [tables.products],
  migrations: migrationsOf('products'),
  apply: (tx, records) =>
    evolveRows(
      tx,
      tables.products,
      { keyColumn: tables.products.sku, blank: blankProduct },
      records.map(({ key, value }) => ({
        key,
        evolve: (row) => withProductEvent(row, value as ProductEvent),
      })),
    ),
};

import type { ProductEvent, StorageCommand } from '#schemas';
import type { Product } from './products.ts';

/** What is published of each product: its latest event, by sku. */
export type Known = ReadonlyMap<string, ProductEvent>;

/** What is to be published so that the shop sells what the catalogue says, and nothing else. */
export interface ImportPlan {
  /** New, or sold again. */
  readonly listed: readonly ProductEvent[];
  readonly changed: readonly ProductEvent[];
  /** No longer in the catalogue. */
  readonly delisted: readonly ProductEvent[];
  /** How many are published as they should be. */
  readonly unchanged: number;
  /** First stock of products that were never published. */
  readonly restocked: readonly StorageCommand[];
}

/**
 * Compares what is published with what should be.
 *
 * I1. A plan that was carried out leaves nothing to do.
 * I2. A product's version grows with every event of it.
 * I3. A product gets its first stock once: the command's id is the same in every import.
 *
 * @param now event time of what is to be published, epoch ms
 *
 * @example
 * importPlan(new Map(), readCatalogue().products, Date.now()).listed.length; // 211
 */
export function importPlan(known: Known, products: readonly Product[], now: number): ImportPlan {
  const listed: ProductEvent[] = [];
  const changed: ProductEvent[] = [];
  const restocked: StorageCommand[] = [];
  for (const product of products) {
    const before = known.get(product.sku);
    if (before !== undefined && isAsPublished(product, before)) continue;
    const isSold = before?.type === 'LISTED';
    (isSold ? changed : listed).push(listing(product, before, now));
    if (before === undefined) restocked.push(firstStock(product, now));
  }
  const skus = new Set(products.map(({ sku }) => sku));
  const delisted = [...known.values()]
    .filter(({ sku, type }) => type !== 'DELISTED' && !skus.has(sku))
    .map((before): ProductEvent => ({
      ...before,
      type: 'DELISTED',
      version: before.version + 1,
      occurredAt: now,
    }));
  const unchanged = products.length - listed.length - changed.length;
  return { listed, changed, delisted, unchanged, restocked };
}

/**
 * Takes an event into what is known. The higher version wins; of two with the same, the later one.
 *
 * @example
 * for (const event of events) remember(known, event);
 */
export function remember(known: Map<string, ProductEvent>, event: ProductEvent): void {
  const before = known.get(event.sku);
  if (before === undefined || event.version >= before.version) known.set(event.sku, event);
}

function listing(product: Product, before: ProductEvent | undefined, now: number): ProductEvent {
  const { sku, nameJa, nameEn, descriptionJa, descriptionEn, category, price } = product;
  return {
    sku,
    type: 'LISTED',
    nameJa,
    nameEn,
    descriptionJa,
    descriptionEn,
    category,
    price,
    version: Math.max(product.version ?? 1, (before?.version ?? 0) + 1),
    occurredAt: now,
  };
}

function isAsPublished(product: Product, before: ProductEvent): boolean {
  return (
    before.type === 'LISTED' &&
    before.version >= (product.version ?? 1) &&
    before.nameJa === product.nameJa &&
    before.nameEn === product.nameEn &&
    before.descriptionJa === product.descriptionJa &&
    before.descriptionEn === product.descriptionEn &&
    before.category === product.category &&
    before.price === product.price
  );
}

function firstStock({ sku, initialStock }: Product, now: number): StorageCommand {
  return {
    commandId: `initial-stock/${sku}`,
    sku,
    type: 'RESTOCK',
    orderNo: null,
    attempt: 1,
    quantity: initialStock,
    requestedAt: now,
  };
}

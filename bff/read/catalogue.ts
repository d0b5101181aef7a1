import { and, eq, inArray, ne, or, like, sql, type SQL } from 'drizzle-orm';
import {
  searchProducts,
  SearchUnavailable,
  suggestProducts,
  tables,
  type Db,
  type ProductQuery,
  type SearchClient,
} from '#kit';
import type { Lang, Product, ProductDetail, ProductPageView } from '../contract.ts';

const { products, stock } = tables;

/** A product as it can be ordered, or could once. */
export interface Offer extends Product {
  readonly isListed: boolean;
}

/** What is sold. */
export interface Catalogue {
  search(query: ProductQuery): Promise<ProductPageView>;
  suggest(prefix: string, lang: Lang): Promise<{ readonly sku: string; readonly name: string }[]>;
  offers(skus: readonly string[]): Promise<ReadonlyMap<string, Offer>>;
  detail(sku: string): Promise<ProductDetail | undefined>;
}

const RELATED = 4;
const PAGE_SIZE = 20;

/** Searched by the search engine; prices and stock come from the tables, which also stand in for the search. */
export function catalogueOf(db: Db, search: SearchClient): Catalogue {
  const rows = async (where: SQL | undefined, limit: number, offset = 0): Promise<Offer[]> => {
    const found = await db
      .select({ product: products, available: stock.available })
      .from(products)
      .leftJoin(stock, eq(stock.sku, products.sku))
      .where(where)
      .orderBy(sql`${products.changedAt} desc`, products.sku)
      .limit(limit)
      .offset(offset);
    return found.map(({ product, available }) => offerOf(product, available));
  };
  const offers = async (skus: readonly string[]): Promise<Map<string, Offer>> => {
    if (skus.length === 0) return new Map();
    const found = await rows(inArray(products.sku, [...skus]), skus.length);
    return new Map(found.map((offer) => [offer.sku, offer]));
  };
  const fromTables = async (query: ProductQuery): Promise<ProductPageView> => {
    const { q = '', category, priceFrom, priceTo, page = 1, pageSize = PAGE_SIZE } = query;
    const words = q.split(/\s+/).filter((word) => word !== '');
    const where = and(
      eq(products.isListed, true),
      category === undefined ? undefined : eq(products.category, category),
      priceFrom === undefined ? undefined : sql`${products.price} >= ${priceFrom}`,
      priceTo === undefined ? undefined : sql`${products.price} < ${priceTo}`,
      ...words.map((word) => {
        const pattern = `%${escapeLike(word)}%`;
        return or(like(products.nameJa, pattern), like(products.nameEn, pattern));
      }),
    );
    const [found, counted] = await Promise.all([
      rows(where, pageSize, (page - 1) * pageSize),
      db
        .select({ total: sql<number | string>`count(*)` })
        .from(products)
        .where(where),
    ]);
    return {
      total: Number(counted[0]?.total ?? 0),
      page,
      pageSize,
      products: found.map((offer) => ({ ...productOf(offer), highlights: {} })),
      facets: { categories: [], prices: [] },
      isSearchable: false,
    };
  };

  return {
    offers,
    async search(query) {
      try {
        const { hits, facets, ...paging } = await searchProducts(search, query);
        const known = await offers(hits.map(({ sku }) => sku));
        return {
          ...paging,
          products: hits.map((hit) => ({
            ...hit,
            available: known.get(hit.sku)?.available ?? null,
            picture: pictureOf(hit.sku),
          })),
          facets: { categories: [...facets.categories], prices: [...facets.prices] },
          isSearchable: true,
        };
      } catch (error) {
        if (error instanceof SearchUnavailable) return fromTables(query);
        throw error;
      }
    },
    suggest: (prefix, lang) =>
      suggestProducts(search, prefix, lang).catch((error: unknown) => {
        // A help that is missing is no failure.
        if (error instanceof SearchUnavailable) return [];
        throw error;
      }),
    async detail(sku) {
      const offer = (await offers([sku])).get(sku);
      if (!offer) return undefined;
      const sameKind = and(
        eq(products.isListed, true),
        eq(products.category, offer.category),
        ne(products.sku, sku),
      );
      return { ...offer, related: (await rows(sameKind, RELATED)).map(productOf) };
    },
  };
}

export function pictureOf(sku: string): string {
  return `/pictures/${encodeURIComponent(sku)}.svg`;
}

export function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, (each) => `\\${each}`);
}

function offerOf(row: typeof products.$inferSelect, available: number | null): Offer {
  return {
    sku: row.sku,
    nameJa: row.nameJa ?? row.sku,
    nameEn: row.nameEn ?? row.sku,
    descriptionJa: row.descriptionJa ?? '',
    descriptionEn: row.descriptionEn ?? '',
    category: row.category ?? '',
    price: row.price ?? 0,
    available,
    picture: pictureOf(row.sku),
    isListed: row.isListed === true && row.price !== null,
  };
}

function productOf({ isListed: _, ...product }: Offer): Product {
  return product;
}

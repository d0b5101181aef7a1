/** What the shop sells, as written down in `products/`: one file for each category. */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { z } from 'zod';

export interface Category {
  /** Names the category in events, and its file in `products/`. */
  readonly id: string;
  readonly nameJa: string;
  readonly nameEn: string;
}

export interface Product {
  /** Never used again for something else: orders of years ago name it. */
  readonly sku: string;
  readonly nameJa: string;
  readonly nameEn: string;
  readonly descriptionJa: string;
  readonly descriptionEn: string;
  /** A category's id. */
  readonly category: string;
  /** Yen, tax included. */
  readonly price: number;
  /** What is in stock when the product is first listed. */
  readonly initialStock: number;
  /** At least this in what is published; default: counted by the import. */
  readonly version?: number | undefined;
}

export interface Catalogue {
  /** In the order in which the shop shows them. */
  readonly categories: readonly Category[];
  readonly products: readonly Product[];
}

/** Data that can't be used; the message has a line for every fault, with file and entry. */
export class CatalogueError extends Error {
  override readonly name = 'CatalogueError';
}

const MIN_PRICE = 220;
const MAX_PRICE = 48_000;
const MAX_STOCK = 10_000;

const japanese = (max: number) =>
  z
    .string()
    .max(max)
    .regex(/[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]/u, 'has no Japanese in it');
const english = (max: number) =>
  z
    .string()
    .max(max)
    .regex(/^\p{Script=Latin}/u, 'does not begin with a letter')
    .regex(/^[^\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]*$/u, 'has Japanese in it');

const categorySchema = z.strictObject({
  id: z.string().regex(/^[a-z]+$/, 'is no lower-case word'),
  nameJa: japanese(20),
  nameEn: english(20),
});

const productSchema = z.strictObject({
  sku: z.string().regex(/^[A-Z]{3}(-[A-Z0-9]+)+$/, 'is not like TEA-SENCHA-100'),
  nameJa: japanese(40),
  nameEn: english(60),
  descriptionJa: japanese(120).regex(/。$/, 'does not end in 。'),
  descriptionEn: english(200).regex(/\.$/, 'does not end in a full stop'),
  price: z.int().min(MIN_PRICE).max(MAX_PRICE),
  initialStock: z.int().min(1).max(MAX_STOCK),
  version: z.int().min(1).optional(),
});

/**
 * Reads the catalogue.
 *
 * @param folder where `categories.json` and `products/` are
 *
 * @example
 * const { products } = readCatalogue();
 * @throws {CatalogueError} listing every fault, not only the first one
 */
export function readCatalogue(folder = import.meta.dirname): Catalogue {
  const faults: string[] = [];
  const categories = entriesOf(folder, 'categories.json', categorySchema, faults);
  const files = readdirSync(join(folder, 'products')).filter((file) => file.endsWith('.json'));
  const ids = files.map((file) => basename(file, '.json'));
  for (const { id } of categories) {
    if (!ids.includes(id)) faults.push(`categories.json: ${id} has no products/${id}.json`);
  }
  const places = new Map<string, string>();
  const products = categories
    .map(({ id }) => id)
    .filter((id) => ids.includes(id))
    .flatMap((category) => {
      const file = join('products', `${category}.json`);
      return entriesOf(folder, file, productSchema, faults).map((entry): Product => {
        const other = places.get(entry.sku);
        if (other !== undefined) faults.push(`${file}: ${entry.sku}: is in ${other}, too`);
        places.set(entry.sku, file);
        return { ...entry, category };
      });
    });
  for (const id of ids) {
    if (!categories.some((category) => category.id === id)) {
      faults.push(`products/${id}.json: ${id} is no category of categories.json`);
    }
  }
  if (faults.length > 0) {
    const list = faults.map((fault) => `  ${fault}`).join('\n');
    throw new CatalogueError(`${String(faults.length)} fault(s) in the catalogue:\n${list}`);
  }
  return { categories, products };
}

/** The entries of a file that can be used; the others become faults. */
function entriesOf<T>(folder: string, file: string, schema: z.ZodType<T>, faults: string[]): T[] {
  let entries: unknown;
  try {
    entries = JSON.parse(readFileSync(join(folder, file), 'utf8'));
  } catch (error) {
    faults.push(`${file}: can not be read: ${(error as Error).message}`);
    return [];
  }
  if (!Array.isArray(entries)) {
    faults.push(`${file}: is no list`);
    return [];
  }
  return entries.flatMap((entry: unknown, i) => {
    const { success, data, error } = schema.safeParse(entry);
    if (success) return [data];
    for (const { path, message } of error.issues) {
      faults.push(`${file}: ${nameOf(entry, i)}: ${[...path, message].join(': ')}`);
    }
    return [];
  });
}

function nameOf(entry: unknown, index: number): string {
  const { sku, id } = (entry ?? {}) as { sku?: unknown; id?: unknown };
  const name = sku ?? id;
  return typeof name === 'string' ? name : `entry ${String(index + 1)}`;
}

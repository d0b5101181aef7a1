import { cp, readFile, writeFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { pictureOf } from '#kit';
import { topics } from '#schemas';
import { readCatalogue } from './products.ts';

const { categories, products } = readCatalogue();

describe('the catalogue', () => {
  test('has at least 200 products in ten categories', () => {
    expect(products.length).toBeGreaterThanOrEqual(200);
    expect(categories).toHaveLength(10);
    for (const { id } of categories) {
      const count = products.filter(({ category }) => category === id).length;
      expect([id, count >= 15]).toEqual([id, true]);
    }
  });

  test.each(['sku', 'nameJa', 'nameEn', 'descriptionJa', 'descriptionEn'] as const)(
    'no two products have the same %s',
    (field) => {
      const seen = new Set<string>();
      const twice = products.map((each) => each[field]).filter((x) => seen.has(x) || !seen.add(x));
      expect(twice).toEqual([]);
    },
  );

  test('a category’s skus begin alike, and no other’s do', () => {
    const prefixes = categories.map(({ id }) => [
      ...new Set(products.filter((p) => p.category === id).map(({ sku }) => sku.slice(0, 4))),
    ]);
    expect(prefixes.every((each) => each.length === 1)).toBe(true);
    expect(new Set(prefixes.flat()).size).toBe(categories.length);
  });

  test('has something for little and something for much', () => {
    const prices = products.map(({ price }) => price);
    expect(Math.min(...prices)).toBe(220);
    expect(Math.max(...prices)).toBe(48_000);
  });

  test('every product can be published', () => {
    for (const product of products) {
      const event = { ...product, type: 'LISTED', version: 1, occurredAt: 0 } as const;
      expect(topics.productEvent.validate(event)).toBeUndefined();
    }
  });

  test('no two products look the same', () => {
    const drawings = products.map(({ sku, category, nameEn }) =>
      pictureOf({ sku, category, name: nameEn, title: '' }),
    );
    expect(new Set(drawings).size).toBe(products.length);
  });
});

describe('a fault is told with file and entry', () => {
  test.each([
    ['a field too many', { colour: 'red' }, /Unrecognized key: "colour"/],
    ['a price too low', { price: 3 }, /price: .*220/],
    ['no Japanese', { nameJa: 'Sencha' }, /nameJa: has no Japanese in it/],
    ['Japanese in English', { nameEn: 'Sencha 煎茶' }, /nameEn: has Japanese in it/],
    ['an odd sku', { sku: 'sencha' }, /sku: is not like TEA-SENCHA-100/],
  ])('%s', async (_, change, fault) => {
    const folder = await catalogueWith('products/tea.json', (entries) => {
      entries[0] = { ...entries[0], ...change };
    });
    const sku = 'sku' in change ? change.sku : 'TEA-SENCHA-100';
    expect(() => readCatalogue(folder)).toThrow(fault);
    expect(() => readCatalogue(folder)).toThrow(`tea.json: ${sku}: `);
  });

  test('the same sku twice', async () => {
    const folder = await catalogueWith('products/tea.json', (entries) => {
      entries.push(entries[0]!);
    });
    expect(() => readCatalogue(folder)).toThrow(/TEA-SENCHA-100: is in products.tea\.json, too/);
  });

  test('a category without products, and products without a category', async () => {
    const folder = await catalogueWith('categories.json', (entries) => {
      entries[0] = { ...entries[0], id: 'toys' };
    });
    expect(() => readCatalogue(folder)).toThrow(
      /2 fault.*toys has no products\/toys\.json.*tea is no category/s,
    );
  });

  test('what is no JSON', async () => {
    const folder = await catalogueWith('products/tea.json', () => undefined);
    await writeFile(join(folder, 'products/tea.json'), '[{');
    expect(() => readCatalogue(folder)).toThrow(/tea\.json: can not be read/);
  });
});

async function catalogueWith(
  file: string,
  change: (entries: Record<string, unknown>[]) => void,
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'catalogue-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  for (const part of ['categories.json', 'products']) {
    await cp(join(import.meta.dirname, part), join(folder, part), { recursive: true });
  }
  const path = join(folder, file);
  const entries = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>[];
  change(entries);
  await writeFile(path, JSON.stringify(entries));
  return folder;
}

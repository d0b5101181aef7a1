import { expect, test } from 'vitest';
import { readSettings } from '#kit';
import { topics } from '#schemas';
import { importCatalogue } from '../../services/catalogue/import.ts';
import type { Product } from '../../services/catalogue/products.ts';
import { TestKafka } from '../support/kafka.ts';

test('an import publishes what is new, changed or gone, and a second one nothing', async () => {
  await using kafka = await TestKafka.open(6);
  const settings = readSettings({ env: kafka.env, cwd: '/' });
  const products = Array.from({ length: 30 }, (_, i) => product(`${kafka.name}-${String(i)}`));
  const run = async (all: readonly Product[], dryRun = false) => {
    const plan = await importCatalogue({
      settings,
      products: all,
      dryRun,
      now: Date.now,
      report: () => undefined,
    });
    return [plan.listed, plan.changed, plan.delisted, plan.restocked].map((each) => each.length);
  };

  // Other tests have listed products, too; they go.
  const [, , strangers] = await run([], true);
  expect(await run(products, true)).toEqual([30, 0, strangers, 30]);
  expect(await run(products)).toEqual([30, 0, strangers, 30]);
  expect(await run(products)).toEqual([0, 0, 0, 0]);
  const [first, , ...others] = products;
  expect(await run([{ ...first!, price: 990 }, ...others])).toEqual([0, 1, 1, 0]);
  expect(await run(products)).toEqual([1, 1, 0, 0]);

  const events = await kafka.readValues(topics.productEvent);
  const mine = events.filter(({ sku }) => sku.startsWith(kafka.name));
  expect(mine).toHaveLength(30 + 2 + 2);
  const stock = await kafka.readValues(topics.storageCommand);
  expect(stock.filter(({ sku }) => sku.startsWith(kafka.name))).toHaveLength(30);
});

function product(sku: string): Product {
  return {
    sku,
    nameJa: '煎茶',
    nameEn: 'Sencha',
    descriptionJa: 'お茶です。',
    descriptionEn: 'It is tea.',
    category: 'tea',
    price: 880,
    initialStock: 5,
  };
}

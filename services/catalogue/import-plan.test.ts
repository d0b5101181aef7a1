import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { topics, type ProductEvent } from '#schemas';
import { importPlan, remember, type ImportPlan } from './import-plan.ts';
import type { Product } from './products.ts';

// Few values, so that catalogues overlap.
const anyProduct: fc.Arbitrary<Product> = fc.record(
  {
    sku: fc.constantFrom('TEA-A', 'TEA-B', 'COF-A', 'COF-B', 'KIT-A'),
    nameJa: fc.constantFrom('煎茶', '番茶'),
    nameEn: fc.constantFrom('Sencha', 'Bancha'),
    descriptionJa: fc.constant('お茶です。'),
    descriptionEn: fc.constant('It is tea.'),
    category: fc.constantFrom('tea', 'coffee'),
    price: fc.integer({ min: 220, max: 223 }),
    initialStock: fc.integer({ min: 1, max: 3 }),
    version: fc.integer({ min: 1, max: 4 }),
  },
  {
    requiredKeys: [
      'sku',
      'nameJa',
      'nameEn',
      'descriptionJa',
      'descriptionEn',
      'category',
      'price',
      'initialStock',
    ],
  },
);
const anyCatalogue = fc.uniqueArray(anyProduct, { selector: ({ sku }) => sku });
/** Catalogues that were imported one after the other. */
const anyHistory = fc.array(anyCatalogue, { minLength: 1, maxLength: 6 });

describe('after any history of imports', () => {
  const property = (check: (known: ReadonlyMap<string, ProductEvent>, next: Product[]) => void) =>
    fc.assert(
      fc.property(anyHistory, anyCatalogue, (history, next) => {
        check(published(history).known, next);
      }),
    );

  test('a plan that was carried out leaves nothing to do (I1)', () => {
    property((known, next) => {
      const after = new Map(known);
      for (const event of eventsOf(importPlan(known, next, 1))) remember(after, event);
      const again = importPlan(after, next, 2);
      expect(again).toEqual({
        listed: [],
        changed: [],
        delisted: [],
        unchanged: next.length,
        restocked: [],
      });
    });
  });

  test('what is sold is what the catalogue has', () => {
    property((known, next) => {
      const after = new Map(known);
      for (const event of eventsOf(importPlan(known, next, 1))) remember(after, event);
      const sold = [...after.values()].filter(({ type }) => type === 'LISTED');
      expect(new Map(sold.map(({ sku, nameJa, price }) => [sku, [nameJa, price]]))).toEqual(
        new Map(next.map(({ sku, nameJa, price }) => [sku, [nameJa, price]])),
      );
    });
  });

  test('versions grow, and none is below that of the data (I2)', () => {
    property((known, next) => {
      const plan = importPlan(known, next, 1);
      for (const { sku, version } of eventsOf(plan)) {
        expect(version).toBeGreaterThan(known.get(sku)?.version ?? 0);
        expect(version).toBeGreaterThanOrEqual(next.find((p) => p.sku === sku)?.version ?? 1);
      }
    });
  });

  test('every product of the catalogue is counted once', () => {
    property((known, next) => {
      const { listed, changed, unchanged, delisted } = importPlan(known, next, 1);
      expect(listed.length + changed.length + unchanged).toBe(next.length);
      const skus = [...listed, ...changed, ...delisted].map(({ sku }) => sku);
      expect(new Set(skus).size).toBe(skus.length);
    });
  });

  test('what is published is valid', () => {
    property((known, next) => {
      const plan = importPlan(known, next, 1);
      for (const event of eventsOf(plan)) {
        expect(topics.productEvent.validate(event)).toBeUndefined();
        expect(topics.productEvent.value.decode(topics.productEvent.value.encode(event))).toEqual(
          event,
        );
      }
      for (const command of plan.restocked) {
        expect(topics.storageCommand.validate(command)).toBeUndefined();
      }
    });
  });
});

test('a product gets its first stock once, and as many times as it is not known to be published (I3)', () => {
  fc.assert(
    fc.property(anyHistory, (history) => {
      const { restocked, known } = published(history);
      const ids = restocked.map(({ commandId }) => commandId);
      expect(new Set(ids)).toEqual(new Set([...known.keys()].map((sku) => `initial-stock/${sku}`)));
      expect(ids).toHaveLength(known.size);
    }),
  );
});

test('the order in which events are read does not matter, but for the same version', () => {
  fc.assert(
    fc.property(anyHistory, (history) => {
      const { events, known } = published(history);
      const backwards = new Map<string, ProductEvent>();
      for (const event of events.toReversed()) remember(backwards, event);
      expect(backwards).toEqual(known);
    }),
  );
});

describe('of one product', () => {
  const tea: Product = {
    sku: 'TEA-A',
    nameJa: '煎茶',
    nameEn: 'Sencha',
    descriptionJa: 'お茶です。',
    descriptionEn: 'It is tea.',
    category: 'tea',
    price: 1080,
    initialStock: 12,
  };
  const known = published([[tea]]).known;

  test('new: listed with version 1, and restocked', () => {
    const { listed, restocked } = importPlan(new Map(), [tea], 7);
    const { sku, nameJa, nameEn, descriptionJa, descriptionEn, category, price } = tea;
    const named = { sku, nameJa, nameEn, descriptionJa, descriptionEn, category, price };
    expect(listed).toEqual([{ ...named, type: 'LISTED', version: 1, occurredAt: 7 }]);
    expect(restocked).toEqual([
      {
        commandId: 'initial-stock/TEA-A',
        sku: 'TEA-A',
        type: 'RESTOCK',
        orderNo: null,
        attempt: 1,
        quantity: 12,
        requestedAt: 7,
      },
    ]);
  });

  test('dearer: changed with the next version, stock as it is', () => {
    const plan = importPlan(known, [{ ...tea, price: 1180, initialStock: 99 }], 7);
    expect(plan.changed).toMatchObject([{ price: 1180, version: 2, type: 'LISTED' }]);
    expect([plan.listed, plan.restocked, plan.unchanged]).toEqual([[], [], 0]);
  });

  test('another first stock alone changes nothing', () => {
    expect(importPlan(known, [{ ...tea, initialStock: 99 }], 7)).toMatchObject({ unchanged: 1 });
  });

  test('gone and back: delisted, then listed without a second first stock', () => {
    const gone = importPlan(known, [], 7);
    expect(gone.delisted).toMatchObject([{ sku: 'TEA-A', type: 'DELISTED', version: 2 }]);
    const back = importPlan(new Map([['TEA-A', gone.delisted[0]!]]), [tea], 8);
    expect(back.listed).toMatchObject([{ type: 'LISTED', version: 3, occurredAt: 8 }]);
    expect(back.restocked).toEqual([]);
  });
});

function eventsOf({ listed, changed, delisted }: ImportPlan): ProductEvent[] {
  return [...listed, ...changed, ...delisted];
}

/** Imports one catalogue after the other. */
function published(history: readonly (readonly Product[])[]) {
  const known = new Map<string, ProductEvent>();
  const events: ProductEvent[] = [];
  const restocked = [];
  for (const [i, products] of history.entries()) {
    const plan = importPlan(known, products, i);
    events.push(...eventsOf(plan));
    restocked.push(...plan.restocked);
    for (const event of eventsOf(plan)) remember(known, event);
  }
  return { known, events, restocked };
}

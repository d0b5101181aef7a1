import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openSearchClient, type ConsumedRecord, type SearchClient } from '#kit';
import { topics, type OrderStatus, type ProductEvent } from '#schemas';
import { BulkFailed } from './bulk.ts';
import { IndexWriter } from './index-writer.ts';
import { indexerMetrics } from './metrics.ts';
import { ordersProjection } from './orders.ts';
import { productsProjection } from './products.ts';
import type { Projection } from './projection.ts';
import { FakeElasticsearch } from './testing/fake-elasticsearch.ts';

const never = new AbortController().signal;
let fake: FakeElasticsearch;
let client: SearchClient;
beforeEach(async () => {
  fake = await FakeElasticsearch.start('one', 'two');
  client = await openSearchClient(fake.url, { timeoutMs: 5000 });
});
afterEach(async () => {
  await client.close();
  await fake[Symbol.asyncDispose]();
});

describe('documents that one event tells in whole', () => {
  test('the highest version stays, in whatever order and however often events come', async () => {
    await write(productsProjection(), [product('A', 2), product('A', 3), product('A', 1)]);
    await write(productsProjection(), [product('A', 2), product('A', 3)]);
    expect(prices('one')).toEqual({ A: 3 });
    expect(fake.requests).toEqual([['A'], ['A']]);
  });

  test('are written to every index that there is', async () => {
    const indices = await writing([product('A', 1)], ['one', 'two']);
    expect(indices).toEqual([]);
    expect([prices('one'), prices('two')]).toEqual([{ A: 1 }, { A: 1 }]);
  });

  test('an index that is gone is not asked for again, and nothing else is written twice', async () => {
    let asked = 0;
    const targets = () => Promise.resolve(asked++ === 0 ? ['one', 'gone'] : ['one', 'two']);
    await writer(productsProjection()).write([product('A', 1)], targets, never);
    expect([prices('one'), prices('two')]).toEqual([{ A: 1 }, { A: 1 }]);
    expect(fake.requests).toHaveLength(3);
  });

  test('one that is refused for good is returned with the reason, the others are written', async () => {
    fake.fault = (id) => (id === 'B' ? [400, 'too long'] : undefined);
    const bad = product('B', 1);
    const refusals = await writing([product('A', 1), bad, product('C', 1)]);
    expect(refusals).toEqual([{ record: bad, reason: 'too long' }]);
    expect(prices('one')).toEqual({ A: 1, C: 1 });
  });

  test('a refused event does not take an older one of the same document with it', async () => {
    fake.fault = (_, { price }) => (price === 2 ? [400, 'too long'] : undefined);
    const bad = product('A', 2);
    const refusals = await writing([product('A', 1), bad]);
    expect(refusals).toEqual([{ record: bad, reason: 'too long' }]);
    expect(prices('one')).toEqual({ A: 1 });
  });

  test('where one item has the whole request refused, that one is found', async () => {
    fake.wholeFault = (ids) => (ids.includes('D') ? 400 : undefined);
    const records = ['A', 'B', 'C', 'D', 'E', 'F', 'G'].map((sku) => product(sku, 1));
    const refusals = await writing(records);
    expect(refusals.map(({ record }) => record.key)).toEqual(['D']);
    expect(Object.keys(prices('one')).sort()).toEqual(['A', 'B', 'C', 'E', 'F', 'G']);
  });

  test.each([429, 503, 500])(
    '%i for an item is to be tried again: the call throws',
    async (status) => {
      fake.fault = (id) => (id === 'B' ? [status, 'busy'] : undefined);
      const records = [product('A', 1), product('B', 1)];
      await expect(writing(records)).rejects.toThrow(BulkFailed);
      fake.fault = () => undefined;
      await writing(records);
      expect(prices('one')).toEqual({ A: 1, B: 1 });
    },
  );

  test.each([429, 503])('%i for the whole request, too', async (status) => {
    fake.wholeFault = () => status;
    await expect(writing([product('A', 1)])).rejects.toThrow();
    expect(fake.requests).toHaveLength(1);
  });
});

describe('documents that several kinds of events tell together', () => {
  test('one that has changed since it was read is read again, and loses nothing', async () => {
    const orders = ordersProjection({ orderTopic: 'orders', paymentTopic: 'payments' });
    fake.put('one', 'O', { orderNo: 'O' });
    const payment = { paymentStatusAt: 5, paymentStatus: 'COMPLETED', eventId: 'e' };
    let isFirst = true;
    fake.onBulk = () => {
      if (isFirst) fake.put('one', 'O', { orderNo: 'O', payment });
      isFirst = false;
    };
    await write(orders, [order('O', 'PAID', 7)]);
    const current = { statusAt: 7, status: 'PAID', reason: null };
    expect(fake.documents('one')).toEqual({ O: { orderNo: 'O', current, payment } });
    expect(fake.requests).toHaveLength(2);
  });

  test('one that another writer has made meanwhile is joined with', async () => {
    const orders = ordersProjection({ orderTopic: 'orders', paymentTopic: 'payments' });
    const current = { statusAt: 9, status: 'FAILED', reason: 'late' };
    let isFirst = true;
    fake.onBulk = () => {
      if (isFirst) fake.put('one', 'O', { orderNo: 'O', current });
      isFirst = false;
    };
    await write(orders, [order('O', 'PENDING', 7)]);
    expect(fake.documents('one')).toEqual({ O: { orderNo: 'O', current } });
  });

  test('what changes nothing is not written', async () => {
    const orders = ordersProjection({ orderTopic: 'orders', paymentTopic: 'payments' });
    await write(orders, [order('O', 'PENDING', 1), order('O', 'PAID', 2)]);
    await write(orders, [order('O', 'PENDING', 1)]);
    await write(orders, [order('O', 'PAID', 2)]);
    expect(fake.requests).toHaveLength(1);
  });

  test('an index that is gone is not asked for again', async () => {
    const orders = ordersProjection({ orderTopic: 'orders', paymentTopic: 'payments' });
    let asked = 0;
    const targets = () => Promise.resolve(asked++ === 0 ? ['gone'] : ['one']);
    await writer(orders).write([order('O', 'PENDING', 1)], targets, never);
    expect(Object.keys(fake.documents('one'))).toEqual(['O']);
  });
});

test('an event of a kind that is not known says nothing', async () => {
  await writing([product('A', 1, { type: 'UNKNOWN' })]);
  expect(fake.requests).toEqual([]);
});

function writer(projection: unknown): IndexWriter {
  return new IndexWriter({
    client,
    projection: projection as Projection,
    metrics: indexerMetrics(),
  });
}

function write(projection: unknown, records: readonly ConsumedRecord[]) {
  return writer(projection).write(records, () => Promise.resolve(['one']), never);
}

function writing(records: readonly ConsumedRecord[], indices = ['one']) {
  return writer(productsProjection()).write(records, () => Promise.resolve(indices), never);
}

function prices(index: string): Record<string, number> {
  return Object.fromEntries(
    Object.entries(fake.documents(index)).map(([id, document]) => [
      id,
      (document as { readonly price: number }).price,
    ]),
  );
}

function product(sku: string, version: number, more: Partial<ProductEvent> = {}): ConsumedRecord {
  return record(topics.productEvent.name, sku, {
    sku,
    type: 'LISTED',
    nameJa: '茶',
    nameEn: 'Tea',
    descriptionJa: '',
    descriptionEn: '',
    category: 'tea',
    price: version,
    version,
    occurredAt: version,
    ...more,
  });
}

function order(orderNo: string, status: OrderStatus, updatedAt: number): ConsumedRecord {
  return record('orders', orderNo, { orderNo, status, updatedAt, reason: null });
}

function record(topic: string, key: string, value: unknown): ConsumedRecord {
  const raw = { key: null, value: null, headers: {}, offset: 0, timestamp: 0 } as never;
  return { topic, partition: 0, offset: 0, key, value, timestamp: 0, headers: {}, raw };
}

import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, afterEach, describe, expect, test } from 'vitest';
import {
  openSearchClient,
  searchAlerts,
  searchOrders,
  searchProducts,
  SearchUnavailable,
  suggestProducts,
  type IndexName,
  type ProductDocument,
  type SearchClient,
} from '#kit';
import { topics, type ProductEvent } from '#schemas';
import { startInfra, type Infra } from '../../services/launcher/infra.ts';
import { testFolder } from '../../services/launcher/test-folder.ts';
import { eventually, TestKafka, type TestRecord } from '../support/kafka.ts';
import { ServiceProcess } from '../support/service-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** Of the kafka suite's own; here, since it is killed. */
let infra: Infra;
let client: SearchClient;
beforeAll(async () => {
  const components = ['elasticsearch'] as const;
  infra = await startInfra({ dataDir: testFolder(), temporary: true, components });
  client = await openSearchClient(infra.addresses['ELASTICSEARCH_URL']!, { timeoutMs: 10_000 });
}, 180_000);
afterAll(async () => {
  await client.close();
  await infra.stop();
});

let kafka: TestKafka;
let state: Awaited<ReturnType<typeof temporaryFolder>>;
let env: Record<string, string>;
let service: ServiceProcess;
beforeEach(async () => {
  kafka = await TestKafka.open(6);
  state = await temporaryFolder();
  env = { ...kafka.env, ...infra.addresses, STATE_DIR: state.path };
  service = await ServiceProcess.start(env, 'search-indexer');
  await until('UP');
  await kafka.registry.register(topics.productEvent);
  await kafka.registry.register(topics.orderCreated);
  await kafka.registry.register(topics.alertAction);
});
afterEach(async () => {
  // So that it leaves its groups: the next one would wait for the session to end.
  if (!service.hasEnded) await service.end('SIGTERM');
  await kafka[Symbol.asyncDispose]();
  await state[Symbol.asyncDispose]();
});

describe('products', () => {
  test('are found in Japanese and English, with typos; counted, suggested, marked; gone when delisted', async () => {
    const category = `${kafka.name}-tea`;
    const other = `${kafka.name}-desk`;
    const matcha = product('matcha', {
      nameJa: '京都宇治の抹茶ラテ <粉>',
      nameEn: 'Uji matcha latte powder',
      descriptionEn: 'Two batteries of taste & more',
      category,
      price: 1280,
    });
    const sencha = product('sencha', {
      nameJa: '深蒸し煎茶ティーバッグ',
      nameEn: 'Sencha green tea bags',
      category,
      price: 800,
    });
    const laptop = product('laptop', {
      nameJa: 'ノートパソコン スタンド USB-C',
      nameEn: 'Notebook computer stand',
      category: other,
      price: 12_000,
    });
    await publish([matcha, sencha, laptop]);
    await eventually('three products', async () => (await mine({})).length === 3);

    expect(await mine({ q: '抹茶' })).toEqual(['matcha']);
    expect(await mine({ q: '茶' })).toEqual(['matcha', 'sencha']);
    expect(await mine({ q: 'ﾊﾟｿｺﾝ' })).toEqual(['laptop']);
    // One character is wrong.
    expect(await mine({ q: 'ノートパリコン' })).toEqual(['laptop']);
    expect(await mine({ q: 'コーヒー豆' })).toEqual([]);
    expect(await mine({ q: 'mathca', lang: 'en' })).toEqual(['matcha']);
    expect(await mine({ q: 'battery', lang: 'en' })).toEqual(['matcha']);
    expect(await mine({ q: 'green teas', lang: 'en' })).toEqual(['sencha']);
    expect(await mine({ q: 'usb-c' })).toEqual(['laptop']);
    expect(await mine({ q: `${kafka.name}-SENCHA` })).toEqual(['sencha']);
    expect(await mine({ q: '抹茶 latte' })).toEqual(['matcha']);
    expect(await mine({ q: '𠮷"(*?' })).toEqual([]);

    const marked = await searchProducts(client, { q: '抹茶', category });
    expect(marked.hits[0]?.highlights.nameJa).toBe('京都宇治の<mark>抹茶</mark>ラテ &lt;粉&gt;');
    const chosen = await searchProducts(client, { q: '茶', category, priceTo: 1000 });
    expect(chosen.hits.map(({ sku }) => sku)).toEqual([sencha.sku]);
    expect(chosen.facets.categories).toEqual([{ category, count: 1 }]);
    expect(chosen.facets.prices.filter(({ count }) => count > 0)).toEqual([
      { from: 0, to: 1000, count: 1 },
      { from: 1000, to: 3000, count: 1 },
    ]);
    const leafed = await searchProducts(client, { category, pageSize: 1, page: 2 });
    expect([leafed.total, leafed.hits.length]).toEqual([2, 1]);

    expect(await suggestProducts(client, '抹', 'ja')).toEqual([
      { sku: matcha.sku, name: '京都宇治の抹茶ラテ <粉>' },
    ]);
    expect(await suggestProducts(client, 'ノートぱ', 'ja')).toEqual([]);
    expect(await suggestProducts(client, 'gren te', 'en')).toEqual([
      { sku: sencha.sku, name: 'Sencha green tea bags' },
    ]);

    await publish([{ ...matcha, type: 'DELISTED', version: 2 }]);
    await eventually('it to be gone', async () => (await mine({ q: '抹茶' })).length === 0);
    // An old event, and one that was there already.
    await publish([matcha, sencha]);
    await publish([product('last', { nameJa: '最後' })]);
    await eventually('the last', async () => (await mine({ q: '最後' })).length === 1);
    await eventually('all to be read', allRead);
    await client.indices.refresh({ index: 'products' });
    expect(await mine({ q: '抹茶' })).toEqual([]);
    expect(await suggestProducts(client, '抹', 'ja')).toEqual([]);
    expect(await mine({ q: '煎茶' })).toEqual(['sencha']);
  });

  test('what the engine refuses for good becomes a dead letter, and holds up nothing', async () => {
    const tooLong = product('long', { category: 'x'.repeat(40_000) });
    const longId = product('y'.repeat(600));
    await publish([tooLong, product('before', { version: -1 }), longId, product('after')]);
    await eventually('the one after it', async () => (await mine({})).includes('after'));
    const letters = await eventually('three dead letters', async () => {
      const found = await deadLetters();
      return found.length === 3 && found;
    });
    const reasons = letters.map(({ headers }) => Object.values(headers).join()).join();
    for (const reason of ['category', 'illegal version', 'is too long'])
      expect(reasons).toContain(reason);
    expect(reasons.length).toBeLessThan(10_000);
    expect(await service.metrics()).toContain(
      'search_documents_total{index="products",outcome="refused"} 3',
    );
    // Who rebuilds is told, and decides.
    const before = await indicesOf('products');
    await expect(rebuildProcess(['products'])).rejects.toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('--accept-refused') as string,
    });
    expect(await indicesOf('products')).toEqual(before);
  });
});

describe('orders and alerts', () => {
  const orders = () => searchOrders(client, { q: kafka.name });
  const alerts = () => searchAlerts(client, { q: kafka.name });

  test('events of several topics make up one order; an old one does not undo a new one', async () => {
    const orderNo = `${kafka.name}-1`;
    const { orderStatusChanged, paymentStatusObserved } = kafka.topics;
    const status = (word: string, updatedAt: number, reason: string | null = null) => ({
      topic: orderStatusChanged,
      key: orderNo,
      value: {
        orderNo,
        status: word,
        paymentStatus: null,
        updatedAt,
        paymentExpiresAt: null,
        reason,
      },
    });
    const payment = (word: string, occurredAt: number) => ({
      topic: paymentStatusObserved,
      key: orderNo,
      value: {
        orderNo,
        status: word,
        eventId: `${orderNo}:${word}`,
        occurredAt,
        source: 'WEBHOOK',
      },
    });
    await kafka.write([payment('CREATED', 2000), status('FAILED', 3000, 'expired')]);
    await eventually('the order', async () => (await orders()).hits[0]?.status === 'FAILED');
    await kafka.write([
      status('PENDING', 1000),
      payment('COMPLETED', 4000),
      {
        topic: topics.orderCreated,
        key: orderNo,
        value: {
          orderNo,
          accountId: 'ann',
          lines: [
            { sku: 'A', quantity: 1, unitPrice: 300 },
            { sku: 'B', quantity: 2, unitPrice: 300 },
          ],
          totalAmount: 900,
          createdAt: 1000,
        },
      },
      payment('CREATED', 2000),
    ]);
    const hit = await eventually('all of it', async () => {
      const { hits } = await orders();
      return hits[0]?.paymentStatus === 'COMPLETED' && hits[0].accountId !== null && hits[0];
    });
    expect(hit).toEqual({
      orderNo,
      accountId: 'ann',
      skus: ['A', 'B'],
      totalAmount: 900,
      createdAt: 1000,
      status: 'FAILED',
      statusAt: 3000,
      reason: 'expired',
      paymentStatus: 'COMPLETED',
      paymentStatusAt: 4000,
    });
    const numbers = async (query: Parameters<typeof searchOrders>[1]) =>
      (await searchOrders(client, query)).hits.map((each) => each.orderNo);
    expect(await numbers({ q: orderNo.toUpperCase() })).toEqual([orderNo]);
    expect(
      await numbers({ q: kafka.name, accountId: 'ann', statuses: ['FAILED', 'PAID'] }),
    ).toEqual([orderNo]);
    expect(await numbers({ q: kafka.name, statuses: ['PAID'] })).toEqual([]);
    expect(await numbers({ q: kafka.name, from: 1000, to: 1001 })).toEqual([orderNo]);
    expect(await numbers({ q: kafka.name, to: 1000 })).toEqual([]);
  });

  test('an alert is raised, acknowledged and resolved, in whatever order the topics are read', async () => {
    const orderNo = `${kafka.name}-1`;
    const alertId = '47f7da59-6d70-50ec-baf3-34b6a99133db';
    const of = { alertId, orderNo, ruleId: 'RULE_A' };
    const observed = { paymentStatus: 'COMPLETED', orderStatus: 'PENDING' };
    await kafka.write([
      {
        topic: topics.alertAction,
        key: orderNo,
        value: {
          ...of,
          actionId: 'a',
          type: 'ACKNOWLEDGE',
          operatorId: 'olga',
          reason: 'mine',
          requestedAt: 3000,
        },
      },
    ]);
    await eventually('the action', async () => (await client.count({ index: 'alerts' })).count > 0);
    expect((await alerts()).hits).toEqual([]);
    const raised = { ...of, eventId: 'e', observed, detectedAt: 2000, source: 'kafka-alert' };
    await kafka.write([
      {
        topic: kafka.topics.alertRaised,
        key: orderNo,
        value: { ...raised, expected: { orderStatus: 'PAID' } },
      },
    ]);
    await eventually('the alert', async () => (await alerts()).hits[0]?.state === 'ACKNOWLEDGED');
    await kafka.write([
      {
        topic: kafka.topics.alertResolved,
        key: orderNo,
        value: { ...of, eventId: 'e', observed, resolvedAt: 4000, source: 'kafka-alert' },
      },
    ]);
    const page = await eventually('its resolution', async () => {
      const found = await alerts();
      return found.hits[0]?.state === 'RESOLVED' && found;
    });
    expect(page.hits).toEqual([
      {
        ...of,
        eventId: 'e',
        observed,
        expected: { orderStatus: 'PAID' },
        detectedAt: 2000,
        state: 'RESOLVED',
        acknowledgedAt: 3000,
        acknowledgedBy: 'olga',
        resolvedAt: 4000,
      },
    ]);
    expect(page.counts).toEqual([{ ruleId: 'RULE_A', state: 'RESOLVED', count: 1 }]);
    const open = await searchAlerts(client, { q: orderNo, states: ['NEW', 'ACKNOWLEDGED'] });
    expect([open.total, open.counts]).toEqual([0, page.counts]);
  });
});

describe('a rebuild', () => {
  test('makes the same documents, with those that come in meanwhile; readers notice nothing', async () => {
    const count = 300;
    await publish(Array.from({ length: count }, (_, i) => product(`p${i}`, { price: i })));
    await eventually('them', async () => (await stored('products')).size === count);
    const [before] = await indicesOf('products');
    const over = new AbortController();
    const failures: unknown[] = [];
    const reading = (async () => {
      while (!over.signal.aborted) {
        const { total } = await searchProducts(client, { q: 'tea', lang: 'en' });
        if (total < count) failures.push(total);
      }
    })().catch((error: unknown) => failures.push((error as Error).message));
    let sent = 0;
    const sending = (async () => {
      for (; !over.signal.aborted; sent++)
        await publish([
          product(`n${sent}`),
          product(`p${sent % count}`, { price: 5000 + sent, version: 2 + sent }),
        ]);
    })();
    const { summary, stderr } = await rebuild('products').finally(async () => {
      over.abort();
      await Promise.all([reading, sending]);
    });
    expect(failures).toEqual([]);
    expect(sent).toBeGreaterThan(3);
    expect(summary).toMatchObject({ replaced: [before] });
    expect(await indicesOf('products')).toEqual([summary.index]);
    expect(stderr).toContain('100 %');

    await eventually('all to be read', allRead);
    const expected = new Map<string, number>();
    for (let i = 0; i < count; i++) expected.set(`${kafka.name}-p${i}`, i);
    for (let i = 0; i < sent; i++) {
      expected.set(`${kafka.name}-n${i}`, 100);
      expected.set(`${kafka.name}-p${i % count}`, 5000 + i);
    }
    const rebuilt = await eventually('all events', async () => {
      const found = await stored('products');
      return found.size === expected.size && found;
    });
    const prices = [...rebuilt].map(([id, document]) => [id, (document as ProductDocument).price]);
    expect(new Map(prices as [string, number][])).toEqual(expected);

    // Once more, with nothing coming in: equal to the last field, for all indices.
    await kafka.write(Array.from({ length: 20 }, (_, i) => story(`${kafka.name}-o${i}`)).flat());
    await eventually('orders and alerts', async () => {
      const orders = await searchOrders(client, { q: kafka.name, statuses: ['PAID'] });
      const alerts = await searchAlerts(client, { q: kafka.name, states: ['RESOLVED'] });
      return orders.total === 20 && alerts.total === 20;
    });
    for (const name of ['products', 'orders', 'alerts'] as const) {
      const kept = await stored(name);
      expect(kept.size).toBeGreaterThanOrEqual(20);
      await rebuild(name);
      expect(await stored(name)).toEqual(kept);
    }
  });

  test('one that was killed is in nobody’s way, and is not taken for one’s own', async () => {
    const [live] = await indicesOf('products');
    await client.indices.create({ index: 'products-v1-999' });
    await expect(rebuild('products')).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('--replace') as string,
    });
    expect(await indicesOf('products')).toEqual([live, 'products-v1-999'].sort());
    await publish([product('meanwhile')]);
    await eventually('it', async () => (await mine({})).includes('meanwhile'));
    const { summary } = await rebuild('products', '--replace');
    expect(summary.index).toBe('products-v1-1000');
    expect(await indicesOf('products')).toEqual(['products-v1-1000']);
    expect(await mine({})).toEqual(['meanwhile']);
  });
});

test('Elasticsearch is killed and comes back: DOWN, no exit; nothing is lost, nothing doubled', async () => {
  const count = 200;
  const batch = (from: number, version: number) =>
    Array.from({ length: count }, (_, i) => product(`p${from + i}`, { version, price: version }));
  await publish(batch(0, 1));
  infra.kill('elasticsearch');
  await publish(batch(0, 2));
  await publish(batch(count, 1));
  await until('DOWN');
  const components = (await service.health())?.components;
  expect(components?.['elasticsearch']?.status).toBe('DOWN');
  expect(components?.['consumer']?.status).toBe('DOWN');
  await expect(searchProducts(client, {})).rejects.toThrow(SearchUnavailable);
  await infra.restart('elasticsearch');
  await until('UP');
  await eventually('all to be read', allRead);
  const after = await stored('products');
  expect(after.size).toBe(2 * count);
  for (let i = 0; i < count; i++) {
    expect(after.get(`${kafka.name}-p${i}`)).toMatchObject({ version: 2 });
    expect(after.get(`${kafka.name}-p${count + i}`)).toMatchObject({ version: 1 });
  }
  expect(await service.end('SIGTERM')).toBe(0);
  expect(await deadLetters()).toEqual([]);
}, 120_000);

function product(name: string, more: Partial<ProductEvent> = {}): ProductEvent {
  return {
    sku: `${kafka.name}-${name}`,
    type: 'LISTED',
    nameJa: '湯呑',
    nameEn: 'tea cup',
    descriptionJa: '',
    descriptionEn: '',
    category: kafka.name,
    price: 100,
    version: 1,
    occurredAt: Date.now(),
    ...more,
  };
}

/** An order that was paid, and an alert on it that was resolved. */
function story(orderNo: string): TestRecord[] {
  const alert = { alertId: randomUUID(), orderNo, ruleId: 'RULE_A', eventId: 'e' };
  const observed = { paymentStatus: 'COMPLETED', orderStatus: 'PENDING' };
  const status = { orderNo, paymentStatus: null, paymentExpiresAt: null, reason: null };
  const paid = { orderNo, status: 'COMPLETED', eventId: 'e', occurredAt: 2, source: 'POLLING' };
  const raised = { observed, expected: { orderStatus: 'PAID' }, detectedAt: 3, source: 'x' };
  const { orderStatusChanged, paymentStatusObserved, alertRaised, alertResolved } = kafka.topics;
  const values: [TestRecord['topic'], object][] = [
    [topics.orderCreated, { orderNo, accountId: 'ann', lines: [], totalAmount: 1, createdAt: 1 }],
    [orderStatusChanged, { ...status, status: 'PENDING', updatedAt: 1 }],
    [paymentStatusObserved, paid],
    [alertRaised, { ...alert, ...raised }],
    [orderStatusChanged, { ...status, status: 'PAID', updatedAt: 4 }],
    [alertResolved, { ...alert, observed, resolvedAt: 4, source: 'x' }],
  ];
  return values.map(([topic, value]) => ({ topic, key: orderNo, value }));
}

function publish(products: readonly ProductEvent[]): Promise<void> {
  const topic = topics.productEvent;
  return kafka.write(products.map((value) => ({ topic, key: value.sku, value })));
}

/** What is found of this test's own, by their names, in the order of these. */
async function mine(query: Parameters<typeof searchProducts>[1]): Promise<string[]> {
  const { hits } = await searchProducts(client, { ...query, pageSize: 100 });
  const prefix = `${kafka.name}-`;
  const own = hits.map(({ sku }) => sku).filter((sku) => sku.startsWith(prefix));
  return own.map((sku) => sku.slice(prefix.length)).sort();
}

/** This test's own documents, by id. */
async function stored(name: IndexName): Promise<Map<string, unknown>> {
  await client.indices.refresh({ index: name }).catch(() => undefined);
  const field = name === 'products' ? 'sku' : 'orderNo';
  const { hits } = await client.search({
    index: name,
    size: 10_000,
    query: { prefix: { [field]: kafka.name } },
  });
  return new Map(hits.hits.map(({ _id, _source }) => [_id!, _source]));
}

async function indicesOf(name: IndexName): Promise<string[]> {
  return Object.keys(await client.indices.get({ index: `${name}-v*` })).sort();
}

/** This test's own. */
async function deadLetters() {
  const all = await kafka.readAll('search-products-dead-letter');
  return all.filter(({ key }) => key?.toString().startsWith(kafka.name));
}

/** Whether all product events are written, and that committed. */
async function allRead(): Promise<boolean> {
  const { name } = topics.productEvent;
  const ends = await kafka.ends(name);
  const [offsets] = await kafka.admin.fetchOffsets({ groupId: 'search-products', topics: [name] });
  const committed = new Map(offsets!.partitions.map((each) => [each.partition, each.offset]));
  // Of a partition that is empty nothing is committed: -1.
  return ends.every((end, partition) => end === 0 || Number(committed.get(partition)) >= end);
}

function rebuildProcess(args: readonly string[]) {
  const command = ['services/search-indexer/rebuild-main.ts', ...args];
  return promisify(execFile)(process.execPath, command, { env: { ...process.env, ...env } });
}

async function rebuild(name: IndexName, ...args: readonly string[]) {
  const { stdout, stderr } = await rebuildProcess([name, '--accept-refused', ...args]);
  const summary = JSON.parse(stdout) as { readonly index: string };
  return { summary, stderr };
}

function until(status: 'UP' | 'DOWN'): Promise<true> {
  return eventually(`health ${status}`, async () => {
    if (service.hasEnded) throw new Error(service.log);
    return (await service.health())?.status === status;
  });
}

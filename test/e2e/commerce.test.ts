/** The whole flow: every service a process, the provider's sandbox with its faults, and operators who act. */
import { spawnSync } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLogger, createPublisher, readSettings, type Publisher, type Settings } from '#kit';
import { SchemaRegistry, topics, type AlertActionType, type AlertRaised } from '#schemas';
import { runDemo } from '../../services/demo/run.ts';
import { SandboxClient } from '../../services/demo/sandbox-client.ts';
import { SHARES } from '../../services/demo/plan.ts';
import { startInfra, type Infra } from '../../services/launcher/infra.ts';
import { services } from '../../services/launcher/services.ts';
import { testFolder } from '../../services/launcher/test-folder.ts';
import { eventually } from '../support/kafka.ts';
import { readIndices } from '../support/read-indices.ts';
import { readTables } from '../support/read-tables.ts';
import { ShopStack } from '../support/shop-stack.ts';
import { temporaryFolder, type TemporaryFolder } from '../support/temporary-folder.ts';
import { TopicReader } from '../support/topic-reader.ts';

/** Longer than a killed service is away, and than a lost webhook goes unnoticed. */
const GRACE_MS = 15_000;
const logger = createLogger({ name: 'test', level: 'silent' });

let infra: Infra;
let folder: TemporaryFolder;
let shop: ShopStack;
let settings: Settings;
let publisher: Publisher;
let sandbox: SandboxClient;
let reader: TopicReader;

beforeAll(async () => {
  const components = ['kafka', 'registry', 'mysql', 'redis', 'elasticsearch'] as const;
  infra = await startInfra({ dataDir: testFolder(), temporary: true, components });
  folder = await temporaryFolder();
  const env = {
    ...infra.addresses,
    GRACE_MS: String(GRACE_MS),
    ALLOWED_LATENESS_MS: '1000',
    FIRST_POLL_MS: '3000',
    DEMO_ACCOUNTS: 'on',
  };
  shop = await ShopStack.start(env, folder.path);
  settings = readSettings({ env: shop.env, cwd: folder.path });
  const schemas = new SchemaRegistry({ url: settings.schemaRegistryUrl });
  publisher = createPublisher({ kafka: settings.kafka, schemas, clientId: 'test', logger });
  sandbox = new SandboxClient(shop.urlOf('paypay-sandbox'), async (ms) => {
    await delay(ms);
  });
  reader = await TopicReader.open(settings, schemas);
  await deliver('tea', 1000);
  const catalogue = spawnSync(process.execPath, ['services/catalogue/main.ts'], {
    env: { ...process.env, ...shop.env },
    encoding: 'utf8',
  });
  expect([catalogue.status, catalogue.stderr]).toEqual([0, expect.any(String)]);
});
afterAll(async () => {
  await reader.close();
  await publisher.close();
  await shop[Symbol.asyncDispose]();
  await infra.stop();
  await folder[Symbol.asyncDispose]();
});

test('RULE_A: the saga is away while the shopper pays; the operator has the result sent again', async () => {
  const orderNo = 'ORD-RULE-A';
  await place(orderNo);
  await shop.kill('order');
  await sandbox.act(orderNo, 'pay');
  const alert = await raised(orderNo, 'RULE_A');
  expect(alert).toMatchObject({
    observed: { orderStatus: 'WAITING_PAYMENT', paymentStatus: 'COMPLETED' },
  });
  await act(alert, 'RESEND_PAYMENT_RESULT');
  await shop.run('order');
  await status(orderNo, 'PAID');
  await done(alert, 'RESEND_PAYMENT_RESULT');
  await resolved(alert);
});

test('RULE_B: a payment that succeeded fails later; the operator has the order rolled back', async () => {
  const orderNo = 'ORD-RULE-B';
  await place(orderNo, { payment: { failsAfterMs: 2000 } });
  await sandbox.act(orderNo, 'pay');
  await status(orderNo, 'PAID');
  const alert = await raised(orderNo, 'RULE_B');
  expect(alert.observed).toEqual({ orderStatus: 'PAID', paymentStatus: 'FAILED' });
  await act(alert, 'QUERY_AND_ROLL_BACK');
  await status(orderNo, 'FAILED');
  await done(alert, 'QUERY_AND_ROLL_BACK');
  await resolved(alert);
});

test('RULE_C: a payment succeeds after it had failed; the operator has it refunded', async () => {
  const orderNo = 'ORD-RULE-C-FAILED';
  await place(orderNo, { payment: { succeedsAfterMs: 3000 } });
  await sandbox.act(orderNo, 'decline');
  await status(orderNo, 'FAILED');
  const alert = await raised(orderNo, 'RULE_C');
  expect(alert.observed).toEqual({ orderStatus: 'FAILED', paymentStatus: 'COMPLETED' });
  await act(alert, 'REFUND');
  await done(alert, 'REFUND');
  await eventually('the refund to be observed', () =>
    reader
      .values(topics.paymentStatusObserved)
      .some((each) => each.orderNo === orderNo && each.status === 'REFUNDED'),
  );
  await resolved(alert);
});

test('RULE_C: a payment succeeds after it had expired; the operator accepts it after all', async () => {
  const orderNo = 'ORD-RULE-C-EXPIRED';
  await place(orderNo, { payment: { completesAfterExpiry: true, expiresAfterMs: 5000 } });
  await sandbox.act(orderNo, 'pay');
  await status(orderNo, 'FAILED');
  const alert = await raised(orderNo, 'RULE_C');
  await act(alert, 'ACCEPT_PAYMENT');
  await status(orderNo, 'PAID');
  await done(alert, 'ACCEPT_PAYMENT');
  await resolved(alert);
});

test('what operators decided is audited, and alerts have their life', async () => {
  const audited = await eventually('the audit', async () => {
    const { alerts, alert_audit: audit } = await readTables(infra.addresses['MYSQL_URL']!, [
      'alerts',
      'alert_audit',
    ]);
    const isDone = alerts!.length === 4 && alerts!.every(({ state }) => state === 'RESOLVED');
    return isDone && audit!.length === 4 && audit!.every((row) => row['outcome']) && audit;
  });
  expect(audited.map(({ type, outcome, operator_id: who }) => [type, outcome, who])).toEqual(
    expect.arrayContaining([
      ['ACCEPT_PAYMENT', 'DONE', 'olga'],
      ['QUERY_AND_ROLL_BACK', 'DONE', 'olga'],
      ['REFUND', 'DONE', 'olga'],
      ['RESEND_PAYMENT_RESULT', 'DONE', 'olga'],
    ]),
  );
});

test('forged webhooks, for unknown orders, malformed or replayed, change nothing', async () => {
  const orderNo = 'ORD-FORGED';
  await place(orderNo, { webhook: { forged: 'state' } });
  const webhook = (body: object) =>
    fetch(`${shop.urlOf('payment')}/webhooks/paypay`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const claim = {
    notification_type: 'Transaction',
    merchant_order_id: orderNo,
    order_id: '123',
    state: 'COMPLETED',
    order_amount: '300',
    paid_at: null,
  };
  expect((await webhook(claim)).status).toBe(200);
  expect((await webhook({ ...claim, merchant_order_id: 'ORD-NOBODY' })).status).toBe(200);
  expect((await webhook({ ...claim, order_amount: 300 })).status).toBe(400);
  await eventually('the claims to be looked into', async () => {
    const metrics = await shop.service('payment').metrics();
    return Number(/payment_webhooks_unconfirmed_total (\d+)/.exec(metrics)?.[1] ?? 0) >= 3;
  });
  expect(statusesOf(orderNo)).toEqual(['PENDING', 'WAITING_PAYMENT']);
  expect(reader.values(topics.paymentStatusObserved).map((each) => each.orderNo)).not.toContain(
    'ORD-NOBODY',
  );
  await sandbox.act(orderNo, 'pay');
  await status(orderNo, 'PAID');
  // As the provider sent it, once more, hours later.
  expect((await webhook(claim)).status).toBe(200);
  await delay(1000);
  expect(statusesOf(orderNo)).toEqual(['PENDING', 'WAITING_PAYMENT', 'PAID']);
});

test('orders that can not be meant are dead letters, and one that asks for too much fails', async () => {
  const line = { sku: 'tea', quantity: 1, unitPrice: 300 };
  const wrong = [
    command('ORD-WRONG-SUM', [line], 299),
    command('ORD-WRONG-ZERO', [{ ...line, quantity: 0 }], 0),
    command('ORD-WRONG-NEGATIVE', [{ ...line, quantity: -1 }], -300),
    command('ORD-WRONG-NOTHING', [], 0),
  ];
  await publisher.publish(wrong.map((value) => ({ topic: topics.orderCommand, value })));
  await publisher.publish([
    {
      topic: topics.orderCommand,
      value: command('ORD-NO-SKU', [{ ...line, sku: 'unicorn' }], 300),
    },
  ]);
  await status('ORD-NO-SKU', 'FAILED');
  const failed = reader
    .values(topics.orderStatusChanged)
    .findLast((o) => o.orderNo === 'ORD-NO-SKU');
  expect(failed!.reason).toContain('unicorn');
  await eventually('the dead letters', async () => {
    const metrics = await shop.service('order').metrics();
    const counts = metrics.matchAll(/^kafka_streams_task_dead_letter_records_total\{.*\} (\d+)$/gm);
    return [...counts].reduce((sum, [, count]) => sum + Number(count), 0) >= wrong.length;
  });
  for (const { orderNo } of wrong) expect(statusesOf(orderNo)).toEqual([]);
});

test('one correlation id goes from the first request to the last event', async () => {
  const orderNo = 'ORD-TRACED';
  const headers = {
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    'correlation-id': 'request-7',
  };
  await place(orderNo, undefined, headers);
  await sandbox.act(orderNo, 'pay');
  await status(orderNo, 'PAID');
  const traced = [topics.orderStatusChanged, topics.paymentCommand, topics.paymentEvent];
  for (const topic of traced) {
    const found = reader.headers(topic, orderNo);
    expect(found.length).toBeGreaterThan(0);
    for (const each of found.slice(0, 1)) expect(each).toMatchObject(headers);
  }
  const stock = reader.headers(topics.storageEvent, orderNo);
  expect(stock.length).toBeGreaterThan(0);
  for (const each of stock) expect(each).toMatchObject(headers);
  const lines = shop
    .service('payment')
    .log.split('\n')
    .filter((each) => each.includes(orderNo));
  expect(lines.some((each) => each.includes('"correlationId":"request-7"'))).toBe(true);
});

test('orders with all faults end as they are to end, though every service is killed on the way', async () => {
  const interrupted = new AbortController();
  const kills = (async () => {
    for (const { name } of services) {
      await delay(2000);
      await shop.kill(name);
      await shop.run(name);
    }
    for (const { name } of services) await shop.untilUp(name);
  })();
  const verdict = await runDemo({
    settings,
    sandboxUrl: shop.urlOf('paypay-sandbox'),
    orders: 400,
    rate: 20,
    shares: SHARES,
    patienceMs: 120_000,
    quietMs: GRACE_MS,
    random: Math.random,
    now: Date.now,
    sleep: async (ms) => {
      await delay(ms);
    },
    signal: interrupted.signal,
    onProgress: () => undefined,
    logger,
  });
  await kills;
  expect(verdict.faults).toEqual([]);
  expect(verdict).toMatchObject({ orders: 400, paid: 360, failed: 40 });
});

test('every table and index that is dropped and built again is what it was', async () => {
  await eventually('everything to be projected', async () => {
    for (const name of ['projections', 'search-indexer']) {
      const metrics = await shop.service(name).metrics();
      const lags = [...metrics.matchAll(/^kafka_consumer_records_lag\{.*\} (\d+)$/gm)];
      if (lags.length === 0 || lags.some(([, lag]) => lag !== '0')) return false;
    }
    return true;
  });
  const before = await readModels();
  for (const [name, rows] of Object.entries(before))
    expect([name, rows.length > 0]).toEqual([name, true]);
  const rebuild = spawnSync(process.execPath, ['services/launcher/rebuild.ts', 'all'], {
    env: { ...process.env, ...shop.env },
    encoding: 'utf8',
  });
  expect([rebuild.status, rebuild.stderr]).toEqual([0, expect.any(String)]);
  expect(rebuild.stdout.trim().split('\n')).toHaveLength(8);
  expect(await readModels()).toEqual(before);
});

async function readModels(): Promise<Record<string, unknown[]>> {
  const names = [
    'orders',
    'order_lines',
    'order_status_history',
    'payment_observations',
    'accounts',
  ];
  const more = ['stock', 'products', 'alerts', 'alert_audit'];
  const tables = await readTables(infra.addresses['MYSQL_URL']!, [...names, ...more]);
  const search = infra.addresses['ELASTICSEARCH_URL']!;
  return { ...tables, ...(await readIndices(search, ['products', 'orders', 'alerts'])) };
}

async function deliver(sku: string, quantity: number): Promise<void> {
  const about = { sku, quantity, orderNo: null, attempt: 1, requestedAt: Date.now() };
  const value = { commandId: `delivery/${sku}`, type: 'RESTOCK' as const, ...about };
  await publisher.publish([{ topic: topics.storageCommand, value }]);
}

function command(
  orderNo: string,
  lines: readonly { sku: string; quantity: number; unitPrice: number }[],
  totalAmount: number,
) {
  const by = { accountId: 'ann', requestedAt: Date.now() };
  return {
    commandId: `create/${orderNo}`,
    orderNo,
    type: 'CREATE' as const,
    lines,
    totalAmount,
    ...by,
  };
}

/** Until it can be paid. */
async function place(orderNo: string, faults?: object, headers = {}): Promise<void> {
  if (faults) await sandbox.setFaults(orderNo, faults);
  const value = command(orderNo, [{ sku: 'tea', quantity: 1, unitPrice: 300 }], 300);
  await publisher.publish([{ topic: topics.orderCommand, value, headers }]);
  await status(orderNo, 'WAITING_PAYMENT');
}

function statusesOf(orderNo: string): string[] {
  return reader
    .values(topics.orderStatusChanged)
    .filter((each) => each.orderNo === orderNo)
    .map((each) => each.status);
}

function status(orderNo: string, wanted: string): Promise<true> {
  return eventually(`${orderNo} to be ${wanted}`, () => statusesOf(orderNo).at(-1) === wanted);
}

function raised(orderNo: string, ruleId: string): Promise<AlertRaised> {
  return eventually(`${ruleId} of ${orderNo}`, () =>
    reader
      .values(topics.alertRaised)
      .find((alert) => alert.orderNo === orderNo && alert.ruleId === ruleId),
  );
}

async function act(
  { orderNo, alertId, ruleId }: AlertRaised,
  type: AlertActionType,
): Promise<void> {
  const by = { operatorId: 'olga', reason: 'the shopper called', requestedAt: Date.now() };
  const actionId = `${type}/${alertId}`;
  const value = { actionId, orderNo, alertId, ruleId, type, ...by };
  // Twice, as an impatient operator does.
  await publisher.publish([
    { topic: topics.alertAction, value },
    { topic: topics.alertAction, value },
  ]);
}

async function done({ alertId }: AlertRaised, type: AlertActionType): Promise<void> {
  const outcomes = await eventually(`the outcome of ${type}`, () => {
    const found = reader
      .values(topics.alertActionOutcome)
      .filter(({ actionId }) => actionId === `${type}/${alertId}`);
    return found.length > 0 && found;
  });
  expect(outcomes.map(({ outcome }) => outcome)).toEqual(['DONE']);
}

function resolved({ alertId, ruleId }: AlertRaised): Promise<true> {
  return eventually(`${ruleId} to be resolved`, () =>
    reader.values(topics.alertResolved).some((each) => each.alertId === alertId),
  );
}

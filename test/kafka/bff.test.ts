/** The BFF as processes, several of them, with what they really need. */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { WebSocket } from 'ws';
import { applyMigrations, createLogger, openDatabase, tables } from '#kit';
import { topics, type OrderStatus } from '#schemas';
import { redisCache } from '../../bff/cache/redis-cache.ts';
import { cacheSuite } from '../../bff/cache/testing/cache-suite.ts';
import { orderMessage, type OrderAccepted, type OrderMessage } from '../../bff/contract.ts';
import { allProjections } from '../../services/projections/all.ts';
import { eventually, TestKafka } from '../support/kafka.ts';
import { ServiceProcess } from '../support/service-process.ts';
import { SteeredConnection } from '../support/steered-connection.ts';

const SKU = 'BFF-TEA';
const PRICE = 1280;
const NOWHERE = 'http://127.0.0.1:1';
const TEA = { lines: [{ sku: SKU, quantity: 2 }] };

const { MYSQL_URL: mysqlUrl = '', REDIS_URL: redisUrl = '' } = inject('addresses');
const database = openDatabase({ url: mysqlUrl, connections: 4 });
const logger = createLogger({ name: 'test', level: 'silent' });

cacheSuite(
  'in Redis',
  () => {
    const cache = redisCache({ url: redisUrl, prefix: `${randomUUID()}:`, logger });
    return { cache, close: () => cache.close() };
  },
  async (ms) => {
    await delay(ms);
  },
);

describe('several instances', () => {
  let kafka: TestKafka;
  let redis: SteeredConnection;
  let account: ServiceProcess;
  let one: ServiceProcess;
  let other: ServiceProcess;

  beforeAll(async () => {
    // As many partitions as the shop's topics have: whoever is first makes them for the others, too.
    kafka = await TestKafka.open(6);
    const names = { orderTopic: '', paymentTopic: '', alertTopic: '', resolvedTopic: '' };
    for (const { migrations } of allProjections(names)) await applyMigrations(mysqlUrl, migrations);
    const product = { nameJa: '茶', nameEn: 'Tea', category: 'tea', price: PRICE, isListed: true };
    const values = { sku: SKU, ...product, version: 1, changedAt: 1 };
    await database.db.insert(tables.products).values(values).onDuplicateKeyUpdate({ set: values });
    account = await ServiceProcess.start({ ...kafka.env, DEMO_ACCOUNTS: 'on' }, 'account');
    await up(account);
  });
  beforeEach(async () => {
    redis = await SteeredConnection.to(redisUrl);
    const env = {
      ...kafka.env,
      REDIS_URL: `redis://${redis.address}`,
      ACCOUNT_URL: `http://${account.address}`,
      ELASTICSEARCH_URL: NOWHERE,
      LIVE_POLL_MS: '500',
      SIGN_INS_PER_MINUTE: '1000',
    };
    [one, other] = await Promise.all([
      ServiceProcess.start(env, 'bff', 'bff/main.ts'),
      ServiceProcess.start(env, 'bff', 'bff/main.ts'),
    ]);
    await Promise.all([up(one), up(other)]);
  });
  afterEach(async () => {
    await Promise.all([one, other].map((each) => each[Symbol.asyncDispose]()));
    await redis[Symbol.asyncDispose]();
  });
  afterAll(async () => {
    await account[Symbol.asyncDispose]();
    await kafka[Symbol.asyncDispose]();
    await database.close();
  });

  test('one key at both at once is one order, and one session is both’s', async () => {
    const cookie = await signIn(one, 'hana');
    const key = randomUUID();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => place(i % 2 ? one : other, cookie, key)),
    );
    const orderNos = new Set(answers.map(({ orderNo }) => orderNo));
    expect(orderNos.size).toBe(1);
    const commands = await kafka.readValues(topics.orderCommand);
    const ours = commands.filter(({ orderNo }) => orderNos.has(orderNo));
    expect(ours).toMatchObject([
      { totalAmount: 2 * PRICE, accountId: expect.any(String) as string },
    ]);
  });

  test('a socket: the snapshot, then each change, never an older one; its token opens it once', async () => {
    const cookie = await signIn(one, 'hana');
    const { orderNo, channelToken } = await place(one, cookie, randomUUID());
    const path = `/ws/orders/${orderNo}?token=${channelToken}`;
    const taro = await signIn(one, 'taro');
    expect(await refusal(other, path, { cookie: taro })).toBe(401);
    expect(await refusal(other, path, {})).toBe(401);
    expect(await refusal(other, path, { cookie, origin: 'https://evil.example' })).toBe(403);
    expect(await refusal(other, `/ws/orders/${orderNo}?token=${channelToken}x`, { cookie })).toBe(
      401,
    );
    expect(await refusal(other, '/ws/ops', { cookie })).toBe(404);

    const [socket, told] = await open(other, path, { cookie });
    await eventually('the snapshot', () => Promise.resolve(told.length === 1));
    expect(told[0]).toMatchObject({ type: 'snapshot', status: 'PENDING' });
    expect(await refusal(one, path, { cookie })).toBe(401);

    const at = Date.now();
    await change(orderNo, 'WAITING_PAYMENT', at + 10);
    await eventually('the first push', () => Promise.resolve(told.length === 2));
    await change(orderNo, 'PENDING', at);
    await change(orderNo, 'PAID', at + 20);
    await eventually('the last push', () => Promise.resolve(told.length === 3));
    expect(told.map((each) => 'status' in each && each.status)).toEqual([
      'PENDING',
      'WAITING_PAYMENT',
      'PAID',
    ]);
    // What was missed is found in the tables.
    const row = { status: 'FAILED', statusAt: at + 30, accountId: 'x' };
    await database.db.insert(tables.orders).values({ orderNo, ...row });
    await eventually('what the poll finds', () => Promise.resolve(told.length === 4));
    expect(told[3]).toMatchObject({ type: 'order-status', status: 'FAILED' });

    const closed = new Promise((resolve) => socket.once('close', resolve));
    expect(await other.end('SIGTERM')).toBe(0);
    expect(await closed).toBe(1001);
  });

  test('Redis hangs, or is gone: 503 within a second, DOWN, and back by itself', async () => {
    const cookie = await signIn(one, 'hana');
    const faults: [() => unknown, () => unknown][] = [
      [() => redis.hang(), () => redis.resume()],
      [() => redis.leave(), () => redis.comeBack()],
    ];
    for (const [breakIt, mendIt] of faults) {
      await breakIt();
      for (const path of ['/api/session', '/api/products', '/api/orders', '/api/nothing']) {
        const startedAt = performance.now();
        const answer = await ask(one, 'GET', path, cookie);
        expect([path, answer.status]).toEqual([path, 503]);
        expect(performance.now() - startedAt).toBeLessThan(1000);
        expect(answer.headers.get('content-type')).toBe('application/problem+json');
        expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
      }
      expect(await refusal(one, '/ws/orders/ORD-1', { cookie })).toBe(503);
      expect((await one.health())?.status).toBe('DOWN');
      await mendIt();
      await eventually('an answer', async () => (await ask(one, 'GET', '/api/orders', cookie)).ok);
      await up(one);
    }
  });

  test('Kafka away: orders are refused, reads go on', async () => {
    const cookie = await signIn(one, 'hana');
    const env = {
      ...kafka.env,
      KAFKA_BROKERS: '127.0.0.1:1',
      REDIS_URL: `redis://${redis.address}`,
      ELASTICSEARCH_URL: NOWHERE,
    };
    await using cutOff = await ServiceProcess.start(env, 'bff', 'bff/main.ts');
    await eventually('reads', async () => {
      const answer = await ask(cutOff, 'GET', '/api/products', cookie).catch(() => undefined);
      return answer?.ok;
    });
    const refused = await ask(cutOff, 'POST', '/api/orders', cookie, TEA, randomUUID());
    expect(refused.status).toBe(503);
    expect((await ask(cutOff, 'GET', '/api/orders', cookie)).status).toBe(200);
    expect((await cutOff.health())?.components['kafka']).toMatchObject({ status: 'DOWN' });
  });

  function change(orderNo: string, status: OrderStatus, updatedAt: number): Promise<void> {
    const rest = { paymentStatus: null, paymentExpiresAt: null, reason: null };
    const value = { orderNo, status, updatedAt, ...rest };
    return kafka.write([{ topic: kafka.topics.orderStatusChanged, key: orderNo, value }]);
  }
});

function up(service: ServiceProcess): Promise<unknown> {
  return eventually('the service to be up', async () => (await service.health())?.status === 'UP');
}

function ask(
  service: ServiceProcess,
  method: string,
  path: string,
  cookie?: string,
  body?: unknown,
  key?: string,
): Promise<Response> {
  return fetch(`http://${service.address}${path}`, {
    method,
    headers: {
      'content-type': 'application/json',
      ...(cookie !== undefined && { cookie }),
      ...(key !== undefined && { 'idempotency-key': key }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
}

async function signIn(service: ServiceProcess, name: string): Promise<string> {
  const body = { email: `${name}@example.jp`, password: 'correct horse battery' };
  const answer = await ask(service, 'POST', '/api/session', undefined, body);
  expect(answer.status).toBe(200);
  return answer.headers.get('set-cookie')!.split(';')[0]!;
}

async function place(service: ServiceProcess, cookie: string, key: string): Promise<OrderAccepted> {
  const answer = await ask(service, 'POST', '/api/orders', cookie, TEA, key);
  expect(answer.status).toBe(202);
  return (await answer.json()) as OrderAccepted;
}

async function open(
  service: ServiceProcess,
  path: string,
  headers: Record<string, string>,
): Promise<[WebSocket, OrderMessage[]]> {
  const told: OrderMessage[] = [];
  const socket = new WebSocket(`ws://${service.address}${path}`, { headers });
  socket.on('message', (data: Buffer) => {
    told.push(orderMessage.parse(JSON.parse(data.toString())));
  });
  await new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  return [socket, told];
}

/** The status with which a socket is not opened. */
function refusal(
  service: ServiceProcess,
  path: string,
  headers: Record<string, string>,
): Promise<number | undefined> {
  const socket = new WebSocket(`ws://${service.address}${path}`, { headers });
  return new Promise((resolve, reject) => {
    socket.once('unexpected-response', (request, response) => {
      request.destroy();
      resolve(response.statusCode);
    });
    socket.once('open', () => reject(new Error('it opened')));
    socket.on('error', () => undefined);
  });
}

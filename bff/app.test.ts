import { describe, expect, test } from 'vitest';
import { CacheUnavailable, type Cache } from './cache/cache.ts';
import { calls } from './calls.ts';
import * as contract from './contract.ts';
import { orderAccepted, orderDetail, session } from './contract.ts';
import { alertDetail, decisionAccepted, overview } from './contract-ops.ts';
import { ABSOLUTE_MS, SLIDING_MS } from './sessions.ts';
import { ALERT, bench, HTML, storedOrder } from './testing/bench.ts';
import { MAX_LINES, MAX_QUANTITY } from '#schemas';

const ORIGIN = 'http://localhost';
const key = (k: string) => ({ 'idempotency-key': k });
const TEA = { lines: [{ sku: 'TEA-1', quantity: 2 }] };

test('the contract has the limits of the topics', () => {
  expect([contract.MAX_LINES, contract.MAX_QUANTITY]).toEqual([MAX_LINES, MAX_QUANTITY]);
});

test('every call of the contract is routed, described, and nothing else is', async () => {
  const { app, shopper } = bench();
  const routed = app.routes
    .filter(({ method, path }) => method !== 'ALL' && path.startsWith('/api/'))
    .map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, '{$1}')}`);
  const ops = await shopper('ops');
  const { body } = await ops.ask('GET', '/api/openapi.json');
  const paths = body['paths'] as Record<string, Record<string, unknown>>;
  const described = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  const names = Object.keys(calls).sort();
  expect(routed.filter((each) => each !== 'GET /api/openapi.json').sort()).toEqual(names);
  expect(described.sort()).toEqual(names);
});

describe('sessions', () => {
  test('the cookie can not be read by scripts, and changes with the sign-in, as the token does', async () => {
    const { visitor } = bench();
    const hana = visitor();
    const before = await hana.ask('GET', '/api/session');
    expect(session.parse(before.body)).toMatchObject({ account: null });
    const cookie = hana.cookie;
    const signIn = { email: 'hana@example.jp', password: 'right' };
    const after = await hana.ask('POST', '/api/session', signIn);
    expect(after.headers.get('set-cookie')).toMatch(/HttpOnly; Secure; SameSite=Lax$/);
    expect(hana.cookie).not.toBe(cookie);
    expect(after.body['csrfToken']).not.toBe(before.body['csrfToken']);
    const old = visitor();
    old.cookie = cookie;
    expect((await old.ask('GET', '/api/session')).body['csrfToken']).not.toBe(
      before.body['csrfToken'],
    );
  });

  test('end 30 minutes after the last request, and 12 hours after the first', async () => {
    const { clock, shopper } = bench();
    const hana = await shopper('hana');
    const isIn = async () => (await hana.ask('GET', '/api/orders')).status === 200;
    for (let ms = 0; ms < ABSOLUTE_MS - SLIDING_MS; ms += SLIDING_MS - 1) {
      expect(await isIn()).toBe(true);
      clock.now += SLIDING_MS - 1;
    }
    expect(await isIn()).toBe(true);
    clock.now += SLIDING_MS;
    expect(await isIn()).toBe(false);
  });

  test('signing out everywhere ends the others, and those of nobody else', async () => {
    const { shopper } = bench();
    const [here, there, other] = [await shopper('hana'), await shopper('hana'), await shopper('x')];
    expect((await here.ask('DELETE', '/api/session?everywhere=true')).status).toBe(204);
    expect((await there.ask('GET', '/api/orders')).status).toBe(401);
    expect((await other.ask('GET', '/api/orders')).status).toBe(200);
  });

  test('the cart is kept through the sign-in', async () => {
    const { visitor } = bench();
    const hana = visitor();
    await hana.ask('PUT', '/api/cart', TEA);
    await hana.ask('POST', '/api/session', { email: 'hana@example.jp', password: 'right' });
    expect((await hana.ask('GET', '/api/cart')).body).toMatchObject({ total: 2000, items: 2 });
  });

  test('sign-ins are limited, whatever comes of them', async () => {
    const { visitor } = bench();
    const guess = { email: 'hana@example.jp', password: 'wrong' };
    for (let i = 0; i < 5; i++)
      expect((await visitor().ask('POST', '/api/session', guess)).status).toBe(401);
    const limited = await visitor().ask('POST', '/api/session', { ...guess, password: 'right' });
    expect(limited.status).toBe(429);
    expect(Number(limited.headers.get('retry-after'))).toBeGreaterThan(0);
  });
});

describe('nobody gets in', () => {
  test('without a session, with one that is made up, or as a shopper to what is for operators', async () => {
    const { shopper, visitor } = bench();
    const stranger = visitor();
    for (const path of ['/api/orders', '/api/orders/ORD-1'])
      expect((await stranger.ask('GET', path)).status).toBe(401);
    stranger.cookie = `sid=${'a'.repeat(43)}`;
    expect((await stranger.ask('GET', '/api/orders')).status).toBe(401);
    const hana = await shopper('hana');
    for (const path of ['/api/ops/alerts', '/api/ops/overview', '/api/ops/nothing'])
      expect((await hana.ask('GET', path)).status).toBe(404);
    const path = `/api/ops/alerts/${ALERT.alertId}/actions`;
    expect((await hana.ask('POST', path, { type: 'REFUND', reason: 'r' })).status).toBe(404);
  });

  test('a stranger’s order is like one that does not exist', async () => {
    const { shopper, stored } = bench();
    stored.set('ORD-1', storedOrder('ORD-1', 'acc-hana'));
    const [hana, taro] = [await shopper('hana'), await shopper('taro')];
    expect((await hana.ask('GET', '/api/orders/ORD-1')).status).toBe(200);
    const theirs = await taro.ask('GET', '/api/orders/ORD-1');
    expect(theirs.status).toBe(404);
    expect(theirs.body).toEqual((await taro.ask('GET', '/api/orders/ORD-2')).body);
    expect((await taro.ask('POST', '/api/orders/ORD-1/channel')).status).toBe(404);
  });

  test.each([
    ['a foreign Origin', { origin: 'https://evil.example' }],
    ['no Origin that can be named', { origin: 'null' }],
    ['another site', { 'sec-fetch-site': 'cross-site' }],
    ['another host of the site', { 'sec-fetch-site': 'same-site' }],
    ['the own page, but no token', { origin: ORIGIN }],
    ['the own page, but another token', { origin: ORIGIN, 'x-csrf-token': 'x' }],
    ['no page, but a wrong token', { 'x-csrf-token': 'x' }],
  ])('a request that changes something, from %s', async (_, headers) => {
    const { shopper, published } = bench();
    const hana = await shopper('hana');
    const answer = await hana.ask('POST', '/api/orders', TEA, { ...key('k'), ...headers });
    expect(answer.status).toBe(403);
    expect(published).toEqual([]);
  });

  test('the own page with the token gets in, by the client that pages have', async () => {
    const { shopper } = bench();
    const hana = await shopper('hana');
    const { csrfToken } = await hana.client()('GET /api/session', {});
    const call = hana.client(csrfToken);
    const accepted = await call('POST /api/orders', { body: TEA, idempotencyKey: 'k' });
    expect(orderAccepted.parse(accepted).totalAmount).toBe(2000);
    const { orderNo } = accepted;
    expect((await call('GET /api/orders/{orderNo}', { params: { orderNo } })).status).toBe(
      'PENDING',
    );
    await expect(call('GET /api/products', { query: { page: 501 } })).rejects.toThrow('pages go');
  });

  test('oversized bodies, bodies of other kinds, unknown fields', async () => {
    const { shopper } = bench();
    const hana = await shopper('hana');
    const ask = (body: unknown, headers = {}) =>
      hana.ask('POST', '/api/orders', body, { ...key('k'), ...headers });
    expect((await ask('x'.repeat(70_000))).status).toBe(413);
    expect((await ask('{}', { 'content-type': 'text/plain' })).status).toBe(415);
    expect((await ask('{')).status).toBe(400);
    const faulty = await ask({ lines: [{ sku: 'TEA-1', quantity: 1, unitPrice: 1 }] });
    expect(faulty.status).toBe(422);
    expect(faulty.body['faults']).toMatchObject([{ field: 'lines.0.unitPrice' }]);
    for (const quantity of [0, -1, 1.5, 1000, '1', null])
      expect((await ask({ lines: [{ sku: 'TEA-1', quantity }] })).status).toBe(422);
  });

  test('by tricks with the path', async () => {
    const { shopper, stored } = bench();
    stored.set('ORD-1', storedOrder('ORD-1', 'acc-x'));
    const hana = await shopper('hana');
    for (const path of [
      '/api/orders/..%2fops%2falerts',
      '/api/orders/%2e%2e/ops/alerts',
      '/api//ops/alerts',
      '/API/ops/alerts',
      '/api/orders/ORD-1%00',
      '/api/orders/%ff',
      '/api/orders/ORD-1%20',
      '/pictures/..%2f..%2fpackage.json.svg',
      `/api/products/${encodeURIComponent(HTML)}`,
    ])
      expect([path, (await hana.ask('GET', path)).status]).toEqual([path, 404]);
  });

  test('webhooks from elsewhere', async () => {
    const { visitor } = bench();
    expect((await visitor().ask('POST', '/webhooks/paypay', {})).status).toBe(403);
  });
});

test('HTML stays text: answers are JSON, may not be guessed, and run no scripts', async () => {
  const { shopper } = bench();
  const hana = await shopper('hana');
  const answer = await hana.ask('GET', '/api/products/TEA-1');
  expect(answer.body).toMatchObject({ nameEn: HTML });
  expect(answer.headers.get('content-type')).toBe('application/json');
  expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
  expect(answer.headers.get('content-security-policy')).toMatch(
    /script-src 'self' 'nonce-[^']+';.*frame-ancestors 'none'/,
  );
  expect(answer.headers.get('correlation-id')).not.toBeNull();
  const picture = await hana.ask('GET', '/pictures/TEA-1.svg');
  expect(picture.body['text']).not.toContain('<img');
});

test('the store of sessions away: everything under /api is 503, and says when to come again', async () => {
  const away = new Proxy({} as Cache, {
    get: () => () => Promise.reject(new CacheUnavailable('away')),
  });
  const { visitor } = bench({ cache: away });
  const stranger = visitor();
  for (const cookie of [undefined, `sid=${'a'.repeat(43)}`, 'sid=bad'])
    for (const path of ['/api/session', '/api/products', '/api/ops/alerts', '/api/nothing']) {
      stranger.cookie = cookie;
      const answer = await stranger.ask('GET', path);
      expect(answer.status).toBe(503);
      expect(answer.headers.get('content-type')).toBe('application/problem+json');
      expect(answer.headers.get('retry-after')).toBe('1');
    }
});

describe('orders', () => {
  test('one key is one order, at once and again; with another body it is refused', async () => {
    const { orderCommands, shopper } = bench();
    const hana = await shopper('hana');
    const place = (body: unknown = TEA) => hana.ask('POST', '/api/orders', body, key('k'));
    const answers = await Promise.all(Array.from({ length: 10 }, () => place()));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
    const orderNos = new Set([...answers, await place()].map(({ body }) => body['orderNo']));
    expect(orderNos.size).toBe(1);
    expect(new Set(orderCommands().map(({ orderNo }) => orderNo))).toEqual(orderNos);
    expect((await place({ lines: [{ sku: 'TEA-2', quantity: 1 }] })).status).toBe(422);
    const taro = await shopper('taro');
    const theirs = await taro.ask('POST', '/api/orders', TEA, key('k'));
    expect(orderNos.has(theirs.body['orderNo'])).toBe(false);
  });

  test('the server prices; a price that has changed is said before anything is ordered', async () => {
    const { offers, orderCommands, published, shopper } = bench();
    const hana = await shopper('hana');
    await hana.ask('PUT', '/api/cart', TEA);
    offers.set('TEA-1', { ...offers.get('TEA-1')!, price: 1100 });
    const wish = { expectedTotal: 2000 };
    const changed = await hana.ask('POST', '/api/orders', wish, key('k'));
    expect(changed.status).toBe(409);
    expect(changed.body).toMatchObject({ code: 'price-changed', currentTotal: 2200 });
    expect(published).toEqual([]);
    const now = await hana.ask('POST', '/api/orders', { expectedTotal: 2200 }, key('k'));
    expect(now.status).toBe(202);
    expect(orderCommands()).toMatchObject([
      { totalAmount: 2200, lines: [{ sku: 'TEA-1', quantity: 2, unitPrice: 1100 }] },
    ]);
    expect((await hana.ask('GET', '/api/cart')).body).toMatchObject({ items: 0 });
  });

  test('what is not sold can not be ordered, nor nothing, nor without a key', async () => {
    const { offers, shopper } = bench();
    const hana = await shopper('hana');
    offers.set('TEA-2', { ...offers.get('TEA-2')!, isListed: false });
    const gone = { lines: [{ sku: 'TEA-2', quantity: 1 }] };
    expect((await hana.ask('POST', '/api/orders', gone, key('a'))).status).toBe(409);
    expect((await hana.ask('POST', '/api/orders', {}, key('b'))).status).toBe(422);
    expect((await hana.ask('POST', '/api/orders', TEA)).status).toBe(400);
  });

  test('Kafka away: 503, and the same key makes the order later; reads go on', async () => {
    const { broker, orderCommands, shopper } = bench();
    const hana = await shopper('hana');
    broker.isAway = true;
    const refused = await hana.ask('POST', '/api/orders', TEA, key('k'));
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).toBe('1');
    expect((await hana.ask('GET', '/api/orders')).body['total']).toBe(0);
    broker.isAway = false;
    expect((await hana.ask('POST', '/api/orders', TEA, key('k'))).status).toBe(202);
    expect(orderCommands()).toHaveLength(1);
  });

  test('one’s own order is there before the read model has it, and follows it then', async () => {
    const { shopper, stored } = bench();
    const hana = await shopper('hana');
    const { body } = await hana.ask('POST', '/api/orders', TEA, key('k'));
    const orderNo = body['orderNo'] as string;
    const read = async () => (await hana.ask('GET', `/api/orders/${orderNo}`)).body;
    expect(orderDetail.parse(await read())).toMatchObject({ status: 'PENDING', totalAmount: 2000 });
    expect((await hana.ask('GET', '/api/orders')).body).toMatchObject({ total: 1 });
    const url = 'https://pay.example/1';
    const row = { status: 'WAITING_PAYMENT', statusAt: 5, paymentUrl: url };
    stored.set(orderNo, storedOrder(orderNo, 'acc-hana', row));
    const paying = orderDetail.parse(await read());
    expect(paying).toMatchObject({ status: 'WAITING_PAYMENT', payment: { url } });
    expect(paying.payment?.qrSvg).toMatch(/^<svg /);
    expect((await hana.ask('GET', '/api/orders')).body).toMatchObject({ total: 1 });
  });

  test('are limited', async () => {
    const { shopper } = bench();
    const hana = await shopper('hana');
    const statuses = [];
    for (let i = 0; i < 21; i++)
      statuses.push((await hana.ask('POST', '/api/orders', TEA, key(`k${i}`))).status);
    expect(statuses).toEqual([...Array.from({ length: 20 }, () => 202), 429]);
  });
});

describe('operators', () => {
  test('decide, once for a key, only what the rule allows', async () => {
    const { published, shopper } = bench();
    const ops = await shopper('ops');
    const path = `/api/ops/alerts/${ALERT.alertId}`;
    const detail = alertDetail.parse((await ops.ask('GET', path)).body);
    expect(detail.actions.map(({ type }) => type)).toEqual(['REFUND', 'ACCEPT_PAYMENT']);
    const wish = { type: 'REFUND', reason: HTML };
    const decide = (k: string) => ops.ask('POST', `${path}/actions`, wish, key(k));
    const [first, again, other] = [await decide('a'), await decide('a'), await decide('b')];
    expect(first.status).toBe(202);
    const { actionId } = decisionAccepted.parse(first.body);
    expect([again.body['actionId'], other.body['actionId'] === actionId]).toEqual([
      actionId,
      false,
    ]);
    expect(published[0]?.value).toMatchObject({ operatorId: 'acc-ops', reason: HTML, actionId });
    const wrong = { type: 'COMPENSATE', reason: 'because' };
    expect((await ops.ask('POST', `${path}/actions`, wrong)).status).toBe(422);
    expect((await ops.ask('POST', `${path}/actions`, { ...wish, reason: ' ' })).status).toBe(422);
    expect((await ops.ask('POST', `${path}/acknowledge`, {})).status).toBe(202);
    expect((await ops.ask('GET', '/api/ops/alerts/x')).status).toBe(404);
    expect(overview.parse((await ops.ask('GET', '/api/ops/overview')).body).slo).toBeNull();
  });

  test('ask for what can be asked for', async () => {
    const { shopper } = bench();
    const ops = await shopper('ops');
    const status = async (query: string) =>
      (await ops.ask('GET', `/api/ops/alerts?${query}`)).status;
    expect(await status('rule=RULE_A,RULE_B&state=open&minAgeMs=5&q=ORD&sort=newest&page=2')).toBe(
      200,
    );
    for (const query of ['rule=RULE_X', 'state=gone', 'page=0', 'page=x', 'sort=up'])
      expect([query, await status(query)]).toEqual([query, 400]);
  });
});

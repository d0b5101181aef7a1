import { describe, expect, test } from 'vitest';
import { Bench, TTL_MS } from './testing/bench.ts';

describe('faults', () => {
  for (const path of ['/sandbox/faults/default', '/sandbox/faults/orders/ORD-1']) {
    test(`${path}: set, read, cleared, and kept over a restart`, async () => {
      const set = { webhook: { lost: true, delayMs: 5 }, api: { status: 500, times: 2 } };
      const bench = new Bench();
      expect(await (await send(bench, 'GET', path)).json()).toEqual({});
      expect(await (await send(bench, 'PUT', path, JSON.stringify(set))).json()).toEqual(set);
      const next = bench.restart();
      expect(await (await send(next, 'GET', path)).json()).toEqual(set);
      expect((await send(next, 'DELETE', path)).status).toBe(204);
      expect(await (await send(next, 'GET', path)).json()).toEqual({});
      expect(await (await send(next, 'GET', '/sandbox/faults')).json()).toEqual({
        default: {},
        orders: {},
      });
    });
  }

  test('what is none is refused, and named', async () => {
    const bench = new Bench();
    for (const [body, detail] of [
      ['{', 'no JSON'],
      ['{"webhook":{"delayMs":"5"}}', 'webhook.delayMs: '],
      ['{"api":{}}', 'api: does nothing'],
      ['{"wrong":1}', 'wrong'],
    ] as const) {
      const response = await send(bench, 'PUT', '/sandbox/faults/default', body);
      expect(response.status).toBe(400);
      expect(response.headers.get('content-type')).toBe('application/problem+json');
      expect(((await response.json()) as { detail: string }).detail).toContain(detail);
    }
    expect(bench.entries).toEqual([]);
  });
});

describe('the shopper, for machines', () => {
  test('pays, declines, lets expire', async () => {
    const bench = new Bench();
    for (const [id, move, status] of [
      ['A', 'pay', 'COMPLETED'],
      ['B', 'decline', 'FAILED'],
      ['C', 'expire', 'CREATED'],
    ] as const) {
      await bench.create(id);
      const response = await send(bench, 'POST', `/sandbox/payments/${id}/${move}`);
      expect([response.status, await response.json()]).toEqual([200, { status }]);
      const again = await send(bench, 'POST', `/sandbox/payments/${id}/pay`);
      expect(again.status).toBe(409);
      expect(again.headers.get('content-type')).toBe('application/problem+json');
    }
    expect((await send(bench, 'POST', '/sandbox/payments/none/pay')).status).toBe(404);
  });

  test('can not pay what has expired or was deleted', async () => {
    const bench = new Bench();
    await bench.create('A');
    await bench.create('B');
    bench.sandbox.deleteCode(bench.sandbox.payment('B').codeId);
    await bench.clock.advance(TTL_MS);
    for (const id of ['A', 'B']) {
      expect((await send(bench, 'POST', `/sandbox/payments/${id}/pay`)).status).toBe(409);
    }
  });
});

test('payments are listed, the newest first, and shown with their webhooks', async () => {
  const bench = new Bench();
  for (const id of ['A', 'B', 'C']) await bench.create(id);
  bench.sandbox.pay('B');
  await bench.clock.advance(0);
  const list = await send(bench, 'GET', '/sandbox/payments?limit=2');
  expect(await list.json()).toMatchObject({
    payments: [{ merchantPaymentId: 'C' }, { merchantPaymentId: 'B', status: 'COMPLETED' }],
  });
  for (const limit of ['0', 'x', '1001']) {
    expect((await send(bench, 'GET', `/sandbox/payments?limit=${limit}`)).status).toBe(400);
  }
  const one = await send(bench, 'GET', '/sandbox/payments/B');
  expect(await one.json()).toMatchObject({
    webhooks: [{ state: 'COMPLETED', settled: { outcome: 'delivered' } }],
  });
  expect((await send(bench, 'GET', '/sandbox/payments/D')).status).toBe(404);
});

function send(bench: Bench, method: string, path: string, body?: string): Promise<Response> {
  return Promise.resolve(bench.app.request(path, { method, ...(body && { body }) }));
}

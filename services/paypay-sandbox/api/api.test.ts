import { describe, expect, test } from 'vitest';
import { authorization, listen } from '#kit';
import { Bench, codeBody, KEYS, START_MS, TTL_MS } from '../testing/bench.ts';

const start_s = START_MS / 1_000;
const amount = { amount: 1_000, currency: 'JPY' };

describe('codes', () => {
  test('are created, with a page to pay on', async () => {
    const bench = new Bench();
    const { status, code, data } = await bench.create('ORD-1-1', { orderDescription: 'Tea' });
    expect([status, code]).toEqual([201, 'SUCCESS']);
    expect(data).toMatchObject({
      codeId: 'code-1',
      url: 'http://sandbox.test/pay/code-1',
      deeplink: 'paypay://payment?link_key=http%3A%2F%2Fsandbox.test%2Fpay%2Fcode-1',
      expiryDate: start_s + TTL_MS / 1_000,
      merchantPaymentId: 'ORD-1-1',
      amount,
      codeType: 'ORDER_QR',
      requestedAt: start_s,
    });
  });

  test('are not created twice for one id', async () => {
    const bench = new Bench();
    await bench.create('ORD-1-1');
    const { status, code, data } = await bench.create('ORD-1-1');
    expect([status, code, data]).toEqual([400, 'DUPLICATE_DYNAMIC_QR_REQUEST', null]);
  });

  test('are not created of what the API does not take', async () => {
    const bench = new Bench();
    for (const wrong of [
      { amount: { amount: 0, currency: 'JPY' } },
      { amount: { amount: 1.5, currency: 'JPY' } },
      { amount: { amount: '1000', currency: 'JPY' } },
      { amount: { amount: 1, currency: 'USD' } },
      { codeType: 'OTHER' },
      { merchantPaymentId: '' },
      { merchantPaymentId: 'x'.repeat(65) },
      { requestedAt: 'now' },
      { redirectUrl: 'no address' },
      { somethingElse: 1 },
    ]) {
      const { status, code } = await bench.create('ORD-1-1', wrong);
      expect([status, code]).toEqual([400, 'INVALID_PARAMS']);
    }
    expect(bench.entries).toEqual([]);
  });

  test('are deleted until they are paid', async () => {
    const bench = new Bench();
    await bench.create('ORD-1-1');
    for (const time of ['once', 'twice']) {
      const { status, code, data } = await bench.call('DELETE', '/v2/codes/code-1');
      expect([status, code, data], time).toEqual([200, 'SUCCESS', null]);
    }
    expect((await bench.details('ORD-1-1')).data).toMatchObject({ status: 'CANCELED' });
    const paid = await bench.create('ORD-2-1');
    bench.sandbox.pay('ORD-2-1');
    const refused = await bench.call('DELETE', `/v2/codes/${String(paid.data?.['codeId'])}`);
    expect([refused.status, refused.code]).toEqual([400, 'DYNAMIC_QR_ALREADY_PAID']);
    const unknown = await bench.call('DELETE', '/v2/codes/none');
    expect([unknown.status, unknown.code]).toEqual([400, 'DYNAMIC_QR_NOT_FOUND']);
  });
});

describe('payments', () => {
  test('tell how they are', async () => {
    const bench = new Bench();
    await bench.create('ORD-1-1');
    expect((await bench.details('ORD-1-1')).data).toEqual({
      paymentId: '91',
      status: 'CREATED',
      acceptedAt: 0,
      merchantPaymentId: 'ORD-1-1',
      amount,
      requestedAt: start_s,
      expiryDate: start_s + 300,
      refunds: { data: [] },
    });
    await bench.clock.advance(2_000);
    bench.sandbox.pay('ORD-1-1');
    const { data } = await bench.details('ORD-1-1');
    expect(data).toMatchObject({ status: 'COMPLETED', acceptedAt: start_s + 2 });
    const unknown = await bench.details('ORD-9');
    expect([unknown.status, unknown.code]).toEqual([400, 'DYNAMIC_QR_PAYMENT_NOT_FOUND']);
  });

  test('stay CREATED when nobody paid in time', async () => {
    const bench = new Bench();
    await bench.create('ORD-1-1');
    await bench.clock.advance(TTL_MS * 2);
    const { data } = await bench.details('ORD-1-1');
    expect(data).toMatchObject({ status: 'CREATED', acceptedAt: 0 });
    expect(bench.clock.waiting).toBe(0);
  });

  test('can be cancelled, with a webhook, and not the day after', async () => {
    const bench = new Bench();
    await bench.create('ORD-1-1');
    await bench.create('ORD-2-1');
    bench.sandbox.pay('ORD-1-1');
    bench.sandbox.pay('ORD-2-1');
    const { status, code } = await bench.call('DELETE', '/v2/payments/ORD-1-1');
    expect([status, code]).toEqual([202, 'REQUEST_ACCEPTED']);
    await bench.clock.advance(13 * 3_600_000);
    const late = await bench.call('DELETE', '/v2/payments/ORD-2-1');
    expect([late.status, late.code]).toEqual([400, 'ORDER_NOT_REVERSIBLE']);
    expect((await bench.details('ORD-1-1')).data).toMatchObject({ status: 'CANCELED' });
    expect(bench.told.toSorted()).toEqual(['CANCELED', 'COMPLETED', 'COMPLETED']);
  });
});

describe('refunds', () => {
  const refundBody = { merchantRefundId: 'R-1', requestedAt: start_s, amount, paymentId: '91' };

  test('answer the same when they are repeated', async () => {
    const bench = await withPaid();
    const first = await bench.call('POST', '/v2/refunds', { ...refundBody, reason: 'late' });
    expect([first.status, first.code]).toEqual([200, 'SUCCESS']);
    expect(first.data).toEqual({
      status: 'REFUNDED',
      acceptedAt: start_s,
      merchantRefundId: 'R-1',
      paymentId: '91',
      amount,
      requestedAt: start_s,
      reason: 'late',
    });
    await bench.clock.advance(1_000);
    const again = await bench.call('POST', '/v2/refunds', { ...refundBody, reason: 'late' });
    expect(again.data).toEqual(first.data);
    expect((await bench.call('GET', '/v2/refunds/R-1')).data).toEqual(first.data);
    expect((await bench.details('ORD-1-1')).data).toMatchObject({
      status: 'REFUNDED',
      refunds: { data: [first.data] },
    });
    expect(bench.received.at(-1)?.body).toMatchObject({
      state: 'REFUNDED',
      merchant_order_id: 'ORD-1-1',
      merchant_refund_id: 'R-1',
      refund_amount: '1000',
    });
    expect(bench.told).toEqual(['COMPLETED', 'REFUNDED']);
  });

  test('are refused when they can not be', async () => {
    const bench = await withPaid();
    const refused = async (more: object) => {
      const { status, code } = await bench.call('POST', '/v2/refunds', { ...refundBody, ...more });
      return [status, code];
    };
    expect(await refused({ amount: { amount: 1_001, currency: 'JPY' } })).toEqual([
      400,
      'INVALID_PARAMS',
    ]);
    expect(await refused({ paymentId: '404' })).toEqual([404, 'RESOURCE_NOT_FOUND']);
    expect(await refused({ amount: undefined })).toEqual([400, 'INVALID_PARAMS']);
    expect(await refused({})).toEqual([200, 'SUCCESS']);
    expect(await refused({ reason: 'another' })).toEqual([400, 'UNACCEPTABLE_OP']);
    const unknown = await bench.call('GET', '/v2/refunds/R-9');
    expect([unknown.status, unknown.code]).toEqual([404, 'NO_SUCH_REFUND_ORDER']);
  });

  test('have one id each, over all payments', async () => {
    const bench = await withPaid();
    await bench.call('POST', '/v2/refunds', refundBody);
    const created = await bench.create('ORD-2-1');
    expect(created.status).toBe(201);
    bench.sandbox.pay('ORD-2-1');
    const { paymentId } = bench.sandbox.payment('ORD-2-1');
    const other = await bench.call('POST', '/v2/refunds', { ...refundBody, paymentId });
    expect([other.status, other.code]).toEqual([400, 'UNACCEPTABLE_OP']);
  });
});

test('without a right signature nothing is done, whatever is wrong else', async () => {
  const bench = new Bench();
  for (const headers of [{}, { authorization: 'hmac OPA-Auth:key:mac:n:1:hash' }]) {
    const body = JSON.stringify(codeBody('ORD-1-1'));
    const response = await bench.app.request('/v2/codes', { method: 'POST', body, headers });
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ resultInfo: { code: 'UNAUTHORIZED' } });
  }
  expect(bench.entries).toEqual([]);
});

test('the query is not signed, an encoded path is signed as it is sent', async () => {
  const bench = new Bench();
  await bench.create('ORD 1');
  const path = '/v2/codes/payments/ORD%201?assumeMerchant=shop';
  expect((await bench.call('GET', path)).status).toBe(200);
});

test('what can not be kept is not answered as done', async () => {
  const bench = new Bench();
  bench.diskFault = new Error('ENOSPC');
  const { status, code } = await bench.create('ORD-1-1');
  expect([status, code]).toEqual([500, 'INTERNAL_SERVER_ERROR']);
  bench.diskFault = undefined;
  expect((await bench.create('ORD-1-1')).status).toBe(201);
});

describe('faults', () => {
  test('an error instead of the call, so many times', async () => {
    const bench = new Bench();
    bench.sandbox.setFaults('ORD-1', { api: { status: 503, path: 'create', times: 2 } });
    for (const call of ['first', 'second']) {
      const { status, code } = await bench.create('ORD-1-1');
      expect([status, code], call).toEqual([503, 'MAINTENANCE_MODE']);
    }
    expect((await bench.create('ORD-1-1')).status).toBe(201);
  });

  test('how often it hit outlives a restart', async () => {
    const bench = new Bench();
    bench.sandbox.setFaults('ORD-1', { api: { status: 500, times: 2 } });
    expect((await bench.create('ORD-1-1')).status).toBe(500);
    const next = bench.restart();
    expect((await next.create('ORD-1-1')).status).toBe(500);
    expect((await next.create('ORD-1-1')).status).toBe(201);
  });

  test('an error after the call was carried out', async () => {
    const bench = new Bench();
    bench.sandbox.setFaults(null, { api: { status: 500, times: 1, after: true } });
    expect((await bench.create('ORD-1-1')).status).toBe(500);
    expect((await bench.create('ORD-1-1')).code).toBe('DUPLICATE_DYNAMIC_QR_REQUEST');
  });

  test('too many requests say when to come back', async () => {
    const bench = new Bench();
    bench.sandbox.setFaults(null, { api: { status: 429 } });
    const { status, headers, code } = await bench.details('ORD-1-1');
    expect([status, code, headers.get('retry-after')]).toEqual([429, 'RATE_LIMIT', '1']);
  });

  test('slow: the call is carried out when it answers, or (after) at once', async () => {
    for (const after of [false, true]) {
      const bench = new Bench();
      bench.sandbox.setFaults(null, { api: { slowMs: 5_000, after } });
      const answer = bench.create('ORD-1-1');
      await bench.clock.advance(4_999);
      expect(bench.sandbox.payments.length).toBe(after ? 1 : 0);
      await bench.clock.advance(1);
      expect((await answer).status).toBe(201);
    }
  });

  test('the answer is lost: the connection ends without one', async () => {
    const bench = new Bench();
    bench.sandbox.setFaults(null, { api: { after: true, times: 1 } });
    const server = await listen(bench.app, { host: '127.0.0.1', port: 0 });
    const body = JSON.stringify(codeBody('ORD-1-1'));
    const contentType = 'application/json';
    const parts = { method: 'POST', path: '/v2/codes', body, contentType };
    const headers = {
      authorization: authorization(KEYS, parts, start_s),
      'content-type': contentType,
    };
    await expect(
      fetch(`${server.url}/v2/codes`, { method: 'POST', body, headers }),
    ).rejects.toThrow();
    await server.close();
    expect(bench.sandbox.payment('ORD-1-1').status).toBe('CREATED');
  });
});

async function withPaid(): Promise<Bench> {
  const bench = new Bench();
  await bench.create('ORD-1-1');
  bench.sandbox.pay('ORD-1-1');
  await bench.clock.advance(0);
  return bench;
}

import { Hono } from 'hono';
import { describe, expect, test } from 'vitest';
import { createLogger, sourceList, type Publication } from '#kit';
import type { PaymentCommand } from '#schemas';
import { paymentMetrics, type PaymentMetrics } from './metrics.ts';
import { addWebhook } from './webhook.ts';

const NOW = Date.UTC(2026, 10, 1);
const body = {
  notification_type: 'Transaction',
  merchant_id: 'm',
  store_id: null,
  merchant_order_id: 'ORD-1-r2',
  order_id: '0123456789',
  state: 'COMPLETED',
  order_amount: '500',
  paid_at: '2026-11-01T09:00:00+09:00',
};

function receiver(publish: (all: readonly Publication[]) => Promise<void>) {
  const http = new Hono();
  const outcomes: string[] = [];
  const metrics: PaymentMetrics = { ...paymentMetrics(), webhook: (each) => outcomes.push(each) };
  const logger = createLogger({ name: 'test', level: 'silent' });
  const sources = sourceList(['127.0.0.1', '10.1.0.0/16', '::1']);
  addWebhook(http, {
    publisher: { publish },
    sources,
    metrics,
    logger,
    now: () => NOW,
    answerWithinMs: 20,
  });
  const post = (content: string, from = '127.0.0.1') => {
    const init = {
      method: 'POST',
      body: content,
      headers: { 'content-type': 'application/json', 'content-length': String(content.length) },
    };
    const incoming = { socket: { remoteAddress: from, remotePort: 1, remoteFamily: 'IPv4' } };
    return http.request('/webhooks/paypay', init, { incoming });
  };
  return { post, outcomes };
}

function recorder() {
  const published: PaymentCommand[] = [];
  const taken = receiver((all) => {
    published.push(...all.map(({ value }) => value as PaymentCommand));
    return Promise.resolve();
  });
  return { ...taken, published };
}

test('a notification becomes a question to the provider, the same however often it comes', async () => {
  const { post, published } = recorder();
  expect((await post(JSON.stringify(body))).status).toBe(200);
  expect((await post(JSON.stringify(body))).status).toBe(200);
  expect(published[0]).toMatchObject({
    type: 'QUERY',
    source: 'WEBHOOK',
    orderNo: 'ORD-1',
    merchantPaymentId: 'ORD-1-r2',
    commandId: 'webhook/0123456789/COMPLETED',
  });
  expect(published[1]!.commandId).toBe(published[0]!.commandId);
});

describe('2xx is said only once it is in Kafka', () => {
  test('and 503 when it can not be', async () => {
    const { post, outcomes } = receiver(() => Promise.reject(new Error('no broker')));
    const answer = await post(JSON.stringify(body));
    expect(answer.status).toBe(503);
    expect(outcomes).toEqual(['unavailable']);
  });

  test('and 503 when that takes too long', async () => {
    const { post } = receiver(() => new Promise(() => undefined));
    expect((await post(JSON.stringify(body))).status).toBe(503);
  });
});

test.each(['127.0.0.66', '10.2.0.1', '::2'])(
  '%s is not believed to be the provider',
  async (from) => {
    const { post, published, outcomes } = recorder();
    expect((await post(JSON.stringify(body), from)).status).toBe(403);
    expect(published).toEqual([]);
    expect(outcomes).toEqual(['wrong_source']);
  },
);

test.each(['10.1.200.3', '::1', '::ffff:127.0.0.1'])('%s is', async (from) => {
  expect((await recorder().post(JSON.stringify(body), from)).status).toBe(200);
});

test.each([
  ['no JSON', '{"notification_type":'],
  ['a list', '[]'],
  ['no order', JSON.stringify({ ...body, merchant_order_id: undefined })],
  ['a state in words', JSON.stringify({ ...body, state: 'paid, honestly' })],
  ['an amount as a number', JSON.stringify({ ...body, order_amount: 500 })],
  ['a path in the id', JSON.stringify({ ...body, merchant_order_id: '../../etc' })],
])('%s is a 400 that says what is wrong', async (_what, content) => {
  const { post, published, outcomes } = recorder();
  const answer = await post(content);
  expect(answer.status).toBe(400);
  expect(((await answer.json()) as { detail: string }).detail).toContain('not a notification');
  expect(published).toEqual([]);
  expect(outcomes).toEqual(['malformed']);
});

test('a body without end is refused', async () => {
  const { post } = recorder();
  expect((await post(JSON.stringify({ ...body, more: 'x'.repeat(20_000) }))).status).toBe(413);
});

test('notifications of other things are taken and left alone', async () => {
  const { post, published } = recorder();
  const other = { notification_type: 'file.created', path: 'x' };
  expect((await post(JSON.stringify(other))).status).toBe(200);
  expect(published).toEqual([]);
});

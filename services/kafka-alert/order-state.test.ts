import { Hono } from 'hono';
import { Registry } from 'prom-client';
import { describe, expect, test } from 'vitest';
import { createActuator, listen } from '#kit';
import {
  httpQueryHandler,
  httpQueryTransport,
  QUERY_PATH,
  StoreNotAvailable,
  TopologyTestDriver,
  type AnswerOrigin,
  type QueryRequest,
  type StoreAnswer,
} from '#streams';
import { topics } from '#schemas';
import {
  defaultAlertSettings,
  kafkaAlert,
  orderTimelines,
  type WatchedOrder,
} from '#topology/kafka-alert';
import { addOrderState } from './order-state.ts';

const T = Date.parse('2024-02-01T12:00:00.000Z');
const origin: AnswerOrigin = {
  task: '0_2',
  host: 'there:2',
  isActive: true,
  position: 42,
  lag: 0,
  asOf: T,
  watermark: T + 1_000,
};

/** What the topology itself keeps of an order that is paid and still waits. */
function watchedOrder(): WatchedOrder {
  const driver = new TopologyTestDriver(kafkaAlert({ ...defaultAlertSettings, topics }));
  driver.pipe(topics.orderStatusChanged, {
    orderNo: 'ORD-1',
    status: 'WAITING_PAYMENT',
    paymentStatus: null,
    paymentExpiresAt: null,
    reason: null,
    updatedAt: T,
  });
  driver.pipe(topics.paymentStatusObserved, {
    orderNo: 'ORD-1',
    status: 'COMPLETED',
    eventId: 'evt-1',
    occurredAt: T + 60_000,
    source: 'WEBHOOK',
  });
  driver.advanceWatermarkTo(T + 3_600_000);
  return driver.storeEntries(orderTimelines.name)[0]![1] as WatchedOrder;
}

interface Asked {
  readonly key: string;
  readonly allowStale: boolean | undefined;
}

function served(answer: () => StoreAnswer<WatchedOrder>) {
  const asked: Asked[] = [];
  const http = new Hono();
  const get = (key: string, { allowStale }: { allowStale?: boolean } = {}) => {
    asked.push({ key, allowStale });
    return new Promise<StoreAnswer<WatchedOrder>>((resolve) => {
      resolve(answer());
    });
  };
  addOrderState(http, { store: () => ({ get }) }, defaultAlertSettings);
  return { asked, get: (path: string) => http.request(`/state/orders/${path}`) };
}

test('an order: what is known of it, and who says so', async () => {
  const value = watchedOrder();
  const { get, asked } = served(() => ({ value, origin }));
  const response = await get('ORD-1');
  expect(response.status).toBe(200);
  expect(await response.json()).toMatchObject({
    orderNo: 'ORD-1',
    orderStatus: 'WAITING_PAYMENT',
    paymentStatus: 'COMPLETED',
    timelines: [{ alerts: [{ ruleId: 'RULE_A', detectedAt: '2024-02-01T12:06:00.000Z' }] }],
    openAlerts: [expect.any(String)],
    answeredBy: {
      task: '0_2',
      host: 'there:2',
      isActive: true,
      lag: 0,
      position: 42,
      asOf: '2024-02-01T12:00:00.000Z',
      watermark: '2024-02-01T12:00:01.000Z',
    },
  });
  expect(asked).toEqual([{ key: 'ORD-1', allowStale: false }]);
});

test('a stale answer is asked for, and says that it is one', async () => {
  const stale = { ...origin, host: undefined, isActive: false, lag: 3, watermark: null };
  const { get, asked } = served(() => ({ value: watchedOrder(), origin: stale }));
  const body = (await (await get('ORD-1?allowStale=true')).json()) as object;
  expect(body).toMatchObject({
    answeredBy: { host: null, isActive: false, lag: 3, watermark: null },
  });
  expect(asked).toEqual([{ key: 'ORD-1', allowStale: true }]);
});

describe('what else is answered is a problem in RFC 9457 form:', () => {
  const problems: [string, string, () => StoreAnswer<WatchedOrder>, number, RegExp][] = [
    ['unknown', 'ORD-2', () => ({ value: undefined, origin }), 404, /order 'ORD-2'/],
    ['not available', 'ORD-1', unavailable, 503, /it moves/],
    ['too long', 'x'.repeat(201), unavailable, 400, /no order number/],
    ['no text', 'a%00b', unavailable, 400, /no order number/],
    ['a wrong option', 'ORD-1?allowStale=1', unavailable, 400, /expected true or false/],
  ];
  test.each(problems)('%s', async (_what, path, answer, status, detail) => {
    const response = await served(answer).get(path);
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(response.headers.get('retry-after')).toBe(status === 503 ? '1' : null);
    const body = (await response.json()) as { status: number; detail: string };
    expect(body.status).toBe(status);
    expect(body.detail).toMatch(detail);
  });

  function unavailable(): never {
    throw new StoreNotAvailable('it moves');
  }
});

test('instances ask each other over real HTTP', async () => {
  const asked: QueryRequest[] = [];
  const http = createActuator({ health: () => ({}), info: {}, registry: new Registry() });
  const answer = httpQueryHandler({
    answerQuery: (request) => {
      asked.push(request);
      const { task } = request;
      return Promise.resolve({ status: 'not-available', task, reason: 'it moves' });
    },
  });
  http.post(QUERY_PATH, (c) => answer(c.req.raw));
  const server = await listen(http, { host: '127.0.0.1', port: 0 });
  const key = Buffer.from('ORD-1');
  const query = { kind: 'get', store: orderTimelines.name, key } as const;
  const request = { task: '0_0', query, allowStale: false };
  const transport = httpQueryTransport();
  expect(await transport.ask(server.address, request)).toMatchObject({ reason: 'it moves' });
  expect(asked).toEqual([request]);
  const large = { ...query, key: Buffer.alloc(2_000_000) };
  await expect(transport.ask(server.address, { ...request, query: large })).rejects.toThrow(
    /HTTP 413/,
  );
  await server.close();
  await expect(transport.ask(server.address, request)).rejects.toThrow('fetch failed');
});

import { Hono } from 'hono';
import { afterEach, describe, expect, test } from 'vitest';
import { listen, type HttpServer } from '#kit';
import { topics } from '#schemas';
import { TopologyTestDriver } from '#streams';
import {
  defaultAlertSettings,
  kafkaAlert,
  orderTimelines,
  type OrderReport,
  type WatchedOrder,
} from '#topology/kafka-alert';
import { addOrderState } from '../order-state.ts';
import { main } from './main.ts';
import { fakeIo } from './testing/fake-io.ts';

const T = Date.parse('2024-02-01T12:00:00.000Z');
const minute = (n: number) => T + n * 60_000;

/** An order that is paid and waits, another payment of it, and PAID in the end. */
function watchedOrder(): WatchedOrder {
  const driver = new TopologyTestDriver(kafkaAlert({ ...defaultAlertSettings, topics }));
  const order = (status: 'WAITING_PAYMENT' | 'PAID', updatedAt: number) => {
    const nothing = { paymentStatus: null, paymentExpiresAt: null, reason: null };
    driver.pipe(topics.orderStatusChanged, { orderNo: 'ORD-1', status, updatedAt, ...nothing });
  };
  const payment = (eventId: string, occurredAt: number, source: 'WEBHOOK' | 'POLLING') => {
    const value = { orderNo: 'ORD-1', status: 'COMPLETED', eventId, occurredAt, source };
    driver.pipe(topics.paymentStatusObserved, value);
  };
  order('WAITING_PAYMENT', minute(0));
  payment('evt-1', minute(1), 'WEBHOOK');
  payment('evt-2', minute(2), 'POLLING');
  driver.advanceWatermarkTo(minute(8));
  order('PAID', minute(9));
  return driver.storeEntries(orderTimelines.name)[0]![1] as WatchedOrder;
}

let server: HttpServer | undefined;
afterEach(() => server?.close());

async function served(watermark = minute(8)): Promise<string> {
  const value = watchedOrder();
  const origin = {
    ...{ task: '0_2', host: 'there:2', isActive: true, position: 42, lag: 0, asOf: T, watermark },
  };
  const http = new Hono();
  addOrderState(
    http,
    {
      store: () => ({
        get: (key: string) =>
          Promise.resolve({ value: key === 'ORD-1' ? value : undefined, origin }),
      }),
    },
    defaultAlertSettings,
  );
  server = await listen(http, { host: '127.0.0.1', port: 0 });
  return server.url;
}

async function run(args: string[], given: Parameters<typeof fakeIo>[0] = {}) {
  const io = fakeIo(given);
  const code = await main(['explain', ...args], io);
  return { code, ...io.written };
}

describe('an order that is known', () => {
  test('its life on one screen', async () => {
    const { code, out, err } = await run(['ORD-1', '--url', await served()]);
    expect([code, err]).toEqual([0, '']);
    expect(out).toBe(`ORD-1: order PAID, payment COMPLETED, 1 open alert(s)

event time (UTC)         what    
2024-02-01 12:00:00      order    WAITING_PAYMENT
2024-02-01 12:01:00      payment  COMPLETED (success), by webhook, event evt-1
2024-02-01 12:01:00      RULE_C   not raised: the payment came in time: the order was WAITING_PAYMENT, and no expiry is known
2024-02-01 12:02:00      payment  COMPLETED (success), by polling, event evt-2
2024-02-01 12:02:00      RULE_C   not raised: the payment came in time: the order was WAITING_PAYMENT, and no expiry is known
2024-02-01 12:06:00      RULE_A   raised: payment COMPLETED since 12:01:00, order still WAITING_PAYMENT
2024-02-01 12:07:00      RULE_A   suppressed: raised 1 min before, for evt-1
2024-02-01 12:09:00      order    PAID
2024-02-01 12:09:00      RULE_A   will be resolved: money and order agree then (evt-1)
2024-02-01 12:14:00      RULE_B   nothing will be raised: a payment had succeeded: COMPLETED since 12:01:00

Decided up to 2024-02-01 12:08:00. The rules are applied next at 2024-02-01 12:09:00.
Answered by there:2, task 0_2.
`);
  });

  test('is in colours on a terminal, where they are not turned off', async () => {
    const url = await served();
    expect((await run(['ORD-1', '--url', url], { isTTY: true })).out).toContain('\u001b[31m');
    const plain = await run(['ORD-1', '--url', url], { isTTY: true, env: { NO_COLOR: '1' } });
    expect(plain.out).not.toContain('\u001b');
  });

  test('--json is the whole report; KAFKA_ALERT_URL says who is asked', async () => {
    const { out } = await run(['ORD-1', '--json'], { env: { KAFKA_ALERT_URL: await served() } });
    const report = JSON.parse(out) as OrderReport;
    expect(report.orderNo).toBe('ORD-1');
    expect(report.timelines[0]!.evaluations.map(({ outcome }) => outcome)).toEqual([
      ...['not-raised', 'not-raised', 'raised', 'suppressed', 'pending'],
    ]);
  });
});

describe('an answer that is none is a 1:', () => {
  test('nothing is known of the order', async () => {
    const { code, out, err } = await run(['ORD-2', '--url', await served()]);
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(/nothing is known of order ORD-2 at http.*--from-topics finds it/);
  });

  test('nobody listens', async () => {
    const { code, err } = await run(['ORD-1', '--url', 'http://127.0.0.1:1']);
    expect(code).toBe(1);
    expect(err).toMatch(/no kafka-alert answers at http:\/\/127\.0\.0\.1:1 .*--from-topics/);
  });

  test.each([
    ['another server', (http: Hono) => void http.get('*', (c) => c.text('hello')), /is it one/],
    ['one that has no such page', () => undefined, /answers 404/],
    [
      'an owner that moves',
      (http: Hono) => void http.get('*', (c) => c.json({ detail: 'it moves' }, 503)),
      /answers 503: it moves; try again, or --allow-stale/,
    ],
  ])('%s', async (_, routes, problem) => {
    const http = new Hono();
    routes(http);
    server = await listen(http, { host: '127.0.0.1', port: 0 });
    const { code, out, err } = await run(['ORD-1', '--url', server.url]);
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(problem);
  });
});

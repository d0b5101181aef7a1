import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { topics, type AlertRaised } from '#schemas';
import { TopologyTestDriver } from '#streams';
import { kafkaAlert } from '#topology/kafka-alert';
import { demoOrders, type DemoSettings } from './demo-orders.ts';
import { AlertWatch, demo } from './demo.ts';
import { UsageError } from './io.ts';
import { fakeIo } from './testing/fake-io.ts';

const now = Date.UTC(2024, 1, 1, 12);
const defaults: DemoSettings = {
  graceMs: 300_000,
  retentionMs: 7 * 24 * 3_600_000,
  allowedLatenessMs: 5_000,
};

describe('the orders of the demo', () => {
  test('break each rule once, at once, when the service is caught up', () => {
    expect(alertsOf(defaults)).toEqual(expectedOf(defaults));
  });

  test('also under other settings', () => {
    const settings = fc
      .record({
        graceMs: fc.integer({ min: 0, max: 10 * 24 * 3_600_000 }),
        more: fc.integer({ min: 60_000, max: 7 * 24 * 3_600_000 }),
        // Less, and a healthy order of just now would be late.
        allowedLatenessMs: fc.integer({ min: 100, max: 60_000 }),
      })
      .map(({ more, ...rest }): DemoSettings => ({ ...rest, retentionMs: rest.graceMs + more }));
    fc.assert(
      fc.property(settings, (each) => {
        expect(alertsOf(each)).toEqual(expectedOf(each));
      }),
    );
  });

  test('are of their own run', () => {
    const [one, two] = ['A', 'B'].map((run) => demoOrders(run, now, defaults));
    const numbers = (each: typeof one) => [...(each?.expected.keys() ?? [])];
    expect(new Set([...numbers(one), ...numbers(two)]).size).toBe(6);
    for (const orderNo of numbers(one)) expect(orderNo.startsWith(one!.prefix)).toBe(true);
  });
});

describe('watching', () => {
  const { prefix, expected } = demoOrders('RUN', now, defaults);
  const [stuck] = [...expected.keys()];

  test('shows the alerts of the own orders, and is complete when each rule has come', async () => {
    const io = fakeIo();
    const watch = new AlertWatch({ prefix, expected }, io);
    watch.see(alert('ORD-DEMO-OTHER-1', 'RULE_A'));
    expect(io.written.out).toBe('');
    for (const [orderNo, ruleId] of expected) watch.see(alert(orderNo, ruleId));
    await watch.complete;
    expect(io.written.out.trimEnd().split('\n')).toHaveLength(4);
    expect(watch.missing).toEqual([]);
  });

  test('another rule for the order is shown, and is not the one that is missing', () => {
    const io = fakeIo();
    const watch = new AlertWatch({ prefix, expected }, io);
    watch.see(alert(stuck!, 'RULE_C'));
    expect(io.written.out).toContain('RULE_C');
    expect(watch.missing[0]).toBe(`RULE_A (order ${stuck!})`);
  });
});

test.each(['', 'soon', '0', '-1', 'Infinity'])('--timeout %j is wrong use', async (timeout) => {
  await expect(demo({ timeout }, fakeIo())).rejects.toThrow(UsageError);
});

/** Order number → rule of every alert, with all records read late, as a service that is caught up does. */
function alertsOf(settings: DemoSettings): [string, string][] {
  const topology = kafkaAlert({ ...settings, unknownOrder: true, topics });
  const driver = new TopologyTestDriver(topology, settings);
  driver.advanceWatermarkTo(now - settings.allowedLatenessMs);
  const demo = demoOrders('RUN', now, settings);
  const { orders, payments } = demo;
  const healthy = demo.healthy(now);
  for (const order of orders) driver.pipe(topics.orderStatusChanged, order);
  for (const payment of payments) driver.pipe(topics.paymentStatusObserved, payment);
  for (const payment of healthy.payments) driver.pipe(topics.paymentStatusObserved, payment);
  for (const order of healthy.orders) driver.pipe(topics.orderStatusChanged, order);
  const alerts = driver.read(topics.alertRaised).map(({ value }) => value);
  // The healthy orders' checks are a grace away: nothing may come of them either.
  driver.advanceWatermarkTo(now + 2 * settings.graceMs + 1);
  alerts.push(...driver.read(topics.alertRaised).map(({ value }) => value));
  return alerts.map((each): [string, string] => [each.orderNo, each.ruleId]).sort(byOrder);
}

function expectedOf(settings: DemoSettings): [string, string][] {
  return [...demoOrders('RUN', now, settings).expected].sort(byOrder);
}

function byOrder([a]: [string, string], [b]: [string, string]): number {
  return a < b ? -1 : 1;
}

function alert(orderNo: string, ruleId: AlertRaised['ruleId']): AlertRaised {
  return {
    alertId: 'id',
    ruleId,
    orderNo,
    eventId: 'evt',
    observed: { paymentStatus: null, orderStatus: 'PAID' },
    expected: { orderStatus: 'FAILED' },
    detectedAt: now,
    source: 'kafka-alert',
  };
}

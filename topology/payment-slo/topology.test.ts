import { describe, expect, test } from 'vitest';
import { topics, type OrderStatus } from '#schemas';
import { TopologyTestDriver } from '#streams';
import { defaultPaymentSloSettings, paymentSlo } from './topology.ts';

const T0 = Date.UTC(2024, 1, 1);
const S = 1000;

function start() {
  const driver = new TopologyTestDriver(paymentSlo({ ...defaultPaymentSloSettings, topics }));
  return {
    driver,
    pay: (orderNo: string, occurredAt: number, status = 'COMPLETED', eventId = orderNo) => {
      const value = { orderNo, status, eventId, occurredAt, source: 'WEBHOOK' as const };
      driver.pipe(topics.paymentStatusObserved, value);
    },
    become: (orderNo: string, updatedAt: number, status: OrderStatus = 'PAID') => {
      const rest = { paymentStatus: null, paymentExpiresAt: null, reason: null };
      driver.pipe(topics.orderStatusChanged, { orderNo, status, updatedAt, ...rest });
    },
    measured: () => driver.read(topics.paymentConfirmation).map(({ value }) => value),
  };
}

test('is one sub-topology: nothing changes the key', () => {
  const topology = paymentSlo({ ...defaultPaymentSloSettings, topics });
  expect(topology.subTopologies).toHaveLength(1);
});

describe('the time from paid to PAID', () => {
  test('is measured as soon as both are there, whichever comes first', () => {
    const { pay, become, measured } = start();
    pay('ORD-1', T0);
    become('ORD-1', T0 + 60 * S);
    become('ORD-2', T0 + 61 * S);
    pay('ORD-2', T0);
    expect(measured()).toEqual([
      {
        orderNo: 'ORD-1',
        paidAt: T0,
        confirmedAt: T0 + 60 * S,
        isWithinObjective: true,
        measuredAt: T0 + 60 * S,
      },
      {
        orderNo: 'ORD-2',
        paidAt: T0,
        confirmedAt: T0 + 61 * S,
        isWithinObjective: false,
        measuredAt: T0 + 61 * S,
      },
    ]);
  });

  test('is missed once the window has closed, not before, and not as well', () => {
    const { driver, pay, become, measured } = start();
    pay('ORD-1', T0);
    driver.advanceWatermarkTo(T0 + 600 * S - 1);
    expect(measured()).toEqual([]);
    driver.advanceWatermarkTo(T0 + 600 * S);
    expect(measured()).toMatchObject([
      { orderNo: 'ORD-1', confirmedAt: null, isWithinObjective: false },
    ]);
    become('ORD-1', T0 + 700 * S);
    driver.advanceWatermarkTo(T0 + 2000 * S);
    expect(measured()).toEqual([]);
  });

  test('is measured once an order, however often and in whatever words it is said', () => {
    const { driver, pay, become, measured } = start();
    become('ORD-1', T0 - 10 * S, 'PENDING');
    pay('ORD-1', T0 - 5 * S, 'CREATED', 'created');
    pay('ORD-1', T0);
    pay('ORD-1', T0 + S, 'CAPTURED', 'captured');
    become('ORD-1', T0 + 3 * S);
    pay('ORD-1', T0);
    become('ORD-1', T0 + 9 * S);
    driver.advanceWatermarkTo(T0 + 3600 * S);
    expect(measured()).toMatchObject([{ paidAt: T0, confirmedAt: T0 + 3 * S }]);
  });

  test('is counted by seconds, also when the clocks differ', () => {
    const { driver, pay, become } = start();
    for (const [order, seconds] of [
      ['a', -1],
      ['b', 1],
      ['c', 1.5],
      ['d', 61],
    ] as const) {
      pay(order, T0);
      become(order, T0 + seconds * S);
    }
    expect(Object.fromEntries(driver.metrics.events)).toMatchObject({
      'seconds-le-1': 2,
      'seconds-le-2': 1,
      'seconds-le-120': 1,
      seconds: 63.5,
      'within-objective': 3,
      'missed-objective': 1,
    });
  });
});

import { describe, expect, test } from 'vitest';
import { topics } from '#schemas';
import type { OrderStatus, OrderStatusChanged, PaymentStatusObserved } from '#schemas';
import { TopologyTestDriver } from '#streams';
import { alertId } from './alert-id.ts';
import { defaultAlertSettings } from './settings.ts';
import { kafkaAlert } from './topology.ts';

const topology = kafkaAlert({ ...defaultAlertSettings, topics });
const NOON = Date.parse('2024-02-01T12:00:00Z');
const minute = (minutes: number) => NOON + minutes * 60_000;

function order(status: OrderStatus, updatedAt: number, orderNo = 'ORD-1'): OrderStatusChanged {
  const paymentExpiresAt = minute(15);
  return { orderNo, status, paymentStatus: null, updatedAt, paymentExpiresAt, reason: null };
}

function payment(status: string, occurredAt: number, eventId = 'evt_1'): PaymentStatusObserved {
  return { orderNo: 'ORD-1', status, eventId, occurredAt, source: 'WEBHOOK' };
}

const ruleA = {
  alertId: alertId('ORD-1', 'RULE_A', 'evt_1'),
  ruleId: 'RULE_A',
  orderNo: 'ORD-1',
  eventId: 'evt_1',
  observed: { paymentStatus: 'COMPLETED', orderStatus: 'WAITING_PAYMENT' },
  expected: { orderStatus: 'PAID' },
  detectedAt: minute(6),
  source: 'kafka-alert',
};

test('raises RULE_A once when the grace ends, also after a crash', () => {
  const driver = new TopologyTestDriver(topology);
  driver.pipe(topics.orderStatusChanged, order('WAITING_PAYMENT', minute(0)));
  driver.pipe(topics.paymentStatusObserved, payment('COMPLETED', minute(1)));
  driver.crash(); // goes on from the last commit
  driver.advanceWatermarkTo(minute(6) - 1);
  expect(driver.read(topics.alertRaised)).toEqual([]);
  driver.advanceWatermarkTo(minute(6));
  expect(driver.read(topics.alertRaised)).toMatchObject([{ key: 'ORD-1', value: ruleA }]);
  driver.crash();
  driver.advanceWatermarkTo(minute(60));
  expect(driver.read(topics.alertRaised)).toEqual([]);
});

test('raises the same when payments are read before orders', () => {
  const driver = new TopologyTestDriver(topology);
  driver.pipe(topics.paymentStatusObserved, payment('COMPLETED', minute(1)));
  driver.pipe(topics.orderStatusChanged, order('WAITING_PAYMENT', minute(0)));
  driver.advanceWatermarkTo(Infinity);
  expect(driver.read(topics.alertRaised)).toMatchObject([{ value: ruleA }]);
});

test('publishes the resolution on its own topic', () => {
  const driver = new TopologyTestDriver(topology);
  driver.pipe(topics.orderStatusChanged, order('WAITING_PAYMENT', minute(0)));
  driver.pipe(topics.paymentStatusObserved, payment('COMPLETED', minute(1)));
  driver.pipe(topics.orderStatusChanged, order('PAID', minute(9)));
  driver.advanceWatermarkTo(minute(10));
  expect(driver.read(topics.alertRaised)).toHaveLength(1);
  expect(driver.read(topics.alertResolved)).toMatchObject([
    {
      key: 'ORD-1',
      value: {
        alertId: ruleA.alertId,
        observed: { paymentStatus: 'COMPLETED', orderStatus: 'PAID' },
        resolvedAt: minute(9),
      },
    },
  ]);
});

test('says nothing about an order that goes well', () => {
  const driver = new TopologyTestDriver(topology);
  driver.pipe(topics.orderStatusChanged, order('PENDING', minute(0)));
  driver.pipe(topics.orderStatusChanged, order('WAITING_PAYMENT', minute(0) + 1_000));
  driver.pipe(topics.paymentStatusObserved, payment('COMPLETED', minute(1)));
  driver.pipe(topics.orderStatusChanged, order('PAID', minute(1) + 2_000));
  driver.advanceWatermarkTo(Infinity);
  expect(driver.read(topics.alertRaised)).toEqual([]);
  expect(driver.read(topics.alertResolved)).toEqual([]);
});

describe('counts', () => {
  test('why records had no effect', () => {
    const driver = new TopologyTestDriver(topology);
    driver.pipe(topics.paymentStatusObserved, payment('COMPLETED', minute(1)));
    driver.pipe(topics.paymentStatusObserved, payment('CAPTURED', minute(2)));
    driver.pipe(topics.orderStatusChanged, order('UNKNOWN', minute(0)));
    driver.pipe(topics.orderStatusChanged, order('PENDING', minute(0)));
    driver.advanceWatermarkTo(minute(8 * 24 * 60));
    driver.pipe(topics.orderStatusChanged, order('PENDING', minute(3)));
    expect(Object.fromEntries(driver.metrics.dropped)).toEqual({
      duplicate: 1,
      'unknown-status': 1,
      'beyond-retention': 1,
    });
  });

  test('what was raised, resolved and suppressed', () => {
    const driver = new TopologyTestDriver(topology);
    driver.pipe(topics.orderStatusChanged, order('WAITING_PAYMENT', minute(0)));
    driver.pipe(topics.paymentStatusObserved, payment('COMPLETED', minute(1)));
    driver.pipe(topics.paymentStatusObserved, payment('COMPLETED', minute(2), 'evt_2'));
    driver.pipe(topics.orderStatusChanged, order('PAID', minute(8)));
    driver.advanceWatermarkTo(minute(10));
    expect(Object.fromEntries(driver.metrics.events)).toEqual({
      'raised-RULE_A': 1,
      suppressed: 1,
      'resolved-RULE_A': 1,
    });
  });
});

test('can write to other topics than the usual ones', () => {
  const alertRaised = { ...topics.alertRaised, name: 'alerts-of-a-replay' };
  const replay = kafkaAlert({ ...defaultAlertSettings, topics: { ...topics, alertRaised } });
  const driver = new TopologyTestDriver(replay);
  driver.pipe(topics.orderStatusChanged, order('PAID', minute(0)));
  driver.advanceWatermarkTo(Infinity);
  expect(driver.read(topics.alertRaised)).toEqual([]);
  expect(driver.read(alertRaised)).toHaveLength(1);
});

test('refuses settings that the rules can not keep', () => {
  expect(() => kafkaAlert({ ...defaultAlertSettings, graceMs: -1, topics })).toThrow(/graceMs/);
});

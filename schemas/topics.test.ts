import { describe, expect, test } from 'vitest';
import { renamed, topics } from './topics.ts';
import { MAX_TIME } from './validate.ts';

const order = {
  orderNo: 'ORD-1',
  status: 'PAID' as const,
  paymentStatus: null,
  updatedAt: 5,
  paymentExpiresAt: null,
  reason: null,
};
const payment = {
  orderNo: 'ORD-1',
  status: 'CAPTURED',
  eventId: 'evt_1',
  occurredAt: 7,
  source: 'WEBHOOK' as const,
};

test('every topic is keyed by the order and joined topics have as many partitions', () => {
  const all = Object.values(topics);
  expect(new Set(all.map((topic) => topic.partitions)).size).toBe(1);
  expect(topics.orderStatusChanged.keyOf(order)).toBe('ORD-1');
  expect(topics.paymentStatusObserved.keyOf(payment)).toBe('ORD-1');
});

test('event time comes out of the payload', () => {
  expect(topics.orderStatusChanged.eventTime(order)).toBe(5);
  expect(topics.paymentStatusObserved.eventTime(payment)).toBe(7);
});

test('records carry the time of their appending, so that retention does not take a replay for old', () => {
  for (const { config } of Object.values(topics)) {
    expect(config['message.timestamp.type']).toBe('LogAppendTime');
  }
});

test('a renamed topic is the same one elsewhere', () => {
  const { name, ...rest } = renamed(topics.alertRaised, 'elsewhere');
  expect(name).toBe('elsewhere');
  expect({ name: topics.alertRaised.name, ...rest }).toEqual(topics.alertRaised);
});

test.each([
  [{ ...order, orderNo: '' }, 'orderNo is empty'],
  [{ ...order, paymentExpiresAt: -1 }, /^paymentExpiresAt -1 is no time/],
  [{ ...order, paymentExpiresAt: MAX_TIME + 1 }, /^paymentExpiresAt .* is no time/],
])('an order that cannot be meant is refused in words', (value, problem) => {
  expect(topics.orderStatusChanged.validate(value)).toMatch(problem);
});

test.each([
  [{ ...payment, orderNo: '' }, 'orderNo is empty'],
  [{ ...payment, eventId: '' }, 'eventId is empty'],
])('a payment that cannot be meant is refused in words', (value, problem) => {
  expect(topics.paymentStatusObserved.validate(value)).toBe(problem);
});

test('a fine value has no problem, up to the bounds', () => {
  expect(topics.orderStatusChanged.validate(order)).toBeUndefined();
  expect(
    topics.orderStatusChanged.validate({ ...order, paymentExpiresAt: MAX_TIME }),
  ).toBeUndefined();
  expect(topics.paymentStatusObserved.validate(payment)).toBeUndefined();
});

describe('an order command', () => {
  const line = { sku: 'tea', quantity: 2, unitPrice: 300 };
  const command = {
    commandId: 'c1',
    orderNo: 'ORD-1',
    type: 'CREATE' as const,
    accountId: 'ann',
    lines: [line],
    totalAmount: 600,
    requestedAt: 1,
  };

  test('that says what is bought and what it comes to is fine', () => {
    expect(topics.orderCommand.validate(command)).toBeUndefined();
  });

  test.each([
    [{ lines: [], totalAmount: 0 }, '0 lines: expected 1 to 100'],
    [{ lines: [line, line] }, 'tea is on two lines: expected one with the sum of their quantities'],
    [{ lines: [{ ...line, quantity: 0 }] }, 'tea: the quantity is 0, expected 1 to 999'],
    [{ lines: [{ ...line, quantity: -1 }] }, 'tea: the quantity is -1, expected 1 to 999'],
    [{ lines: [{ ...line, unitPrice: -1 }] }, 'tea: the price is -1 yen'],
    [{ lines: [{ ...line, sku: '' }] }, 'a line has no sku'],
    [{ totalAmount: 599 }, 'totalAmount is 599 yen, and the lines come to 600 yen'],
    [{ lines: [{ ...line, unitPrice: 0 }], totalAmount: 0 }, 'the order comes to 0 yen'],
    [{ accountId: '' }, 'accountId is empty'],
  ])('that can not be meant is refused in words: %o', (over, fault) => {
    expect(topics.orderCommand.validate({ ...command, ...over })).toBe(fault);
  });
});

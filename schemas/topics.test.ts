import { expect, test } from 'vitest';
import { MAX_TIME, renamed, topics } from './topics.ts';

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

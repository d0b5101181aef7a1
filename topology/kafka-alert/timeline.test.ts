import { describe, expect, test } from 'vitest';
import {
  agreesAt,
  emptyTimeline,
  expiresAt,
  firstAt,
  hasEntry,
  hasSucceededBy,
  lastAt,
  orderAt,
  orderEntry,
  paymentAt,
  paymentEntry,
  withEntry,
} from './timeline.ts';
import type { Entry, Timeline } from './timeline.ts';

const timelineOf = (...entries: Entry[]): Timeline => entries.reduce(withEntry, emptyTimeline);

describe('at an instant', () => {
  const timeline = timelineOf(
    orderEntry('PENDING', 10, 50),
    paymentEntry('AUTHORIZED', 'evt_1', 20),
    orderEntry('WAITING_PAYMENT', 20, null),
    paymentEntry('CAPTURED', 'evt_2', 30),
    paymentEntry('REFUNDED', 'evt_3', 40),
  );

  test.each([
    [9, 'UNKNOWN'],
    [10, 'PENDING'],
    [19, 'PENDING'],
    [20, 'WAITING_PAYMENT'],
    [99, 'WAITING_PAYMENT'],
  ])('the order at %i is %s', (t, status) => {
    expect(orderAt(timeline, t)).toBe(status);
  });

  test.each([
    [19, undefined],
    [20, 'AUTHORIZED'],
    [30, 'CAPTURED'],
    [99, 'REFUNDED'],
  ])('the payment at %i is %s', (t, status) => {
    expect(paymentAt(timeline, t)?.status).toBe(status);
  });

  test('a success counts from its own instant on, also after a refund', () => {
    expect(hasSucceededBy(timeline, 29)).toBe(false);
    expect(hasSucceededBy(timeline, 30)).toBe(true);
    expect(hasSucceededBy(timeline, 99)).toBe(true);
  });

  test('an expiry stays known until another one is said', () => {
    expect(expiresAt(timeline, 9)).toBeNull();
    expect(expiresAt(timeline, 99)).toBe(50);
    expect(expiresAt(withEntry(timeline, orderEntry('PAID', 60, 70)), 99)).toBe(70);
  });

  test('money and order agree when both are there, and when both are not', () => {
    expect(agreesAt(timeline, 20)).toBe(true);
    expect(agreesAt(timeline, 30)).toBe(false);
    expect(agreesAt(timeline, 40)).toBe(true);
    expect(agreesAt(withEntry(timeline, orderEntry('PAID', 30, null)), 30)).toBe(true);
  });
});

describe('a record', () => {
  test('finds its place by event time, behind those of the same time', () => {
    const { orders } = timelineOf(
      orderEntry('PENDING', 20, null),
      orderEntry('FAILED', 30, null),
      orderEntry('PAID', 10, null),
      orderEntry('PAID', 20, null),
    );
    expect(orders.map(({ status, at }) => `${status} ${at}`)).toEqual([
      'PAID 10',
      'PENDING 20',
      'PAID 20',
      'FAILED 30',
    ]);
  });

  test('leaves the timeline it is put on as it was', () => {
    const before = timelineOf(orderEntry('PENDING', 20, null));
    withEntry(before, orderEntry('PAID', 10, null));
    withEntry(before, paymentEntry('CAPTURED', 'evt_1', 10));
    expect(before).toEqual({ ...emptyTimeline, orders: [orderEntry('PENDING', 20, null)] });
  });

  test('is known by its event id, or by status and time, whatever else it says', () => {
    const timeline = timelineOf(
      orderEntry('PENDING', 20, null),
      paymentEntry('CAPTURED', 'evt_1', 20),
    );
    expect(hasEntry(timeline, paymentEntry('FAILED', 'evt_1', 99))).toBe(true);
    expect(hasEntry(timeline, paymentEntry('CAPTURED', 'evt_2', 20))).toBe(false);
    expect(hasEntry(timeline, orderEntry('PENDING', 20, 99))).toBe(true);
    expect(hasEntry(timeline, orderEntry('PENDING', 21, null))).toBe(false);
    expect(hasEntry(timeline, orderEntry('PAID', 20, null))).toBe(false);
  });
});

test('a timeline reaches from its first record to its last, of either kind', () => {
  const timeline = timelineOf(orderEntry('PENDING', 20, null));
  expect([firstAt(timeline), lastAt(timeline)]).toEqual([20, 20]);
  const wider = [paymentEntry('CREATED', 'evt_1', 10), paymentEntry('FAILED', 'evt_2', 30)];
  const both = wider.reduce(withEntry, timeline);
  expect([firstAt(both), lastAt(both)]).toEqual([10, 30]);
});

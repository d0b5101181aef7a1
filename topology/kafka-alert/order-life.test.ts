import { expect, test } from 'vitest';
import { orderLife } from './order-life.ts';
import { orderReport } from './order-report.ts';
import { defaultAlertSettings } from './settings.ts';
import { orderEntry, paymentEntry, type Entry } from './timeline.ts';
import { check, observe, type WatchedOrder } from './watched-order.ts';

const START = Date.parse('2024-02-01T12:00:00.000Z');
const minute = (n: number) => START + n * 60_000;

function watched(entries: readonly Entry[], watermark: number): WatchedOrder {
  let order: WatchedOrder | undefined;
  for (const entry of entries) {
    const seen = observe(order, entry, -Infinity, defaultAlertSettings);
    if (seen.outcome === 'accepted') order = seen.order;
  }
  return check(order!, watermark, defaultAlertSettings).order!;
}

const stuck = [
  orderEntry('WAITING_PAYMENT', minute(0), minute(15)),
  paymentEntry('COMPLETED', 'evt-1', minute(1), 'POLLING'),
];
const lines = (order: WatchedOrder, settings = defaultAlertSettings) =>
  orderLife(orderReport('ORD-1', order, settings)).map(
    ({ at, what, kind, text }) => `${at.slice(11, 16)} ${what} [${kind}] ${text}`,
  );

test('a life goes by event time: what happened, what was evaluated, what was resolved', () => {
  const paid = orderEntry('PAID', minute(6.5), null);
  expect(lines(watched([...stuck, paid], minute(7)))).toEqual([
    '12:00 order [order] WAITING_PAYMENT, to be paid by 2024-02-01T12:15:00.000Z',
    '12:01 payment [payment] COMPLETED (success), by polling, event evt-1',
    '12:01 RULE_C [not-raised] not raised: the payment came in time: the order was WAITING_PAYMENT, and the expiry is 12:15:00',
    '12:06 RULE_A [raised] raised: payment COMPLETED since 12:01:00, order still WAITING_PAYMENT',
    '12:06 order [order] PAID',
    '12:06 RULE_A [resolved] resolved: money and order agree again (raised at 2024-02-01T12:06:00.000Z, event evt-1)',
    '12:11 RULE_B [pending] nothing will be raised: a payment had succeeded: COMPLETED since 12:01:00',
  ]);
});

test('what is resolved in time to come is said, too', () => {
  const before = watched(stuck, minute(6));
  const paid = observe(
    before,
    orderEntry('PAID', minute(8), null),
    minute(6),
    defaultAlertSettings,
  );
  if (paid.outcome !== 'accepted') throw new Error(paid.outcome);
  expect(lines(paid.order)).toContain(
    '12:08 RULE_A [pending] will be resolved: money and order agree then (evt-1)',
  );
});

test('an alert that the rules of today do not stand for is not left out', () => {
  const later = { ...defaultAlertSettings, graceMs: 10 * 60_000 };
  const all = lines(watched(stuck, minute(20)), later);
  expect(all).toContain(
    '12:06 RULE_A [raised] raised: under settings that have changed since (event evt-1)',
  );
  expect(all.at(-1)).toBe(
    '12:11 RULE_A [suppressed] suppressed: raised for the same event at 12:06:00, and once is enough',
  );
});

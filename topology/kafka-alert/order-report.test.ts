import { describe, expect, test } from 'vitest';
import { alertId } from './alert-id.ts';
import { orderReport } from './order-report.ts';
import { defaultAlertSettings } from './settings.ts';
import { orderEntry, paymentEntry, type Entry } from './timeline.ts';
import { check, observe, type WatchedOrder } from './watched-order.ts';

const settings = { ...defaultAlertSettings, graceMs: 5 * 60_000 };
const START = Date.parse('2024-02-01T12:00:00.000Z');
const minute = (n: number) => START + n * 60_000;
const iso = (n: number) => new Date(minute(n)).toISOString();

/** What is kept after these records, when the watermark has come to a minute. */
function watched(entries: readonly Entry[], watermark = -Infinity): WatchedOrder {
  let order: WatchedOrder | undefined;
  for (const entry of entries) {
    const seen = observe(order, entry, -Infinity, settings);
    if (seen.outcome !== 'accepted') throw new Error(seen.outcome);
    order = seen.order;
  }
  return watermark === -Infinity ? order! : check(order!, minute(watermark), settings).order!;
}

const waiting = orderEntry('WAITING_PAYMENT', minute(0), minute(15));
const success = paymentEntry('COMPLETED', 'evt-1', minute(1), 'WEBHOOK');

describe('an order that is paid and still waits', () => {
  test('before the grace is over: the records, and what is going to happen', () => {
    expect(orderReport('ORD-1', watched([waiting, success]), settings)).toEqual({
      orderNo: 'ORD-1',
      orderStatus: 'WAITING_PAYMENT',
      paymentStatus: 'COMPLETED',
      checkedTo: null,
      timelines: [
        {
          orderChanges: [
            { updatedAt: iso(0), status: 'WAITING_PAYMENT', paymentExpiresAt: iso(15) },
          ],
          paymentObservations: [
            {
              occurredAt: iso(1),
              status: 'COMPLETED',
              result: 'success',
              eventId: 'evt-1',
              source: 'WEBHOOK',
            },
          ],
          alerts: [],
          evaluations: [
            {
              at: iso(1),
              ruleId: 'RULE_C',
              row: 'C1',
              trigger: { kind: 'payment', status: 'COMPLETED', at: iso(1) },
              outcome: 'pending',
              why: 'nothing will be raised: the payment came in time: the order was WAITING_PAYMENT, and the expiry is 12:15:00',
              alertId: null,
            },
            {
              at: iso(6),
              ruleId: 'RULE_A',
              row: 'A',
              trigger: { kind: 'payment', status: 'COMPLETED', at: iso(1) },
              outcome: 'pending',
              why: 'will be raised: payment COMPLETED since 12:01:00, order still WAITING_PAYMENT',
              alertId: null,
            },
          ],
        },
      ],
      openAlerts: [],
      pending: [{ at: iso(6), what: 'raise', ruleId: 'RULE_A', eventId: 'evt-1' }],
      nextCheckAt: iso(6),
      nextTimerAt: iso(6),
    });
  });

  test('after it: the alert is open, and nothing is pending but that it is forgotten', () => {
    const report = orderReport('ORD-1', watched([waiting, success], 7), settings);
    const id = alertId('ORD-1', 'RULE_A', 'evt-1');
    expect(report.checkedTo).toBe(iso(7));
    expect(report.timelines[0]!.alerts).toEqual([
      { alertId: id, ruleId: 'RULE_A', eventId: 'evt-1', detectedAt: iso(6), resolvedAt: null },
    ]);
    expect(report.timelines[0]!.evaluations[1]).toMatchObject({ outcome: 'raised', alertId: id });
    expect(report.openAlerts).toEqual([id]);
    expect([report.pending, report.nextCheckAt]).toEqual([[], null]);
    expect(Date.parse(report.nextTimerAt)).toBeGreaterThan(minute(1) + settings.retentionMs);
  });

  test('and is put right: the alert is resolved', () => {
    const paid = orderEntry('PAID', minute(8), null);
    const before = orderReport('ORD-1', watched([waiting, success, paid], 7), settings);
    expect(before.pending).toEqual([
      { at: iso(8), what: 'resolve', ruleId: 'RULE_A', eventId: 'evt-1' },
    ]);
    const report = orderReport('ORD-1', watched([waiting, success, paid], 9), settings);
    expect(report.timelines[0]!.alerts[0]).toMatchObject({ resolvedAt: iso(8) });
    expect([report.orderStatus, report.openAlerts]).toEqual(['PAID', []]);
  });
});

test('evaluations that found nothing leave no trace: the watermark says that they have run', () => {
  const paid = orderEntry('PAID', minute(2), null);
  const order = watched([waiting, success, paid], 3);
  const outcomes = (watermark: number | null) =>
    orderReport('ORD-1', order, settings, watermark).timelines[0]!.evaluations.map(
      ({ ruleId, outcome }) => `${ruleId} ${outcome}`,
    );
  expect(outcomes(null)).toEqual(['RULE_C not-raised', 'RULE_A pending', 'RULE_B pending']);
  expect(outcomes(minute(6))).toEqual(['RULE_C not-raised', 'RULE_A not-raised', 'RULE_B pending']);
});

test('an order without a payment record, or without one of its own', () => {
  expect(orderReport('ORD-1', watched([waiting]), settings).paymentStatus).toBe(null);
  expect(orderReport('ORD-1', watched([success]), settings).orderStatus).toBe('UNKNOWN');
});

test('after a pause longer than the retention, each timeline, and what is pending of both', () => {
  const days = settings.retentionMs / 60_000 + 10;
  const later = paymentEntry('COMPLETED', 'evt-2', minute(days));
  const report = orderReport('ORD-1', watched([waiting, success, later]), settings);
  expect(report.timelines).toHaveLength(2);
  expect(report.orderStatus).toBe('UNKNOWN');
  expect(report.pending.map(({ at, eventId }) => [at, eventId])).toEqual([
    [iso(6), 'evt-1'],
    [iso(days + 5), 'evt-2'],
  ]);
});

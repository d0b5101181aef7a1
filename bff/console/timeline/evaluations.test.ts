import { expect, test } from 'vitest';
import { MINUTE, sampleAlert, sampleTimeline, SECOND, T0 } from '../testing/samples.ts';
import type { OpsOrderDetail } from '../../contract-ops.ts';
import { entriesOf } from './entries.ts';
import { evaluationsOf, graceOf, gracesOf } from './evaluations.ts';

const entries = entriesOf({ timeline: sampleTimeline, watched: null });
const paidAt = T0 + 45 * SECOND;

test('the grace is what lies between the trigger and the detection', () => {
  expect(graceOf(entries, [sampleAlert()])).toBe(5 * MINUTE);
});

test('an alert for the order turning PAID names the instant in its event', () => {
  const alert = sampleAlert({ ruleId: 'RULE_B', eventId: `ORDER-PAID@${T0}`, detectedAt: T0 + 90 });
  expect(graceOf([], [alert])).toBe(90);
});

test('a payment that is too late has no grace', () => {
  expect(graceOf(entries, [sampleAlert({ ruleId: 'RULE_C', detectedAt: paidAt })])).toBeNull();
});

test('a failed order that keeps the money is counted from its failure', () => {
  const timeline: OpsOrderDetail['timeline'] = [
    ...sampleTimeline,
    { kind: 'order', at: T0 + MINUTE, status: 'FAILED', paymentStatus: null, reason: null },
  ];
  const alert = sampleAlert({ ruleId: 'RULE_C', detectedAt: T0 + 6 * MINUTE });
  expect(graceOf(entriesOf({ timeline, watched: null }), [alert])).toBe(5 * MINUTE);
});

test('a success is looked at at once (C1) and after the grace (A)', () => {
  const alert = sampleAlert();
  const found = evaluationsOf(
    entries,
    { alerts: [alert], watched: watchedTo(T0 + MINUTE) },
    300_000,
  );
  expect(found).toEqual([
    {
      at: paidAt,
      ruleId: 'RULE_C',
      row: 'C1',
      outcome: 'passed',
      alertId: null,
      triggeredAt: paidAt,
    },
    {
      at: alert.detectedAt,
      ruleId: 'RULE_A',
      row: 'A',
      outcome: 'raised',
      alertId: alert.alertId,
      triggeredAt: paidAt,
    },
  ]);
  expect(gracesOf(found)).toEqual([{ from: paidAt, to: alert.detectedAt }]);
});

test('what is still to come says what it would be', () => {
  const at = paidAt + 5 * MINUTE;
  const watched = watchedTo(T0 + MINUTE, [
    { at: new Date(at).toISOString(), what: 'raise', ruleId: 'RULE_A', eventId: 'evt_1' },
  ]);
  const found = evaluationsOf(entries, { alerts: [], watched }, 5 * MINUTE);
  expect(found.map(({ row, outcome }) => [row, outcome])).toEqual([
    ['C1', 'passed'],
    ['A', 'will-raise'],
  ]);
});

test('an alert is there even when its records are not', () => {
  const alert = sampleAlert({ resolvedAt: T0 + 60 * MINUTE, state: 'RESOLVED' });
  const found = evaluationsOf([], { alerts: [alert], watched: null }, null);
  expect(found.map(({ outcome, at }) => [outcome, at])).toEqual([
    ['raised', alert.detectedAt],
    ['resolved', alert.resolvedAt],
  ]);
});

test('without a grace known, only what needs none is drawn', () => {
  const found = evaluationsOf(entries, { alerts: [], watched: null }, null);
  expect(found.map(({ row }) => row)).toEqual(['C1']);
});

function watchedTo(
  checkedTo: number,
  pending: NonNullable<OpsOrderDetail['watched']>['pending'] = [],
): OpsOrderDetail['watched'] {
  return {
    orderNo: 'ORD-1',
    orderStatus: 'WAITING_PAYMENT',
    paymentStatus: 'COMPLETED',
    checkedTo: new Date(checkedTo).toISOString(),
    timelines: [],
    openAlerts: [],
    pending,
    nextCheckAt: null,
    nextTimerAt: new Date(checkedTo).toISOString(),
  };
}

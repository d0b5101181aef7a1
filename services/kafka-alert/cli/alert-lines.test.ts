import { expect, test } from 'vitest';
import type { AlertRaised, AlertResolved } from '#schemas';
import { alertLines, typedLines } from './alert-lines.ts';

const alert: AlertRaised = {
  alertId: '47f7da59-6d70-50ec-baf3-34b6a99133db',
  ruleId: 'RULE_A',
  orderNo: 'ORD-1',
  eventId: 'evt_1',
  observed: { paymentStatus: null, orderStatus: 'PAID' },
  expected: { orderStatus: 'FAILED' },
  detectedAt: Date.UTC(2024, 1, 1, 12, 6),
  source: 'kafka-alert',
};
const resolution: AlertResolved = {
  alertId: alert.alertId,
  ruleId: 'RULE_A',
  orderNo: 'ORD-1',
  eventId: 'evt_1',
  observed: { paymentStatus: 'REFUNDED', orderStatus: 'FAILED' },
  resolvedAt: alert.detectedAt + 1,
  source: 'kafka-alert',
};

test('fields come in the order of the contract, times in ISO-8601', () => {
  const { source, ...others } = alert;
  expect(alertLines([{ source, ...others }])).toEqual([
    '{"alertId":"47f7da59-6d70-50ec-baf3-34b6a99133db","ruleId":"RULE_A","orderNo":"ORD-1","eventId":"evt_1","observed":{"paymentStatus":null,"orderStatus":"PAID"},"expected":{"orderStatus":"FAILED"},"detectedAt":"2024-02-01T12:06:00.000Z","source":"kafka-alert"}',
  ]);
});

test('sorted by time, order, rule and event, by code units', () => {
  const inOrder: AlertRaised[] = [
    { ...alert, orderNo: 'b', detectedAt: alert.detectedAt - 1 },
    { ...alert, orderNo: 'B' },
    { ...alert, orderNo: 'a', eventId: 'evt_10' },
    { ...alert, orderNo: 'a', eventId: 'evt_2' },
    { ...alert, orderNo: 'a', ruleId: 'RULE_B', eventId: 'evt_0' },
  ];
  expect(alertLines(inOrder.toReversed())).toEqual(inOrder.map((each) => alertLines([each])[0]));
});

test('with resolutions, every line begins with its type and the resolutions follow', () => {
  const later = { ...resolution, resolvedAt: resolution.resolvedAt + 1 };
  const lines = typedLines([alert], [later, resolution]);
  expect(lines.map((line) => /^{"type":"(\w+)",/.exec(line)?.[1])).toEqual([
    'AlertRaised',
    'AlertResolved',
    'AlertResolved',
  ]);
  expect(lines[1]).toContain('12:06:00.001Z');
});

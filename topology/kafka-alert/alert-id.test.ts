import { expect, test } from 'vitest';
import { alertId } from './alert-id.ts';

test('an alert has the same id on every replay', () => {
  expect(alertId('ORD-20240201-000123', 'RULE_A', 'evt_1')).toBe(
    '47f7da59-6d70-50ec-baf3-34b6a99133db',
  );
});

test('order, rule and event all are part of it', () => {
  const ids = [
    alertId('ORD-1', 'RULE_A', 'evt_1'),
    alertId('ORD-2', 'RULE_A', 'evt_1'),
    alertId('ORD-1', 'RULE_B', 'evt_1'),
    alertId('ORD-1', 'RULE_A', 'evt_2'),
  ];
  expect(new Set(ids).size).toBe(4);
});

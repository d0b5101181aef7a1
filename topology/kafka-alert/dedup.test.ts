import { expect, test } from 'vitest';
import { isKeptBack } from './dedup.ts';
import type { Candidate } from './rules.ts';
import type { RaisedAlert } from './timeline.ts';

const GRACE = 10;

const candidate = (eventId: string, detectedAt: number): Candidate => ({
  ruleId: 'RULE_A',
  eventId,
  observed: { paymentStatus: 'CAPTURED', orderStatus: 'PENDING' },
  expected: { orderStatus: 'PAID' },
  detectedAt,
});

const raised = (eventId: string, detectedAt: number, resolvedAt: number | null): RaisedAlert => ({
  ruleId: 'RULE_A',
  eventId,
  detectedAt,
  resolvedAt,
});

test('the first of its kind is not kept back', () => {
  expect(isKeptBack(candidate('evt_1', 100), [], GRACE)).toBe(false);
  const otherRule: RaisedAlert = { ...raised('evt_1', 100, null), ruleId: 'RULE_B' };
  expect(isKeptBack(candidate('evt_1', 100), [otherRule], GRACE)).toBe(false);
});

test('the same event is raised once, however long ago and whether or not it was resolved', () => {
  expect(isKeptBack(candidate('evt_1', 900), [raised('evt_1', 100, null)], GRACE)).toBe(true);
  expect(isKeptBack(candidate('evt_1', 900), [raised('evt_1', 100, 200)], GRACE)).toBe(true);
});

test.each([
  [90, false],
  [91, true],
  [100, true],
  [109, true],
  [110, false],
])('another event at %i, the raised one being at 100 and open: kept back %s', (at, kept) => {
  expect(isKeptBack(candidate('evt_2', at), [raised('evt_1', 100, null)], GRACE)).toBe(kept);
});

test('an alert that was resolved before the instant keeps nothing back, one resolved at it does', () => {
  expect(isKeptBack(candidate('evt_2', 105), [raised('evt_1', 100, 104)], GRACE)).toBe(false);
  expect(isKeptBack(candidate('evt_2', 105), [raised('evt_1', 100, 105)], GRACE)).toBe(true);
});

test('without a grace only the same event is kept back', () => {
  expect(isKeptBack(candidate('evt_2', 100), [raised('evt_1', 100, null)], 0)).toBe(false);
  expect(isKeptBack(candidate('evt_1', 100), [raised('evt_1', 100, null)], 0)).toBe(true);
});

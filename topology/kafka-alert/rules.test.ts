import { describe, expect, test } from 'vitest';
import { candidates } from './rules.ts';
import { emptyTimeline, orderEntry, paymentEntry, withEntry } from './timeline.ts';
import type { Entry } from './timeline.ts';

const settings = { graceMs: 10, retentionMs: 1_000, unknownOrder: true };

function found(entries: Entry[], after = -Infinity, fresh: Entry | null = null, chosen = settings) {
  const timeline = entries.reduce(withEntry, emptyTimeline);
  return candidates(timeline, after, fresh, chosen).map(
    ({ ruleId, eventId, observed, expected, detectedAt }) =>
      `${ruleId} ${eventId} @${detectedAt} ${observed.paymentStatus}/${observed.orderStatus} → ${expected.orderStatus}`,
  );
}

const order = (status: Parameters<typeof orderEntry>[0], at: number, expiresAt?: number) =>
  orderEntry(status, at, expiresAt ?? null);
const payment = (status: string, at: number, eventId = `evt_${at}`) =>
  paymentEntry(status, eventId, at);

test('an order that goes well has no candidate', () => {
  const entries = [order('PENDING', 100), order('WAITING_PAYMENT', 101, 200)];
  expect(found([...entries, payment('AUTHORIZED', 110)])).toEqual([]);
  expect(found([...entries, payment('CAPTURED', 110), order('PAID', 112)])).toEqual([]);
});

describe('RULE_A', () => {
  test('the order does not follow a payment', () => {
    expect(found([order('PENDING', 100), payment('CAPTURED', 105)])).toEqual([
      'RULE_A evt_105 @115 CAPTURED/PENDING → PAID',
    ]);
  });

  test('an order that is not known counts, unless switched off', () => {
    const entries = [payment('CAPTURED', 105)];
    expect(found(entries)).toEqual(['RULE_A evt_105 @115 CAPTURED/UNKNOWN → PAID']);
    expect(found(entries, -Infinity, null, { ...settings, unknownOrder: false })).toEqual([]);
  });

  test('the order follows exactly when the grace ends', () => {
    expect(found([order('PENDING', 100), payment('CAPTURED', 105), order('PAID', 115)])).toEqual(
      [],
    );
  });

  test('not for a payment that was found too late, also when that was before a late record', () => {
    const entries = [order('PENDING', 100, 104), payment('CAPTURED', 105)];
    expect(found(entries)).toEqual(['RULE_C evt_105 @105 CAPTURED/PENDING → FAILED']);
    const remembered = { ...payment('CAPTURED', 105), tooLate: true };
    expect(found([order('PENDING', 100), remembered], 105)).toEqual([]);
    const inTime = { ...payment('CAPTURED', 105), tooLate: false };
    expect(found([order('PENDING', 100, 104), inTime], 105)).toEqual([
      'RULE_A evt_105 @115 CAPTURED/PENDING → PAID',
    ]);
  });
});

describe('RULE_B', () => {
  test('PAID without a payment goes back to waiting, PAID with a failed one to FAILED', () => {
    expect(found([order('PAID', 100)])).toEqual([
      'RULE_B ORDER-PAID@100 @110 null/PAID → WAITING_PAYMENT',
    ]);
    expect(found([payment('EXPIRED', 99), order('PAID', 100)])).toEqual([
      'RULE_B ORDER-PAID@100 @110 EXPIRED/PAID → FAILED',
    ]);
  });

  test('a failure of a PAID order is a trigger, one of an order that was not PAID yet is none', () => {
    const paid = [payment('CAPTURED', 99), order('PAID', 100)];
    expect(found([...paid, payment('FAILED', 200)])).toEqual([
      'RULE_B evt_200 @210 FAILED/PAID → FAILED',
    ]);
    expect(found([...paid, payment('FAILED', 99, 'evt_x'), payment('CAPTURED', 105)])).toEqual([]);
  });

  test('a refund is no failure', () => {
    expect(found([payment('CAPTURED', 99), order('PAID', 100), payment('REFUNDED', 105)])).toEqual(
      [],
    );
  });
});

describe('RULE_C', () => {
  test('a payment on a FAILED order is seen at once, and again when the grace of FAILED ends', () => {
    expect(found([order('FAILED', 100), payment('CAPTURED', 103)])).toEqual([
      'RULE_C evt_103 @103 CAPTURED/FAILED → FAILED',
      'RULE_C evt_103 @110 CAPTURED/FAILED → FAILED',
    ]);
  });

  test('exactly at the expiry is in time, and so is any other payment after one in time', () => {
    const waiting = order('WAITING_PAYMENT', 100, 120);
    const isC = (line: string) => line.startsWith('RULE_C');
    expect(found([waiting, payment('CAPTURED', 120)]).filter(isC)).toEqual([]);
    expect(found([waiting, payment('CAPTURED', 121)]).filter(isC)).toHaveLength(1);
    expect(
      found([waiting, payment('CAPTURED', 120), payment('CAPTURED', 121)]).filter(isC),
    ).toEqual([]);
  });
});

describe('what is asked for', () => {
  const entries = [order('FAILED', 100), payment('CAPTURED', 103), payment('SUCCESS', 110)];

  test('comes by instant, payment triggers before order triggers', () => {
    expect(found(entries)).toEqual([
      'RULE_C evt_103 @103 CAPTURED/FAILED → FAILED',
      'RULE_C evt_110 @110 SUCCESS/FAILED → FAILED',
      'RULE_C evt_110 @110 SUCCESS/FAILED → FAILED',
    ]);
  });

  test('leaves out what has run', () => {
    expect(found(entries, 103)).toHaveLength(2);
    expect(found(entries, 110)).toEqual([]);
  });

  test('has what a fresh record triggers, whatever its instant', () => {
    expect(found(entries, 110, entries[1])).toEqual([
      'RULE_C evt_103 @103 CAPTURED/FAILED → FAILED',
    ]);
    expect(found(entries, 110, entries[0])).toEqual([
      'RULE_C evt_110 @110 SUCCESS/FAILED → FAILED',
    ]);
  });
});

import { describe, expect, test } from 'vitest';
import { orderEntry, paymentEntry } from './timeline.ts';
import type { Entry } from './timeline.ts';
import { check, nextCheckAt, nextTimerAt, observe } from './watched-order.ts';
import type { WatchedOrder } from './watched-order.ts';

const settings = { graceMs: 10, retentionMs: 100, unknownOrder: true };

const order = (status: Parameters<typeof orderEntry>[0], at: number, expiresAt?: number) =>
  orderEntry(status, at, expiresAt ?? null);
const payment = (status: string, at: number, eventId = `evt_${at}`) =>
  paymentEntry(status, eventId, at);

/** Accepts a record and says what it brought about. */
function accept(before: WatchedOrder | undefined, entry: Entry, watermark: number) {
  const observation = observe(before, entry, watermark, settings);
  if (observation.outcome !== 'accepted') throw new Error(observation.outcome);
  return observation;
}

function watched(entries: Entry[], watermark = -Infinity): WatchedOrder {
  let result: WatchedOrder | undefined;
  for (const entry of entries) result = accept(result, entry, watermark).order;
  return result!;
}

/** The timelines' times, e.g. `100 110 | 300`. */
function shape({ timelines }: WatchedOrder): string {
  return timelines
    .map(({ orders, payments }) =>
      [...orders, ...payments].map(({ at }) => at).sort((x, y) => x - y),
    )
    .map((times) => times.join(' '))
    .join(' | ');
}

describe('timers', () => {
  test('between payment and PAID the grace is watched, before and after nothing', () => {
    const waiting = watched([order('PENDING', 100), order('WAITING_PAYMENT', 101)]);
    expect(nextCheckAt(waiting, settings)).toBeNull();
    const paid = accept(waiting, payment('CAPTURED', 105), -Infinity).order;
    expect(nextCheckAt(paid, settings)).toBe(115);
    const done = accept(paid, order('PAID', 106), -Infinity).order;
    expect(nextCheckAt(done, settings)).toBeNull();
  });

  test('an open alert is watched until the instant that resolves it', () => {
    const stuck = watched([order('PENDING', 100), payment('CAPTURED', 105), order('PAID', 120)]);
    const first = check(stuck, 115, settings);
    expect(first.findings.alerts).toHaveLength(1);
    expect(nextCheckAt(first.order!, settings)).toBe(120);
    const second = check(first.order!, 120, settings);
    expect(second.findings.resolutions).toMatchObject([{ eventId: 'evt_105', resolvedAt: 120 }]);
    expect(nextCheckAt(second.order!, settings)).toBeNull();
  });

  test('one jump of the watermark brings the same as many steps', () => {
    const entries = [order('PENDING', 100), payment('CAPTURED', 105), order('PAID', 120)];
    const { findings } = check(watched(entries), Infinity, settings);
    expect(findings.alerts).toMatchObject([{ ruleId: 'RULE_A', detectedAt: 115 }]);
    expect(findings.resolutions).toMatchObject([{ ruleId: 'RULE_A', resolvedAt: 120 }]);
  });

  test('what dedup keeps back is counted when its instant has come', () => {
    const entries = [order('PENDING', 100), payment('CAPTURED', 105), payment('CAPTURED', 108)];
    const first = check(watched(entries), 115, settings);
    expect(first.findings).toMatchObject({ alerts: [{ eventId: 'evt_105' }], suppressed: 0 });
    expect(nextCheckAt(first.order!, settings)).toBe(118);
    const second = check(first.order!, 118, settings);
    expect(second.findings).toMatchObject({ alerts: [], suppressed: 1 });
    expect(nextCheckAt(second.order!, settings)).toBeNull();
  });

  test('another grace changes what is pending, without a further record', () => {
    const stuck = watched([order('PENDING', 100), payment('CAPTURED', 105)]);
    expect(nextCheckAt(stuck, { ...settings, graceMs: 50 })).toBe(155);
    expect(nextCheckAt(stuck, { ...settings, graceMs: 0 })).toBe(105);
  });
});

describe('retention', () => {
  test('an order is dropped soon after the watermark has left it behind, not before', () => {
    const quiet = watched([order('PENDING', 100)]);
    expect(check(quiet, 200, settings).order).not.toBeNull();
    expect(check(quiet, 201, settings).order).toBeNull();
    const dropAt = nextTimerAt(quiet, settings);
    expect(dropAt).toBeGreaterThan(200);
    expect(dropAt).toBeLessThan(203);
  });

  test('the instant of dropping seldom moves, so that records seldom move a timer', () => {
    const week = { ...settings, retentionMs: 7 * 86_400_000 };
    const noon = Date.parse('2024-02-01T12:00:00Z');
    const timers = Array.from({ length: 100 }, (_, minute) => {
      const seen = observe(undefined, order('PENDING', noon + minute * 60_000), -Infinity, week);
      return seen.outcome === 'accepted' ? nextTimerAt(seen.order, week) : NaN;
    });
    expect(new Set(timers).size).toBeLessThanOrEqual(2);
  });

  test('a record more than the retention behind the watermark is ignored, one at the bound is not', () => {
    expect(observe(undefined, order('PAID', 100), 201, settings).outcome).toBe('beyond-retention');
    expect(observe(undefined, order('PAID', 100), 200, settings).outcome).toBe('accepted');
  });

  test('a gap longer than the retention starts a new timeline, in whatever order it is read', () => {
    const gap = [order('PENDING', 100), order('PENDING', 201)];
    expect(shape(watched(gap))).toBe('100 | 201');
    expect(shape(watched(gap.toReversed()))).toBe('100 | 201');
    expect(shape(watched([order('PENDING', 100), order('PENDING', 200)]))).toBe('100 200');
  });

  test('a record in the gap makes one timeline of two, with the alerts of both', () => {
    const both = watched([payment('CAPTURED', 100), payment('CAPTURED', 250)], -Infinity);
    const raised = check(both, 110, settings).order!;
    expect(shape(raised)).toBe('100 | 250');
    const one = accept(raised, order('PENDING', 160), 110).order;
    expect(shape(one)).toBe('100 160 250');
    expect(one.timelines[0]!.alerts).toHaveLength(1);
  });

  test('a new timeline knows nothing of the one before', () => {
    const entries = [order('PAID', 100), payment('CAPTURED', 300)];
    const { alerts } = check(watched(entries), Infinity, settings).findings;
    expect(alerts).toMatchObject([
      { ruleId: 'RULE_B', observed: { orderStatus: 'PAID' } },
      { ruleId: 'RULE_A', observed: { orderStatus: 'UNKNOWN' } },
    ]);
  });

  test('what is left behind is gone for a late record, also when it was not dropped yet', () => {
    const stale = watched([payment('CAPTURED', 100)], 99);
    const seen = accept(stale, order('PENDING', 195), 201);
    expect(shape(seen.order)).toBe('195');
  });

  test('the second timeline outlives the first one', () => {
    const two = watched([order('PENDING', 100), order('PENDING', 250)]);
    const dropAt = nextTimerAt(two, settings);
    const rest = check(two, dropAt, settings).order!;
    expect(shape(rest)).toBe('250');
    expect(nextTimerAt(rest, settings)).toBeGreaterThan(350);
  });
});

describe('a late record', () => {
  test('runs the evaluations that it triggers at once, as of their instants', () => {
    const before = watched([order('PENDING', 100)], 99);
    const seen = accept(before, payment('CAPTURED', 105), 150);
    expect(seen.findings.alerts).toMatchObject([{ ruleId: 'RULE_A', detectedAt: 115 }]);
  });

  test('is resolved at once by an instant that has passed', () => {
    const before = watched([order('PENDING', 100), payment('CREATED', 130)], 99);
    const seen = accept(before, payment('CAPTURED', 105), 150);
    expect(seen.findings.resolutions).toMatchObject([{ eventId: 'evt_105', resolvedAt: 130 }]);
  });

  test('resolves an open alert at its own instant, though later checks have run', () => {
    const stuck = watched([order('PENDING', 100), payment('CAPTURED', 105)], 99);
    const raised = check(stuck, 150, settings).order!;
    const seen = accept(raised, order('PAID', 120), 150);
    expect(seen.findings.resolutions).toMatchObject([{ eventId: 'evt_105', resolvedAt: 120 }]);
  });

  test('takes nothing back and repeats nothing', () => {
    const stuck = watched([order('PENDING', 100), payment('CAPTURED', 105)], 99);
    const raised = check(stuck, 115, settings).order!;
    const seen = accept(raised, order('PAID', 106), 115);
    expect(seen.findings).toMatchObject({ alerts: [], resolutions: [], suppressed: 0 });
  });

  test('does not change in hindsight what row C1 has found', () => {
    // In time at 105 by what was known; the expiry of 102 is read later.
    const inTime = check(watched([order('PENDING', 100), payment('CAPTURED', 105)]), 106, settings);
    const seen = accept(inTime.order!, order('WAITING_PAYMENT', 101, 102), 106);
    expect(check(seen.order, 115, settings).findings.alerts).toMatchObject([
      { ruleId: 'RULE_A', detectedAt: 115 },
    ]);
  });
});

test('a restart whose watermark stands behind what the order has seen repeats nothing', () => {
  const waiting = watched([order('FAILED', 100), payment('CREATED', 103)], 99);
  const seen = check(waiting, 150, settings).order!;
  const late = accept(seen, payment('CAPTURED', 105), 104);
  expect(late.findings.alerts).toMatchObject([{ ruleId: 'RULE_C', detectedAt: 105 }]);
  expect(late.order.checkedTo).toBe(150);
});

test('unknown order statuses and duplicates have no effect', () => {
  expect(observe(undefined, order('UNKNOWN', 100), 0, settings).outcome).toBe('unknown-status');
  const paid = watched([order('PAID', 100), payment('CAPTURED', 101, 'evt_1')]);
  expect(observe(paid, order('PAID', 100, 150), 0, settings).outcome).toBe('duplicate');
  expect(observe(paid, payment('FAILED', 105, 'evt_1'), 0, settings).outcome).toBe('duplicate');
});

test('a watched order is a value: nothing changes it', () => {
  const frozen = deepFreeze(watched([order('PENDING', 100), payment('CAPTURED', 105)], 99));
  const late = accept(frozen, payment('CAPTURED', 101), 104).order;
  accept(deepFreeze(late), order('FAILED', 102), 104);
  expect(check(frozen, 130, settings).findings.alerts).toHaveLength(1);
});

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(deepFreeze);
  }
  return value;
}

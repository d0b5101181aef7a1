import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Alert } from '../../contract-ops.ts';
import { sampleAlert, T0 } from '../testing/samples.ts';
import { compare, liveList, showWaiting, withAlert, withMessage, withPage } from './live-list.ts';

const ids = (alerts: readonly Alert[]) => alerts.map(({ alertId }) => alertId);
const alertAt = (id: string, at: number, more: Partial<Alert> = {}) =>
  sampleAlert({ alertId: id, detectedAt: T0 + at, ...more });
const three = [alertAt('a', 1), alertAt('b', 2), alertAt('c', 3)];

describe('a new alert', () => {
  test('goes to where it belongs when nobody is at the list', () => {
    const list = withAlert(liveList(three, 3, 'newest'), alertAt('d', 9), null);
    expect(ids(list.shown)).toEqual(['d', 'a', 'b', 'c']);
    expect(list.total).toBe(4);
    const oldest = withAlert(liveList(three, 3, 'oldest'), alertAt('d', 0), null);
    expect(ids(oldest.shown)).toEqual(['d', 'a', 'b', 'c']);
  });

  test('waits when it would move the row under the pointer', () => {
    const list = withAlert(liveList(three, 3, 'oldest'), alertAt('d', 0), 'b');
    expect(ids(list.shown)).toEqual(['a', 'b', 'c']);
    expect(ids(list.waiting)).toEqual(['d']);
    expect(ids(showWaiting(list).shown)).toEqual(['d', 'a', 'b', 'c']);
  });

  test('comes in below the row under the pointer', () => {
    const list = withAlert(liveList(three, 3, 'oldest'), alertAt('d', 9), 'b');
    expect(ids(list.shown)).toEqual(['a', 'b', 'c', 'd']);
  });

  test('is there once, however often it comes', () => {
    const once = withAlert(liveList(three, 3, 'oldest'), alertAt('d', 0), 'a');
    expect(withAlert(once, alertAt('d', 0), 'a')).toEqual(once);
  });

  test('that the filters leave out changes nothing', () => {
    const list = liveList(three, 3, 'oldest');
    const raised = { ...alertAt('d', 9), type: 'alert-raised' as const };
    expect(withMessage(list, raised, null, () => false)).toBe(list);
    expect(withMessage(list, raised, null, () => true).shown).toHaveLength(4);
  });
});

describe('what becomes of an alert', () => {
  const list = liveList(three, 3, 'oldest');

  test('a resolved one says so where it is', () => {
    const [orderNo, ruleId] = ['ORD-1', 'RULE_A' as const];
    const message = {
      type: 'alert-resolved' as const,
      alertId: 'b',
      orderNo,
      ruleId,
      resolvedAt: T0,
    };
    const next = withMessage(list, message, null, () => true);
    expect(ids(next.shown)).toEqual(['a', 'b', 'c']);
    expect(next.shown[1]).toMatchObject({ state: 'RESOLVED', resolvedAt: T0 });
  });

  test('one that was taken on has somebody; further decisions change nothing in the list', () => {
    const message = {
      type: 'alert-action' as const,
      actionId: 'x',
      alertId: 'a',
      orderNo: 'ORD-1',
      ruleId: 'RULE_A' as const,
      action: 'ACKNOWLEDGE',
      operatorId: 'op-1',
      reason: '',
      requestedAt: T0,
    };
    expect(withMessage(list, message, null, () => true).shown[0]).toMatchObject({
      state: 'ACKNOWLEDGED',
      acknowledgedBy: { accountId: 'op-1' },
    });
    expect(withMessage(list, { ...message, action: 'REFUND' }, null, () => true)).toBe(list);
  });

  test('a page that was read earlier does not take it back', () => {
    const resolved = alertAt('a', 1, { state: 'RESOLVED', resolvedAt: T0, totalAmount: null });
    const next = withPage(liveList([resolved], 1, 'oldest'), [alertAt('a', 1)], 1, null);
    expect(next.shown[0]).toMatchObject({ state: 'RESOLVED', totalAmount: 1280 });
  });
});

const alerts = fc
  .uniqueArray(
    fc.record({
      id: fc.integer({ min: 0, max: 40 }),
      at: fc.integer({ min: 0, max: 50 }),
      state: fc.constantFrom('NEW' as const, 'ACKNOWLEDGED' as const, 'RESOLVED' as const),
    }),
    { selector: ({ id }) => id, maxLength: 20 },
  )
  .map((all) =>
    all.map(({ id, at, state }) => alertAt(String(id).padStart(2, '0'), at, { state })),
  );

test('whatever comes: held rows stay, nothing is lost or doubled, and waiting ones fall into place', () => {
  fc.assert(
    fc.property(
      alerts,
      alerts,
      fc.nat(),
      fc.constantFrom('oldest' as const, 'newest' as const),
      (first, later, pick, sort) => {
        const shown = first.toSorted((a, b) => compare(sort, a, b));
        const held = shown.length === 0 ? null : shown[pick % shown.length]!.alertId;
        const list = withPage(liveList(shown, shown.length, sort), later, 99, held);
        if (held !== null) {
          const heldAt = ids(shown).indexOf(held);
          expect(ids(list.shown).slice(0, heldAt + 1)).toEqual(ids(shown).slice(0, heldAt + 1));
        }
        const kept = ids(list.shown).filter((id) => ids(shown).includes(id));
        expect(kept).toEqual(ids(shown));
        const all = ids(showWaiting(list).shown);
        expect(new Set(all).size).toBe(all.length);
        expect(new Set(all)).toEqual(new Set([...ids(first), ...ids(later)]));
      },
    ),
  );
});

import { describe, expect, test } from 'vitest';
import { MINUTE, sampleDetail, T0 } from './testing/samples.ts';
import { progressOf, withPush, withReload } from './progress.ts';
import type { OpsMessage } from '../contract-ops.ts';

const detail = sampleDetail();
const { alertId, orderNo } = detail.alert;
const ruleId = 'RULE_A' as const;
const action: OpsMessage = {
  type: 'alert-action',
  actionId: 'act-1',
  alertId,
  orderNo,
  ruleId,
  action: 'RESEND_PAYMENT_RESULT',
  operatorId: 'op-1',
  reason: 'webhook lost',
  requestedAt: T0 + 7 * MINUTE,
};
const outcome = (word: string): OpsMessage => ({
  type: 'alert-outcome',
  actionId: 'act-1',
  orderNo,
  outcome: word,
  detail: 'said so',
  occurredAt: T0 + 8 * MINUTE,
});
const resolved: OpsMessage = {
  type: 'alert-resolved',
  alertId,
  orderNo,
  ruleId,
  resolvedAt: T0 + 9 * MINUTE,
};
const after = (...messages: OpsMessage[]) =>
  messages.reduce((sum, message) => withPush(sum, message) ?? sum, detail);
const states = (...messages: OpsMessage[]) =>
  progressOf(after(...messages))?.steps.map(({ state }) => state);

describe('the progress of a decision', () => {
  test('there is none before one was made, and taking the alert on is none', () => {
    expect(progressOf(detail)).toBeNull();
    expect(states({ ...action, action: 'ACKNOWLEDGE' })).toBeUndefined();
  });

  test('goes on as events come, to the end', () => {
    expect(states(action)).toEqual(['done', 'now', 'later']);
    expect(states(action, outcome('DONE'))).toEqual(['done', 'done', 'now']);
    expect(states(action, outcome('DONE'), resolved)).toEqual(['done', 'done', 'done']);
    expect(progressOf(after(action, outcome('DONE'), resolved))?.isOver).toBe(true);
  });

  test('a refusal ends it, and says why', () => {
    const progress = progressOf(after(action, outcome('REFUSED')));
    expect(progress).toMatchObject({ isOver: true, detail: 'said so' });
    expect(progress?.steps.map(({ state }) => state)).toEqual(['done', 'refused', 'later']);
  });
});

describe('what is pushed', () => {
  test('taking it on changes who has it', () => {
    const taken = after({ ...action, action: 'ACKNOWLEDGE' });
    expect(taken.alert).toMatchObject({ state: 'ACKNOWLEDGED' });
    expect(taken.audit).toHaveLength(1);
  });

  test('the same again says nothing new', () => {
    expect(withPush(after(action), action)).toBeNull();
  });

  test('of another order is not for this page', () => {
    expect(withPush(detail, { ...resolved, orderNo: 'ORD-2' })).toBeNull();
  });

  test('a further status is put on the timeline once, and becomes the order’s', () => {
    const paid: OpsMessage = {
      type: 'order-status',
      orderNo,
      status: 'PAID',
      statusAt: T0 + 8 * MINUTE,
      reason: null,
      paymentStatus: 'COMPLETED',
      paymentExpiresAt: null,
      serverTime: T0 + 8 * MINUTE,
    };
    const next = after(paid, paid);
    expect(next.timeline).toHaveLength(detail.timeline.length + 1);
    expect(next.order?.status).toBe('PAID');
  });

  test('an observation that is known already is not drawn twice', () => {
    const seen: OpsMessage = {
      type: 'payment-status',
      orderNo,
      status: 'COMPLETED',
      result: 'success',
      occurredAt: T0,
      eventId: 'evt_1',
    };
    expect(withPush(detail, seen)).toBeNull();
  });
});

describe('what is loaded anew', () => {
  test('does not take back what was pushed, when the tables are behind', () => {
    const pushed = after(action, outcome('DONE'), resolved);
    const next = withReload(pushed, detail);
    expect(next.alert.state).toBe('RESOLVED');
    expect(next.audit).toEqual(pushed.audit);
    expect(next.timeline).toEqual(pushed.timeline);
  });

  test('counts when it knows as much or more', () => {
    const open = { ...after(action).audit[0]!, operator: null };
    const known = { ...open, outcome: 'DONE', detail: 'said so', endedAt: T0 };
    const fresh = { ...detail, audit: [known], actions: [] };
    expect(withReload({ ...detail, audit: [open] }, fresh)).toEqual(fresh);
  });
});

import { describe, expect, test } from 'vitest';
import type { OrderMessage } from '../contract.ts';
import type { Progress } from './progress.ts';
import { failureOf, isOver, progressOf, stageOf, stepsOf, withMessage } from './progress.ts';
import { anOrder, NOON } from './testing/fake-api.ts';

const EXPIRY = NOON + 300_000;
const waiting = progressOf(anOrder());
const state = { orderNo: 'ORD-1', reason: null, paymentStatus: null, paymentExpiresAt: EXPIRY };

function changed(status: Progress['status'], statusAt: number, reason: string | null = null) {
  const message: OrderMessage = {
    ...state,
    type: 'order-status',
    status,
    statusAt,
    reason,
    serverTime: statusAt,
  };
  return message;
}

function seen(result: 'success' | 'failure' | 'neutral'): OrderMessage {
  const occurredAt = NOON + 5000;
  return {
    type: 'payment-status',
    orderNo: 'ORD-1',
    status: '?',
    result,
    occurredAt,
    eventId: 'e',
  };
}

describe('an order goes its way by messages alone', () => {
  test('from just ordered to paid', () => {
    const payment = {
      url: 'https://pay.example',
      qrSvg: '<svg/>',
      expiresAt: EXPIRY,
      paidAt: null,
    };
    let progress: Progress = progressOf(
      anOrder({ status: 'PENDING', payment: null, paymentExpiresAt: null, timeline: [] }),
    );
    const stages = [stageOf(progress, NOON)];
    for (const message of [
      { type: 'payment', orderNo: 'ORD-1', payment },
      changed('WAITING_PAYMENT', NOON + 3000),
      seen('neutral'),
      seen('success'),
      changed('PAID', NOON + 6000),
    ] as const) {
      progress = withMessage(progress, message);
      stages.push(stageOf(progress, NOON + 4000));
    }
    expect(stages).toEqual(['preparing', 'waiting', 'waiting', 'waiting', 'confirming', 'paid']);
  });

  test('a snapshot brings what was missed while away', () => {
    const missed = { ...changed('PAID', NOON + 9000), type: 'snapshot', payment: null } as const;
    const progress = withMessage(waiting, missed);
    expect(stageOf(progress, NOON)).toBe('paid');
    expect(progress.payment).toEqual(waiting.payment);
  });

  test('an older status changes nothing', () => {
    const paid = withMessage(waiting, changed('PAID', NOON + 9000));
    expect(withMessage(paid, changed('WAITING_PAYMENT', NOON + 8000))).toBe(paid);
  });

  test('paid stays paid when the time is over', () => {
    const paid = withMessage(waiting, changed('PAID', NOON + 9000));
    expect(stageOf(withMessage(paid, seen('failure')), EXPIRY + 1)).toBe('paid');
  });

  test('at the expiry it is being closed, unless the money was seen', () => {
    expect(stageOf(waiting, EXPIRY - 1)).toBe('waiting');
    expect(stageOf(waiting, EXPIRY)).toBe('closing');
    expect(stageOf(withMessage(waiting, seen('success')), EXPIRY)).toBe('confirming');
  });
});

test.each([
  ['payment: FAILED', NOON, 'declined'],
  ['payment: EXPIRED', NOON, 'expired'],
  ['payment: COMPLETED after it had expired', EXPIRY + 1, 'expired'],
  [null, EXPIRY, 'expired'],
  [null, NOON, 'failed'],
  ['TEA-SENCHA-100: not enough in stock', NOON, 'sold-out'],
  ['payment: the provider is away', NOON, 'failed'],
  ['operator: customer called about EXPIRED', EXPIRY + 1, 'failed'],
])('an order that failed by %j is told as %3$s', (reason, statusAt, told) => {
  const order = { status: 'FAILED', paymentStatus: null, reason, statusAt } as const;
  expect(failureOf({ ...order, expiresAt: EXPIRY })).toBe(told);
});

test('the steps say where it stopped', () => {
  expect(stepsOf('waiting')).toEqual(['done', 'current', 'ahead']);
  expect(stepsOf('paid')).toEqual(['done', 'done', 'done']);
  expect(stepsOf('sold-out')).toEqual(['stopped', 'ahead', 'ahead']);
  for (const stage of ['declined', 'expired', 'failed'] as const) {
    expect(stepsOf(stage)).toEqual(['done', 'stopped', 'ahead']);
    expect(isOver(stage)).toBe(true);
  }
});

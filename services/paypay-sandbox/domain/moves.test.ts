import { describe, expect, test } from 'vitest';
import type { PaymentEvent } from './events.ts';
import type { FaultSet } from './faults.ts';
import * as moves from './moves.ts';
import { evolve, type Payment } from './payment.ts';
import { Refused } from './refused.ts';

const NOW = Date.parse('2024-02-01T12:00:00+09:00');
const TTL_MS = 300_000;
const EXPIRY = NOW + TTL_MS;
const none: FaultSet = {};
const request = {
  merchantPaymentId: 'ORD-1-1',
  amountJpy: 1_000,
  requestedAtS: NOW / 1_000,
  isAuthorization: false,
};

describe('a code', () => {
  test('expires at a whole second, since the API tells it in seconds', () => {
    const [event] = moves.createCode(undefined, request, ids(), NOW + 1, TTL_MS);
    expect(event).toMatchObject({ type: 'CodeCreated', expiresAtMs: EXPIRY + 1_000 });
    expect(created().expiresAtMs).toBe(EXPIRY);
  });

  test('is not made twice for one id', () => {
    refused('DUPLICATE_PAYMENT', () => moves.createCode(created(), request, ids(), NOW, TTL_MS));
  });

  test('can be paid until a millisecond before its expiry, not at it', () => {
    expect(moves.pay(created(), none, EXPIRY - 1)).toEqual([
      { type: 'PaymentAccepted', status: 'COMPLETED', acceptedAtMs: EXPIRY - 1 },
    ]);
    refused('NOT_PAYABLE', () => moves.pay(created(), none, EXPIRY));
  });

  test('stays CREATED when it expires, and lapses a second later', () => {
    const code = created();
    expect(moves.nextMoveAtMs(code)).toBe(EXPIRY + 1_000);
    const lapsed = after(code, [moves.nextMove(code, none)]);
    expect(lapsed).toMatchObject({ status: 'CREATED', lapsed: true });
    expect(moves.nextMoveAtMs(lapsed)).toBeUndefined();
  });

  test('reads CANCELED once deleted; deleting twice is fine', () => {
    const deleted = after(created(), moves.deleteCode(created()));
    expect(deleted.status).toBe('CANCELED');
    expect(moves.deleteCode(deleted)).toEqual([]);
    refused('NOT_PAYABLE', () => moves.pay(deleted, none, NOW));
  });

  test('that is paid is not deleted, also when it failed or was cancelled since', () => {
    for (const payment of [paid(), failedLate(), after(paid(), moves.cancel(paid(), NOW))]) {
      refused('ALREADY_PAID', () => moves.deleteCode(payment));
    }
  });

  test('can be made to expire now, if it has not yet', () => {
    const [event] = moves.expire(created(), NOW + 1_999);
    expect(event).toEqual({ type: 'CodeExpired', expiresAtMs: NOW + 1_000 });
    refused('NOT_PAYABLE', () => moves.expire(after(created(), [event!]), NOW + 1_999));
    refused('NOT_PAYABLE', () => moves.expire(paid(), NOW));
  });
});

describe('paying', () => {
  test('once', () => {
    for (const payment of [paid(), failedLate(), declined()]) {
      refused('NOT_PAYABLE', () => moves.pay(payment, none, NOW));
      refused('NOT_PAYABLE', () => moves.decline(payment, none, NOW));
    }
  });

  test('an authorization waits for its capture, and expires after 30 days', () => {
    const code = created({ isAuthorization: true });
    const authorized = after(code, moves.pay(code, none, NOW));
    expect(authorized.status).toBe('AUTHORIZED');
    expect(moves.nextMoveAtMs(authorized)).toBe(NOW + moves.AUTHORIZATION_MS);
    expect(after(authorized, [moves.nextMove(authorized, none)]).status).toBe('EXPIRED');
  });

  test('after the expiry: it is under way until then, and completes a second later', () => {
    const faults: FaultSet = { payment: { completesAfterExpiry: true } };
    const code = created();
    const paying = after(code, moves.pay(code, faults, NOW));
    expect(paying.status).toBe('CREATED');
    refused('NOT_PAYABLE', () => moves.pay(paying, faults, NOW));
    for (const payment of [
      code,
      paying,
      after(code, moves.deleteCode(code)),
      after(paying, moves.deleteCode(paying)),
    ]) {
      expect(moves.nextMoveAtMs(payment)).toBe(EXPIRY + 1_000);
      expect(after(payment, [moves.nextMove(payment, faults)])).toMatchObject({
        status: 'COMPLETED',
        acceptedAtMs: EXPIRY + 1_000,
      });
    }
    // Begun is begun, also when the fault is taken back.
    expect(moves.nextMove(paying, none).type).toBe('PaymentAccepted');
    expect(moves.nextMove(code, none).type).toBe('CodeLapsed');
  });

  test('what is paid can fail later, unless it was refunded', () => {
    const faults: FaultSet = { payment: { failsAfterMs: 5_000 } };
    const payment = after(created(), moves.pay(created(), faults, NOW));
    expect(moves.nextMoveAtMs(payment)).toBe(NOW + 5_000);
    expect(after(payment, [moves.nextMove(payment, none)])).toMatchObject({
      status: 'FAILED',
      acceptedAtMs: NOW,
    });
    const refunded = after(payment, moves.refund(payment, refundOf(400)));
    expect(moves.nextMoveAtMs(refunded)).toBeUndefined();
  });

  test('what was declined can succeed later', () => {
    const faults: FaultSet = { payment: { succeedsAfterMs: 5_000, failsAfterMs: 1 } };
    const payment = after(created(), moves.decline(created(), faults, NOW));
    expect(payment).toMatchObject({ status: 'FAILED' });
    expect(payment.acceptedAtMs).toBeUndefined();
    // A cleared fault does not take back what is on its way, and no other one is added.
    expect(after(payment, [moves.nextMove(payment, faults)])).toMatchObject({
      status: 'COMPLETED',
      acceptedAtMs: NOW + 5_000,
      next: undefined,
    });
    expect(moves.nextMoveAtMs(declined())).toBeUndefined();
  });
});

describe('cancelling', () => {
  test('works until 00:14:59 JST of the next day', () => {
    const until = Date.parse('2024-02-02T00:15:00+09:00');
    expect(moves.cancellableUntilMs(NOW)).toBe(until);
    expect(moves.cancellableUntilMs(Date.parse('2024-02-01T00:00:00+09:00'))).toBe(until);
    expect(moves.cancellableUntilMs(Date.parse('2024-02-01T23:59:59+09:00'))).toBe(until);
    expect(after(paid(), moves.cancel(paid(), until - 1)).status).toBe('CANCELED');
    refused('NOT_REVERSIBLE', () => moves.cancel(paid(), until));
  });

  test('twice is fine, also for a deleted code', () => {
    const canceled = after(paid(), moves.cancel(paid(), NOW));
    expect(moves.cancel(canceled, NOW)).toEqual([]);
    expect(moves.cancel(after(created(), moves.deleteCode(created())), NOW)).toEqual([]);
  });

  test('an unpaid one only waits: when the shopper pays, it is COMPLETED, then FAILED', () => {
    const waiting = after(created(), moves.cancel(created(), NOW));
    expect(waiting.status).toBe('CREATED');
    expect(moves.cancel(waiting, NOW)).toEqual([]);
    const completed = after(waiting, moves.pay(waiting, none, NOW));
    expect(completed.status).toBe('COMPLETED');
    expect(moves.nextMoveAtMs(completed)).toBe(NOW + moves.CANCEL_TAKES_EFFECT_MS);
    expect(after(completed, [moves.nextMove(completed, none)]).status).toBe('FAILED');
  });

  test('not what is over, or has refunds', () => {
    const partly = after(paid(), moves.refund(paid(), refundOf(1)));
    const wholly = after(paid(), moves.refund(paid(), refundOf(1_000)));
    for (const payment of [failedLate(), declined(), partly, wholly]) {
      refused('NOT_REVERSIBLE', () => moves.cancel(payment, NOW));
    }
  });
});

describe('refunding', () => {
  test('a part leaves it COMPLETED, all of it makes it REFUNDED', () => {
    const partly = after(paid(), moves.refund(paid(), refundOf(400)));
    expect(partly.status).toBe('COMPLETED');
    refused('REFUND_TOO_HIGH', () => moves.refund(partly, refundOf(601, 'R-2')));
    const wholly = after(partly, moves.refund(partly, refundOf(600, 'R-2')));
    expect(wholly.status).toBe('REFUNDED');
    refused('REFUND_TOO_HIGH', () => moves.refund(wholly, refundOf(1, 'R-3')));
  });

  test('the same one again changes nothing, another one of its id is refused', () => {
    const partly = after(paid(), moves.refund(paid(), refundOf(400)));
    expect(moves.refund(partly, { ...refundOf(400), requestedAtS: 1 })).toEqual([]);
    refused('REFUND_ID_TAKEN', () => moves.refund(partly, refundOf(401)));
    refused('REFUND_ID_TAKEN', () => moves.refund(partly, { ...refundOf(400), reason: 'why' }));
  });

  test('only what is paid', () => {
    const canceled = after(paid(), moves.cancel(paid(), NOW));
    for (const payment of [created(), declined(), failedLate(), canceled]) {
      refused('NOT_REFUNDABLE', () => moves.refund(payment, refundOf(1)));
    }
  });
});

test('a history that can not have been is an error', () => {
  expect(() => evolve(undefined, 'X', { type: 'CodeDeleted' }, NOW)).toThrow('X is not known');
  expect(() => after(paid(), moves.pay(created(), none, NOW))).toThrow('is paid already');
  const [code] = moves.createCode(undefined, request, ids(), NOW, TTL_MS);
  expect(() => after(created(), [code!])).toThrow('has a code already');
  const tooMuch = [{ type: 'RefundAccepted', ...refundOf(1_001) } as const];
  expect(() => after(paid(), tooMuch)).toThrow('more refunded than paid');
});

function ids() {
  return { codeId: 'code-1', paymentId: '91' };
}

function created(more: Partial<moves.CodeRequest> = {}): Payment {
  return after(undefined, moves.createCode(undefined, { ...request, ...more }, ids(), NOW, TTL_MS));
}

function paid(): Payment {
  return after(created(), moves.pay(created(), none, NOW));
}

function failedLate(): Payment {
  return after(paid(), [{ type: 'PaymentFailed' }]);
}

function declined(): Payment {
  return after(created(), moves.decline(created(), none, NOW));
}

function refundOf(amountJpy: number, merchantRefundId = 'R-1'): moves.RefundRequest {
  return { merchantRefundId, amountJpy, requestedAtS: NOW / 1_000 };
}

function after(payment: Payment | undefined, events: readonly PaymentEvent[]): Payment {
  let current = payment;
  for (const event of events) current = evolve(current, 'ORD-1-1', event, NOW);
  return current!;
}

function refused(reason: string, action: () => unknown): void {
  expect(action).toThrow(Refused);
  expect(action).toThrow(expect.objectContaining({ reason }) as Error);
}

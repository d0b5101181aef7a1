/** What may be done to a payment: each function decides which events come of a command, and throws `Refused` else. */
import type { NextMove, PaymentEvent } from './events.ts';
import type { FaultSet } from './faults.ts';
import { refundedJpy, type Payment } from './payment.ts';
import { Refused } from './refused.ts';

/** How long after its expiry a payment that was under way completes. */
export const PAYS_AFTER_EXPIRY_MS = 1_000;
/** A payment that was cancelled before it was made is COMPLETED for this long, and FAILED then. */
export const CANCEL_TAKES_EFFECT_MS = 1_000;
/** PayPay's default for authorizations: 30 days. */
export const AUTHORIZATION_MS = 30 * 86_400_000;
const DAY_MS = 86_400_000;
const JST_MS = 9 * 3_600_000;
/** The last cancel is taken at 00:14:59. */
const CANCEL_UNTIL_MS = 15 * 60_000;

/** A code as the merchant wants it. */
export interface CodeRequest {
  readonly merchantPaymentId: string;
  readonly amountJpy: number;
  readonly requestedAtS: number;
  readonly isAuthorization: boolean;
  readonly orderDescription?: string | undefined;
  readonly redirectUrl?: string | undefined;
  readonly redirectType?: string | undefined;
  readonly storeId?: string | undefined;
  readonly terminalId?: string | undefined;
}

export interface RefundRequest {
  readonly merchantRefundId: string;
  readonly amountJpy: number;
  readonly requestedAtS: number;
  readonly reason?: string | undefined;
}

/** @throws {Refused} `DUPLICATE_PAYMENT`: a merchant payment id is for one attempt, whatever became of it */
export function createCode(
  existing: Payment | undefined,
  { merchantPaymentId, ...request }: CodeRequest,
  ids: { readonly codeId: string; readonly paymentId: string },
  nowMs: number,
  ttlMs: number,
): PaymentEvent[] {
  if (existing) throw new Refused('DUPLICATE_PAYMENT', `${merchantPaymentId} has a code already`);
  const expiresAtMs = Math.ceil((nowMs + ttlMs) / 1_000) * 1_000;
  return [{ type: 'CodeCreated', ...ids, ...request, expiresAtMs }];
}

/**
 * Deleting twice is fine; a payment under way is not stopped by it.
 *
 * @throws {Refused} `ALREADY_PAID`, which tells who won
 */
export function deleteCode(payment: Payment): PaymentEvent[] {
  if (payment.acceptedAtMs !== undefined) {
    throw new Refused('ALREADY_PAID', `${payment.merchantPaymentId} is paid already`);
  }
  return payment.deletedAtMs === undefined ? [{ type: 'CodeDeleted' }] : [];
}

/** The shopper pays. @throws {Refused} `NOT_PAYABLE` */
export function pay(payment: Payment, faults: FaultSet, nowMs: number): PaymentEvent[] {
  mustBeOpen(payment, nowMs);
  if (payment.startedAtMs !== undefined) {
    throw new Refused('NOT_PAYABLE', `${payment.merchantPaymentId} is being paid already`);
  }
  if (faults.payment?.completesAfterExpiry) return [{ type: 'PaymentStarted' }];
  return [accept(payment, faults, nowMs)];
}

/** The shopper's payment is refused. @throws {Refused} `NOT_PAYABLE` */
export function decline(payment: Payment, faults: FaultSet, nowMs: number): PaymentEvent[] {
  mustBeOpen(payment, nowMs);
  const laterMs = faults.payment?.succeedsAfterMs;
  if (laterMs === undefined) return [{ type: 'PaymentFailed' }];
  return [{ type: 'PaymentFailed', next: { atMs: nowMs + laterMs, to: 'COMPLETED' } }];
}

/** The code's expiry is now. @throws {Refused} `NOT_PAYABLE` when it is over already */
export function expire(payment: Payment, nowMs: number): PaymentEvent[] {
  mustBeOpen(payment, nowMs);
  return [{ type: 'CodeExpired', expiresAtMs: Math.floor(nowMs / 1_000) * 1_000 }];
}

/**
 * A cancel of an unpaid payment only waits: what is paid after it is COMPLETED, and FAILED soon after.
 *
 * @throws {Refused} `NOT_REVERSIBLE` from 00:15:00 JST of the day after the payment on, and for what is over
 */
export function cancel(payment: Payment, nowMs: number): PaymentEvent[] {
  const { merchantPaymentId, status, acceptedAtMs } = payment;
  switch (status) {
    case 'CANCELED':
      return [];
    case 'CREATED':
      return payment.cancelRequestedAtMs === undefined ? [{ type: 'CancelRequested' }] : [];
    case 'COMPLETED':
    case 'AUTHORIZED':
      if (payment.refunds.length > 0) {
        throw new Refused('NOT_REVERSIBLE', `${merchantPaymentId} has refunds`);
      }
      if (nowMs >= cancellableUntilMs(acceptedAtMs!)) {
        throw new Refused(
          'NOT_REVERSIBLE',
          `${merchantPaymentId} was paid too long ago: refund it`,
        );
      }
      return [{ type: 'PaymentCanceled' }];
    case 'FAILED':
    case 'REFUNDED':
    case 'EXPIRED':
      throw new Refused('NOT_REVERSIBLE', `${merchantPaymentId} is ${status}`);
  }
}

/**
 * The same refund again changes nothing (its time may differ: it is a repeated call's).
 *
 * @throws {Refused} `REFUND_ID_TAKEN`, `NOT_REFUNDABLE`, `REFUND_TOO_HIGH`
 */
export function refund(payment: Payment, request: RefundRequest): PaymentEvent[] {
  const { merchantRefundId, amountJpy, reason } = request;
  const known = payment.refunds.find((each) => each.merchantRefundId === merchantRefundId);
  if (known) {
    if (known.amountJpy === amountJpy && known.reason === reason) return [];
    throw new Refused('REFUND_ID_TAKEN', `${merchantRefundId} is another refund`);
  }
  if (payment.status !== 'COMPLETED' && payment.status !== 'REFUNDED') {
    throw new Refused('NOT_REFUNDABLE', `${payment.merchantPaymentId} is ${payment.status}`);
  }
  const left = payment.amountJpy - refundedJpy(payment);
  if (amountJpy > left) {
    throw new Refused('REFUND_TOO_HIGH', `${String(left)} JPY can be refunded at most`);
  }
  return [{ type: 'RefundAccepted', ...request }];
}

/** When the next thing happens by itself; undefined: nothing does. */
export function nextMoveAtMs(payment: Payment): number | undefined {
  if (payment.next) return payment.next.atMs;
  return isOpenEnded(payment) ? payment.expiresAtMs + PAYS_AFTER_EXPIRY_MS : undefined;
}

/** What happens by itself at `nextMoveAtMs`: its times are those, however late this is asked (after a restart). */
export function nextMove(payment: Payment, faults: FaultSet): PaymentEvent {
  const { next } = payment;
  if (next) {
    switch (next.to) {
      case 'COMPLETED':
        return accept(payment, {}, next.atMs);
      case 'FAILED':
        return { type: 'PaymentFailed' };
      case 'EXPIRED':
        return { type: 'AuthorizationExpired' };
    }
  }
  const paying = payment.startedAtMs !== undefined || faults.payment?.completesAfterExpiry === true;
  if (!paying) return { type: 'CodeLapsed' };
  return accept(payment, faults, payment.expiresAtMs + PAYS_AFTER_EXPIRY_MS);
}

/** Why a code can't be paid; undefined: it can. */
export function closedBy(
  payment: Payment,
  nowMs: number,
): 'paid' | 'failed' | 'canceled' | 'deleted' | 'expired' | undefined {
  if (payment.status === 'FAILED') return 'failed';
  if (payment.acceptedAtMs !== undefined)
    return payment.status === 'CANCELED' ? 'canceled' : 'paid';
  if (payment.deletedAtMs !== undefined) return 'deleted';
  return nowMs >= payment.expiresAtMs ? 'expired' : undefined;
}

/** The first instant at which a payment can't be cancelled any more: 00:15:00 JST of the next day. */
export function cancellableUntilMs(acceptedAtMs: number): number {
  const dayInJst = Math.floor((acceptedAtMs + JST_MS) / DAY_MS);
  return (dayInJst + 1) * DAY_MS - JST_MS + CANCEL_UNTIL_MS;
}

function accept(
  payment: Payment,
  faults: FaultSet,
  acceptedAtMs: number,
): Extract<PaymentEvent, { type: 'PaymentAccepted' }> {
  const next = afterAcceptance(payment, faults, acceptedAtMs);
  const status = payment.isAuthorization ? 'AUTHORIZED' : 'COMPLETED';
  return { type: 'PaymentAccepted', status, acceptedAtMs, ...(next && { next }) };
}

function afterAcceptance(
  payment: Payment,
  faults: FaultSet,
  acceptedAtMs: number,
): NextMove | undefined {
  if (payment.cancelRequestedAtMs !== undefined) {
    return { atMs: acceptedAtMs + CANCEL_TAKES_EFFECT_MS, to: 'FAILED' };
  }
  const failsAfterMs = faults.payment?.failsAfterMs;
  if (failsAfterMs !== undefined) return { atMs: acceptedAtMs + failsAfterMs, to: 'FAILED' };
  if (payment.isAuthorization) return { atMs: acceptedAtMs + AUTHORIZATION_MS, to: 'EXPIRED' };
  return undefined;
}

/** Unpaid (deleted or not), so that its expiry still decides whether somebody was paying. */
function isOpenEnded(payment: Payment): boolean {
  const unpaid = payment.status === 'CREATED' || payment.status === 'CANCELED';
  return unpaid && payment.acceptedAtMs === undefined && !payment.lapsed;
}

function mustBeOpen(payment: Payment, nowMs: number): void {
  const closed = closedBy(payment, nowMs);
  if (closed === undefined) return;
  throw new Refused('NOT_PAYABLE', `${payment.merchantPaymentId} can't be paid: it is ${closed}`);
}

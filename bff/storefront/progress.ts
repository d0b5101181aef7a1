/**
 * How far an order is, in the shopper's terms, and how the messages of its channel move it. Pure: the payment page's
 * island and the pages on the server say the same.
 *
 * G1. A message that tells of an older status than the one that is shown changes nothing.
 * G2. PAID stays PAID, and FAILED stays FAILED, whatever the countdown or the provider says afterwards.
 */
import type { OrderDetail, OrderMessage, OrderSummary, Payment } from '../contract.ts';

export interface Progress {
  readonly status: OrderSummary['status'];
  readonly statusAt: number;
  readonly reason: string | null;
  readonly paymentStatus: string | null;
  readonly expiresAt: number | null;
  /** Null: it can't be paid yet. */
  readonly payment: Pick<Payment, 'url' | 'qrSvg'> | null;
  /** What the provider said last that decides something. */
  readonly seen: 'success' | 'failure' | null;
}

/** What to say: where it stands, and if it ended, why. */
export type Stage =
  /** Stock and payment are being asked for. */
  | 'preparing'
  | 'waiting'
  /** The provider has the money; the order does not know yet. */
  | 'confirming'
  /** The time is over; whether it was paid in the last second is being asked. */
  | 'closing'
  | 'paid'
  | 'declined'
  | 'expired'
  | 'sold-out'
  | 'failed';

export function progressOf(order: OrderDetail): Progress {
  const seen = order.timeline
    .filter((entry) => entry.kind === 'payment')
    .map(({ result }) => result)
    .findLast((result) => result !== 'neutral');
  return {
    status: order.status,
    statusAt: order.statusAt,
    reason: order.reason,
    paymentStatus: order.paymentStatus,
    expiresAt: order.payment?.expiresAt ?? order.paymentExpiresAt,
    payment: order.payment,
    seen: seen ?? null,
  };
}

export function withMessage(progress: Progress, message: OrderMessage): Progress {
  switch (message.type) {
    case 'snapshot':
    case 'order-status': {
      if (message.statusAt < progress.statusAt) return progress;
      const { status, statusAt, reason, paymentStatus } = message;
      const payment = (message.type === 'snapshot' ? message.payment : null) ?? progress.payment;
      const expiresAt = message.paymentExpiresAt ?? progress.expiresAt;
      return { ...progress, status, statusAt, reason, paymentStatus, payment, expiresAt };
    }
    case 'payment': {
      const { payment } = message;
      return { ...progress, payment, expiresAt: payment.expiresAt ?? progress.expiresAt };
    }
    case 'payment-status':
      return message.result === 'neutral' ? progress : { ...progress, seen: message.result };
  }
}

type Ended = Pick<OrderSummary, 'status' | 'statusAt' | 'paymentStatus'> & {
  readonly reason: string | null;
  readonly expiresAt: number | null;
};

/** @param now by the server's clock */
export function stageOf(progress: Progress, now: number): Stage {
  const { status, seen, expiresAt, payment } = progress;
  if (status === 'PAID') return 'paid';
  if (status === 'FAILED') return failureOf(progress);
  if (seen === 'success') return 'confirming';
  if (expiresAt !== null && now >= expiresAt) return 'closing';
  return payment === null ? 'preparing' : 'waiting';
}

/** Why an order failed: its reason is the sagas' text, `payment: WORD` or `SKU: WORD`. */
export function failureOf({
  reason,
  paymentStatus,
  statusAt,
  expiresAt,
}: Ended): 'declined' | 'expired' | 'sold-out' | 'failed' {
  const words = `${reason ?? ''} ${paymentStatus ?? ''}`;
  if (/^operator:/.test(words)) return 'failed';
  if (/EXPIRED|TIMEOUT/.test(words)) return 'expired';
  if (/FAILED|DECLINED|REJECTED/.test(words)) return 'declined';
  const isOver = expiresAt !== null && statusAt >= expiresAt;
  if (isOver) return 'expired';
  if (/^payment:/.test(words)) return 'failed';
  return /^[\w.-]{1,64}: /.test(words) ? 'sold-out' : 'failed';
}

export type StepState = 'done' | 'current' | 'ahead' | 'stopped';

/** Of the line: ordered, waiting for the payment, paid. */
export function stepsOf(stage: Stage): readonly [StepState, StepState, StepState] {
  switch (stage) {
    case 'preparing':
      return ['current', 'ahead', 'ahead'];
    case 'waiting':
    case 'closing':
      return ['done', 'current', 'ahead'];
    case 'confirming':
      return ['done', 'done', 'current'];
    case 'paid':
      return ['done', 'done', 'done'];
    case 'sold-out':
      return ['stopped', 'ahead', 'ahead'];
    case 'declined':
    case 'expired':
    case 'failed':
      return ['done', 'stopped', 'ahead'];
  }
}

/** Nothing will change any more. */
export function isOver(stage: Stage): boolean {
  return ['paid', 'declined', 'expired', 'sold-out', 'failed'].includes(stage);
}

/**
 * One payment, from its code to its refunds.
 *
 *   CREATED ──pay──► COMPLETED ──refund of all──► REFUNDED
 *      │  │             │ ▲ │
 *      │  │      cancel │ │ └─late failure─► FAILED
 *      │  │             ▼ │late success
 *      │  │    CANCELED   │
 *      │  └─decline─► FAILED
 *      ├─pay (authorization)─► AUTHORIZED ──cancel─► CANCELED, or 30 days ─► EXPIRED
 *      └─code deleted─► CANCELED ──was being paid─► COMPLETED
 *
 * P1  It is accepted once at most.
 * P2  No more is refunded than was paid.
 * P3  A code that expired unpaid stays CREATED, as at the provider.
 */
import type {
  NextMove,
  PaymentEvent,
  PlannedWebhook,
  WebhookOutcome,
  WebhookTry,
} from './events.ts';

export const PAYMENT_STATUSES = [
  'CREATED',
  'AUTHORIZED',
  'COMPLETED',
  'REFUNDED',
  'FAILED',
  'CANCELED',
  'EXPIRED',
] as const;
export type PaymentStatus = (typeof PAYMENT_STATUSES)[number];

export interface Refund {
  readonly merchantRefundId: string;
  readonly amountJpy: number;
  /** Seconds since the epoch, as the merchant said. */
  readonly requestedAtS: number;
  readonly acceptedAtMs: number;
  readonly reason: string | undefined;
}

/** A webhook, and what became of it (undefined: it is still to be sent). */
export interface Webhook extends PlannedWebhook {
  readonly plannedAtMs: number;
  readonly settled:
    | {
        readonly atMs: number;
        readonly outcome: WebhookOutcome;
        readonly tries: readonly WebhookTry[];
      }
    | undefined;
}

export interface Payment {
  readonly merchantPaymentId: string;
  readonly codeId: string;
  /** PayPay's own id. */
  readonly paymentId: string;
  readonly amountJpy: number;
  readonly orderDescription: string | undefined;
  readonly redirectUrl: string | undefined;
  readonly redirectType: string | undefined;
  readonly storeId: string | undefined;
  readonly terminalId: string | undefined;
  readonly isAuthorization: boolean;
  /** Seconds since the epoch, as the merchant said. */
  readonly requestedAtS: number;
  readonly createdAtMs: number;
  /** A whole second: the API tells it in seconds. The code can be paid before, not at it. */
  readonly expiresAtMs: number;
  readonly status: PaymentStatus;
  readonly acceptedAtMs?: number;
  readonly deletedAtMs?: number;
  readonly cancelRequestedAtMs?: number;
  /** Since when the shopper is paying, if that outlasts the code. */
  readonly startedAtMs?: number;
  /** The expiry passed unpaid; nothing comes of the code any more. */
  readonly lapsed: boolean;
  readonly next?: NextMove | undefined;
  readonly refunds: readonly Refund[];
  readonly webhooks: readonly Webhook[];
}

/**
 * The payment after an event that happened at `atMs`.
 *
 * @throws when the event can't have happened to it: the journal is not what the sandbox wrote
 */
export function evolve(
  payment: Payment | undefined,
  merchantPaymentId: string,
  event: PaymentEvent,
  atMs: number,
): Payment {
  if (event.type === 'CodeCreated') {
    must(payment === undefined, merchantPaymentId, 'has a code already');
    return {
      merchantPaymentId,
      codeId: event.codeId,
      paymentId: event.paymentId,
      amountJpy: event.amountJpy,
      orderDescription: event.orderDescription,
      redirectUrl: event.redirectUrl,
      redirectType: event.redirectType,
      storeId: event.storeId,
      terminalId: event.terminalId,
      isAuthorization: event.isAuthorization,
      requestedAtS: event.requestedAtS,
      expiresAtMs: event.expiresAtMs,
      createdAtMs: atMs,
      status: 'CREATED',
      lapsed: false,
      refunds: [],
      webhooks: [],
    };
  }
  must(payment !== undefined, merchantPaymentId, `is not known: ${event.type}`);
  switch (event.type) {
    case 'CodeDeleted': {
      const status = payment.status === 'CREATED' ? 'CANCELED' : payment.status;
      return { ...payment, status, deletedAtMs: atMs };
    }
    case 'CodeExpired':
      return { ...payment, expiresAtMs: event.expiresAtMs };
    case 'CodeLapsed':
      return { ...payment, lapsed: true };
    case 'PaymentStarted':
      return { ...payment, startedAtMs: atMs };
    case 'CancelRequested':
      return { ...payment, cancelRequestedAtMs: atMs };
    case 'PaymentAccepted': {
      must(payment.acceptedAtMs === undefined, merchantPaymentId, 'is paid already');
      const { status, acceptedAtMs, next } = event;
      return { ...payment, status, acceptedAtMs, next };
    }
    case 'PaymentFailed':
      return { ...payment, status: 'FAILED', next: event.next };
    case 'PaymentCanceled':
      return { ...payment, status: 'CANCELED', next: undefined };
    case 'AuthorizationExpired':
      return { ...payment, status: 'EXPIRED', next: undefined };
    case 'RefundAccepted':
      return withRefund(payment, event, atMs);
    case 'WebhookPlanned': {
      const webhook = { ...event.webhook, plannedAtMs: atMs, settled: undefined };
      return { ...payment, webhooks: [...payment.webhooks, webhook] };
    }
    case 'WebhookSettled':
      return { ...payment, webhooks: settle(payment.webhooks, event, atMs) };
  }
}

/** What was refunded so far, in yen. */
export function refundedJpy({ refunds }: Pick<Payment, 'refunds'>): number {
  return refunds.reduce((sum, { amountJpy }) => sum + amountJpy, 0);
}

function withRefund(
  payment: Payment,
  refund: Extract<PaymentEvent, { type: 'RefundAccepted' }>,
  atMs: number,
): Payment {
  const { merchantRefundId, amountJpy, requestedAtS, reason } = refund;
  const refunds = [
    ...payment.refunds,
    { merchantRefundId, amountJpy, requestedAtS, reason, acceptedAtMs: atMs },
  ];
  const total = refundedJpy({ refunds });
  must(total <= payment.amountJpy, payment.merchantPaymentId, 'has more refunded than paid');
  // What was given back can't fail any more.
  const status = total === payment.amountJpy ? 'REFUNDED' : payment.status;
  return { ...payment, refunds, status, next: undefined };
}

/** Those that waited for a later one are due when that one has gone out. */
function settle(
  webhooks: readonly Webhook[],
  event: Extract<PaymentEvent, { type: 'WebhookSettled' }>,
  atMs: number,
): Webhook[] {
  const index = webhooks.findIndex(({ webhookId }) => webhookId === event.webhookId);
  const wentOut = event.outcome !== 'suppressed' && webhooks[index]?.kind === 'true';
  return webhooks.map((webhook, i) => {
    if (i === index) {
      return { ...webhook, settled: { atMs, outcome: event.outcome, tries: event.tries } };
    }
    const released = wentOut && i < index && webhook.held && !webhook.settled;
    return released ? { ...webhook, held: false, dueAtMs: atMs } : webhook;
  });
}

function must(holds: boolean, merchantPaymentId: string, what: string): asserts holds {
  if (!holds) throw new Error(`payment ${merchantPaymentId} ${what}`);
}

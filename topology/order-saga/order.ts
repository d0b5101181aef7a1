import type { OrderLine, OrderStatus, PaymentResult } from '#schemas';
import type { SagaRun } from './interpreter.ts';

/** What the saga keeps of one order. */
export interface Order {
  readonly orderNo: string;
  readonly accountId: string;
  readonly lines: readonly OrderLine[];
  readonly totalAmount: number;
  readonly status: OrderStatus;
  /** When the status changed last, epoch ms; the next change is later. */
  readonly statusAt: number;
  /** Why it is what it is, for people. */
  readonly reason: string | null;
  /** Which reservation of stock counts: an order that is accepted after all has a second one. */
  readonly attempt: number;
  readonly payment: OrderPayment;
  readonly run: SagaRun;
  /** The operator's decision that is being carried out. */
  readonly action: { readonly actionId: string; readonly type: string } | null;
  /** Decisions that were seen, the last ones. */
  readonly seenActions: readonly string[];
  /** When the provider is asked next, and how long the gap after that is; ms. */
  readonly poll: { readonly at: number; readonly gapMs: number; readonly count: number } | null;
  /** From the request that created it to everything that follows. */
  readonly headers: Readonly<Record<string, string>>;
  readonly endedAt: number | null;
}

/** What is known of the payment. */
export interface OrderPayment {
  readonly merchantPaymentId: string;
  /** What closes it at the provider; null until it was requested. */
  readonly codeId: string | null;
  /** Epoch ms; null until it was requested. */
  readonly expiresAt: number | null;
  /** The provider's word that was observed last. */
  readonly status: string | null;
  readonly result: PaymentResult | null;
  /** When that was, by the provider; epoch ms. */
  readonly occurredAt: number | null;
  /** The observation that was taken last (`payment_last_event_id`): one that comes again changes nothing. */
  readonly lastEventId: string | null;
}

/** From which status an order may come to which; `PAID` and `FAILED` change by an operator's decision alone. */
const MOVES: Readonly<Record<string, readonly OrderStatus[]>> = {
  PENDING: ['WAITING_PAYMENT', 'FAILED'],
  WAITING_PAYMENT: ['PAID', 'FAILED'],
  PAID: ['FAILED'],
  FAILED: ['PAID'],
};

/** @throws when an order can't change so: the saga's declaration is wrong */
export function checkMove({ orderNo, status }: Order, to: OrderStatus): void {
  if (!MOVES[status]?.includes(to))
    throw new Error(`order ${orderNo} can't go from ${status} to ${to}`);
}

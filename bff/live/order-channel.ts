/**
 * What one socket is told of one order, in an order that makes sense.
 *
 * L1. The snapshot comes first; what has happened while it was read comes after it.
 * L2. An older status never follows a newer one, from whatever source it comes.
 * L3. Nothing is told twice.
 */
import { resultOf, type OrderStatusChanged, type PaymentStatusObserved } from '#schemas';
import type { OrderMessage } from '../contract.ts';
import { paymentOf, payableAt, summaryOf } from '../orders/order-views.ts';
import type { OrderRow } from '../read/order-book.ts';

/** @param appendedAt when the event behind it was appended to its topic */
export type Tell = (message: OrderMessage, appendedAt: number | undefined) => void;

export class OrderChannel {
  readonly orderNo: string;
  readonly #tell: Tell;
  readonly #now: () => number;
  readonly #observed = new Set<string>();
  #statusAt = -Infinity;
  #paymentUrl: string | null = null;
  #paidAt: number | null = null;
  /** Until the snapshot is there. */
  #waiting: (() => void)[] | undefined = [];

  constructor(orderNo: string, tell: Tell, now: () => number) {
    this.orderNo = orderNo;
    this.#tell = tell;
    this.#now = now;
  }

  /**
   * @param row the order; undefined when nothing is known of it yet, and then there is no snapshot
   * @param observed ids of the observations that the snapshot's reader has seen already
   */
  open(row: OrderRow | undefined, observed: readonly string[]): void {
    for (const eventId of observed) this.#observed.add(eventId);
    if (row) {
      const payment = paymentOf(row);
      this.#statusAt = row.statusAt ?? -Infinity;
      this.#paymentUrl = payment?.url ?? null;
      this.#paidAt = row.paidAt;
      this.#tell({ type: 'snapshot', ...this.#stateOf(row), payment }, undefined);
    }
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const each of waiting) each();
  }

  status(change: OrderStatusChanged, appendedAt?: number): void {
    this.#later(() => {
      if (change.updatedAt <= this.#statusAt) return;
      this.#statusAt = change.updatedAt;
      const { orderNo, status, updatedAt: statusAt, reason } = change;
      const { paymentStatus, paymentExpiresAt } = change;
      const state = { orderNo, status, statusAt, reason, paymentStatus, paymentExpiresAt };
      this.#tell({ type: 'order-status', ...state, serverTime: this.#now() }, appendedAt);
    });
  }

  /** The payment can be made at this address now. */
  payable(url: string, expiresAt: number | null, appendedAt?: number): void {
    this.#later(() => {
      if (url === this.#paymentUrl) return;
      this.#paymentUrl = url;
      const payment = payableAt(url, expiresAt, this.#paidAt);
      this.#tell({ type: 'payment', orderNo: this.orderNo, payment }, appendedAt);
    });
  }

  observed(event: PaymentStatusObserved, appendedAt?: number): void {
    this.#later(() => {
      const { orderNo, status, occurredAt, eventId } = event;
      if (this.#observed.has(eventId)) return;
      this.#observed.add(eventId);
      const result = resultOf(status);
      const type = 'payment-status' as const;
      this.#tell({ type, orderNo, status, result, occurredAt, eventId }, appendedAt);
    });
  }

  /** The order as it was read again. */
  row(row: OrderRow): void {
    if (row.paymentUrl !== null) this.payable(row.paymentUrl, row.paymentExpiresAt);
    if (row.statusAt === null) return;
    const { orderNo, status, statusAt, reason, paymentStatus, paymentExpiresAt } =
      this.#stateOf(row);
    this.status({ orderNo, status, updatedAt: statusAt, reason, paymentStatus, paymentExpiresAt });
  }

  #later(tell: () => void): void {
    if (this.#waiting) this.#waiting.push(tell);
    else tell();
  }

  #stateOf(row: OrderRow) {
    const { orderNo, status, statusAt, paymentStatus, paymentExpiresAt } = summaryOf(row);
    const { reason } = row;
    return {
      orderNo,
      status,
      statusAt,
      reason,
      paymentStatus,
      paymentExpiresAt,
      serverTime: this.#now(),
    };
  }
}

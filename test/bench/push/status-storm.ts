import type { OrderStatusChanged } from '#schemas';

const TICK_MS = 10;
/** How often all orders change at once, besides each one's own turn. */
const BURST_EVERY_MS = 2000;
const STATUSES = ['PENDING', 'WAITING_PAYMENT', 'PAID', 'FAILED'] as const;

/**
 * Changes of status as they come in a sale: each order changes once a second, some of them every ten milliseconds; and every two
 * seconds all of them change at once. No two changes of an order have one time.
 */
export class StatusStorm {
  readonly orderNos: readonly string[];
  readonly #startAt: number;
  readonly #changes = new Map<string, { count: number; at: number }>();
  #tick = 0;

  /** @param startAt wall clock, ms */
  constructor(orders: number, startAt: number) {
    this.#startAt = startAt;
    this.orderNos = Array.from({ length: orders }, (_, i) => `ORD-PUSH-${i}`);
  }

  /** When the next changes are due. */
  get nextAt(): number {
    return this.#startAt + this.#tick * TICK_MS;
  }

  /** All that is due by then, and was not asked for yet; it happens then. */
  until(now: number): OrderStatusChanged[] {
    const changes: OrderStatusChanged[] = [];
    while (this.nextAt <= now) {
      for (const orderNo of this.#turns(this.#tick)) changes.push(this.#change(orderNo, now));
      this.#tick += 1;
    }
    return changes;
  }

  #turns(tick: number): readonly string[] {
    const at = tick * TICK_MS;
    if (at > 0 && at % BURST_EVERY_MS === 0) return this.orderNos;
    const ticks = 1000 / TICK_MS;
    return this.orderNos.filter((_, i) => i % ticks === tick % ticks);
  }

  #change(orderNo: string, now: number): OrderStatusChanged {
    const last = this.#changes.get(orderNo) ?? { count: 0, at: -Infinity };
    const change = { count: last.count + 1, at: Math.max(now, last.at + 1) };
    this.#changes.set(orderNo, change);
    const status = STATUSES[change.count % STATUSES.length]!;
    const facts = { paymentStatus: null, paymentExpiresAt: null, reason: null };
    return { orderNo, status, updatedAt: change.at, ...facts };
  }
}

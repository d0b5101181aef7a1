import type { OrderStatusChanged, PaymentStatusObserved } from '#schemas';

type Order = Pick<OrderStatusChanged, 'status' | 'updatedAt'>;
type Payment = Pick<PaymentStatusObserved, 'status' | 'occurredAt'>;

export interface DemoSettings {
  readonly graceMs: number;
  readonly retentionMs: number;
  readonly allowedLatenessMs: number;
}

export interface DemoOrders {
  /** What all order numbers of this run begin with. */
  readonly prefix: string;
  /** Written first: late records are judged by what is there when they are read. */
  readonly orders: readonly OrderStatusChanged[];
  readonly payments: readonly PaymentStatusObserved[];
  /**
   * Written last, both topics: nothing is wrong with these.
   * @param now the wall clock when they are written: an older one would look inconsistent until all of it is read
   */
  healthy(now: number): {
    readonly orders: readonly OrderStatusChanged[];
    readonly payments: readonly PaymentStatusObserved[];
  };
  /** Order number → the rule that it breaks. */
  readonly expected: ReadonlyMap<string, 'RULE_A' | 'RULE_B' | 'RULE_C'>;
}

const MINUTE_MS = 60_000;

/**
 * A handful of orders: one for each rule, with event times a grace and the lateness back, so that it is due at once, and
 * healthy ones of just now.
 *
 * @param run what makes the order numbers of this run its own
 * @param now wall clock, epoch ms
 */
export function demoOrders(run: string, now: number, settings: DemoSettings): DemoOrders {
  const { graceMs, retentionMs, allowedLatenessMs } = settings;
  // Far enough back to be due, not so far that it is older than the retention.
  const slackMs = Math.min(MINUTE_MS, Math.floor((retentionMs - graceMs) / 4));
  const trigger = now - allowedLatenessMs - graceMs - slackMs;
  const before = trigger - slackMs;

  const prefix = `ORD-DEMO-${run}-`;
  const [stuck, unpaid, tooLate] = [`${prefix}1`, `${prefix}2`, `${prefix}3`];
  const happy = [`${prefix}4`, `${prefix}5`];

  return {
    prefix,
    orders: [
      order(stuck, { status: 'WAITING_PAYMENT', updatedAt: before }),
      order(unpaid, { status: 'PAID', updatedAt: trigger }),
      order(tooLate, { status: 'FAILED', updatedAt: before }),
    ],
    payments: [
      payment(stuck, { status: 'CAPTURED', occurredAt: trigger }),
      payment(tooLate, { status: 'CAPTURED', occurredAt: trigger }),
    ],
    healthy: (now) => ({
      orders: happy.flatMap((orderNo) => [
        order(orderNo, { status: 'WAITING_PAYMENT', updatedAt: now - 1 }),
        order(orderNo, { status: 'PAID', updatedAt: now }),
      ]),
      // At the same instant: with a grace of 0 anything later is an alert.
      payments: happy.map((orderNo) => payment(orderNo, { status: 'CAPTURED', occurredAt: now })),
    }),
    expected: new Map([
      [stuck, 'RULE_A'],
      [unpaid, 'RULE_B'],
      [tooLate, 'RULE_C'],
    ]),
  };
}

function order(orderNo: string, fields: Order): OrderStatusChanged {
  return { orderNo, paymentStatus: null, paymentExpiresAt: null, reason: 'demo', ...fields };
}

function payment(orderNo: string, fields: Payment): PaymentStatusObserved {
  return { orderNo, eventId: `evt-${orderNo.toLowerCase()}`, source: 'WEBHOOK', ...fields };
}

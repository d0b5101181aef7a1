import type { OrderStatusChanged, PaymentStatusObserved } from '#schemas';

export interface Traffic {
  /** In the order in which they happen, which is the order in which they are written. */
  readonly records: readonly (
    | { readonly kind: 'order'; readonly value: OrderStatusChanged }
    | { readonly kind: 'payment'; readonly value: PaymentStatusObserved }
  )[];
}

export interface TrafficOptions {
  /** Event time of the first order; default: a day in 2024. */
  readonly start?: number;
  /** How fast things happen; 1: an order every 50 ms, paid after two seconds, sensible with a grace of five minutes. */
  readonly speed?: number;
}

const START = Date.parse('2024-02-01T12:00:00.000Z');

/**
 * Orders one after the other: most of them healthy, some with each inconsistency, some records twice.
 * The same arguments give the same records.
 */
export function traffic(
  orders: number,
  seed: number,
  { start: first = START, speed = 1 }: TrafficOptions = {},
): Traffic {
  const ms = (atSpeed1: number) => Math.round(atSpeed1 / speed);
  const random = mulberry32(seed);
  const timed: { at: number; record: Traffic['records'][number] }[] = [];
  for (let i = 0; i < orders; i++) {
    const orderNo = `ORD-${seed}-${String(i).padStart(6, '0')}`;
    const start = first + ms(i * 50);
    const order = (status: OrderStatusChanged['status'], afterMs: number) => {
      const updatedAt = start + ms(afterMs);
      const value = {
        orderNo,
        status,
        paymentStatus: null,
        updatedAt,
        paymentExpiresAt: start + ms(900_000),
        reason: null,
      };
      timed.push({ at: updatedAt, record: { kind: 'order', value } });
    };
    const payment = (status: string, afterMs: number) => {
      const occurredAt = start + ms(afterMs);
      const value = {
        orderNo,
        status,
        eventId: `evt-${i}-${status}`,
        occurredAt,
        source: 'WEBHOOK' as const,
      };
      const record = { kind: 'payment', value } as const;
      timed.push({ at: occurredAt, record });
      if (random() < 0.1) timed.push({ at: occurredAt + ms(700), record }); // seen by polling, too
    };
    order('PENDING', 0);
    order('WAITING_PAYMENT', 400);
    const fate = random();
    if (fate < 0.9) {
      payment('COMPLETED', 2000);
      order('PAID', 2600);
    } else if (fate < 0.93) {
      payment('COMPLETED', 2000); // RULE_A
    } else if (fate < 0.95) {
      order('PAID', 2600); // RULE_B
    } else if (fate < 0.97) {
      order('FAILED', 2000);
      payment('COMPLETED', 3000); // RULE_C
    } else if (fate < 0.99) {
      payment('COMPLETED', 2000); // RULE_A, resolved
      order('PAID', 400_000);
    } else {
      payment('FAILED', 2000);
      order('FAILED', 2600);
    }
  }
  timed.sort((a, b) => a.at - b.at);
  return { records: timed.map(({ record }) => record) };
}

/** A small seeded generator of numbers in [0, 1). */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

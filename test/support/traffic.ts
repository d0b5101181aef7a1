import type { OrderStatusChanged, PaymentStatusObserved } from '#schemas';
import { Random } from '../simulation/random.ts';

export type TrafficRecord =
  | { readonly kind: 'order'; readonly value: OrderStatusChanged }
  | { readonly kind: 'payment'; readonly value: PaymentStatusObserved };

export interface TrafficOptions {
  /** Event time of the first order; default: a day in 2024. */
  readonly start?: number;
  /** How fast things happen; 1: an order every 50 ms, paid after two seconds, sensible with a grace of five minutes. */
  readonly speed?: number;
}

const START = Date.parse('2024-02-01T12:00:00.000Z');
/** Orders whose records are put in order together. */
const BLOCK = 1000;

/**
 * Orders one after the other, a bit over four records each: most of them healthy, some with each inconsistency, some records
 * twice. In the order in which they happen, which is the order to write them in; made as they are asked for, a few
 * hundred thousand a second. The same arguments give the same records.
 *
 * @example
 * for (const { kind, value } of traffic(1_000_000, 42)) …
 */
export function* traffic(
  orders: number,
  seed: number,
  { start = START, speed = 1 }: TrafficOptions = {},
): Generator<TrafficRecord> {
  const random = new Random(seed);
  let timed: TimedRecord[] = [];
  for (let i = 0; i < orders; i++) {
    const at = start + Math.round((i * 50) / speed);
    if (i % BLOCK === 0) {
      timed.sort((a, b) => a.at - b.at);
      const after = timed.findIndex((record) => record.at >= at);
      yield* recordsOf(after === -1 ? timed : timed.slice(0, after));
      timed = after === -1 ? [] : timed.slice(after);
    }
    addOrder(`ORD-${seed}-${String(i).padStart(6, '0')}`, at, speed, random, timed);
  }
  timed.sort((a, b) => a.at - b.at);
  yield* recordsOf(timed);
}

interface TimedRecord {
  readonly at: number;
  readonly record: TrafficRecord;
}

function recordsOf(timed: readonly TimedRecord[]): TrafficRecord[] {
  return timed.map(({ record }) => record);
}

/** Adds all records of one order. */
function addOrder(
  orderNo: string,
  start: number,
  speed: number,
  random: Random,
  timed: TimedRecord[],
): void {
  const ms = (atSpeed1: number) => Math.round(atSpeed1 / speed);
  const order = (status: OrderStatusChanged['status'], afterMs: number) => {
    const updatedAt = start + ms(afterMs);
    const paymentExpiresAt = start + ms(900_000);
    const value = {
      orderNo,
      status,
      paymentStatus: null,
      updatedAt,
      paymentExpiresAt,
      reason: null,
    };
    timed.push({ at: updatedAt, record: { kind: 'order', value } });
  };
  const payment = (status: string, afterMs: number) => {
    const occurredAt = start + ms(afterMs);
    const eventId = `evt-${orderNo}-${status}`;
    const value = { orderNo, status, eventId, occurredAt, source: 'WEBHOOK' as const };
    const record = { kind: 'payment', value } as const;
    timed.push({ at: occurredAt, record });
    if (random.chance(0.1)) timed.push({ at: occurredAt + ms(700), record }); // seen by polling, too
  };
  order('PENDING', 0);
  order('WAITING_PAYMENT', 400);
  const fate = random.next();
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

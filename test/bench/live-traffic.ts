import { order, payment } from './load.ts';
import type { TrafficRecord } from '../support/traffic.ts';

const TICK_MS = 10;
/** Orders that go well, begun with each tick: three records each. */
const HEALTHY = 6;
/** From an order's first record to its payment, and to the last one. */
const PAID_AFTER = 100;
const ENDS_AFTER = 160;

/**
 * 2,000 records a second, twenty each ten milliseconds, all of the instant at which they are asked for. Each second begins 600
 * orders that wait, are paid, and are PAID; and 100 that fail and are paid a second later, which is a RULE_C at once, without
 * a grace.
 */
export class LiveTraffic {
  /** Orders whose payment makes the rule true. */
  readonly culprits = new Set<string>();
  written = 0;
  readonly #startAt: number;
  readonly #warmUpTicks: number;
  readonly #counting = new Set<string>();
  #tick = 0;

  /** @param startAt wall clock, ms */
  constructor(startAt: number, warmUpMs: number) {
    this.#startAt = startAt;
    this.#warmUpTicks = warmUpMs / TICK_MS;
  }

  /** When the next records are due. */
  get nextAt(): number {
    return this.#startAt + this.#tick * TICK_MS;
  }

  /** All that is due by then, and was not asked for yet; it happens then. */
  until(now: number): TrafficRecord[] {
    const records: TrafficRecord[] = [];
    while (this.nextAt <= now) records.push(...this.#at(this.#tick++, now));
    this.written += records.length;
    return records;
  }

  /** Whether this order's payment was written after the warm-up. */
  counts(orderNo: string): boolean {
    return this.#counting.has(orderNo);
  }

  #at(tick: number, now: number): TrafficRecord[] {
    const records = [order(failing(tick), 'FAILED', now)];
    for (let i = 0; i < HEALTHY; i++) {
      records.push(order(healthy(tick, i), 'WAITING_PAYMENT', now));
      if (tick >= PAID_AFTER) records.push(payment(healthy(tick - PAID_AFTER, i), now));
      if (tick >= ENDS_AFTER) records.push(order(healthy(tick - ENDS_AFTER, i), 'PAID', now));
    }
    if (tick >= PAID_AFTER) {
      const culprit = failing(tick - PAID_AFTER);
      records.push(payment(culprit, now));
      this.culprits.add(culprit);
      if (tick >= this.#warmUpTicks) this.#counting.add(culprit);
    }
    return records;
  }
}

function healthy(tick: number, i: number): string {
  return `ORD-LIVE-${String(tick)}-${String(i)}`;
}

function failing(tick: number): string {
  return `ORD-FAILS-${String(tick)}`;
}

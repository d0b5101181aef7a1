import { topics as contract, type OrderStatusChanged, type PaymentStatusObserved } from '#schemas';
import { undisturbedOutcome } from '../support/outcome.ts';
import { traffic, type TrafficRecord } from '../support/traffic.ts';

/** Ids of alerts and of resolutions. */
export interface AlertIds {
  readonly raised: readonly string[];
  readonly resolved: readonly string[];
}

/** A part of the load, and what comes of it. */
export interface LoadBlock {
  readonly records: readonly TrafficRecord[];
  readonly orders: number;
  readonly expected: AlertIds;
}

const START = Date.parse('2024-02-01T00:00:00.000Z');
const BLOCK = 5000;
const ORDER_MS = 50;
/** The last record of an order comes within this after its first, so no record of a block is among the next one's. */
const LAST_RECORD_MS = 401_000;
const SEED = 71;

/**
 * The load, block by block, with the alerts that are to come of it by the test driver. Orders know nothing of each other, so
 * the outcome of all is the sum of the blocks', and no more than one has to be held in memory.
 */
export function* loadBlocks(orders: number): Generator<LoadBlock> {
  for (let first = 0, number = 0; first < orders; first += BLOCK, number++) {
    const start = START + number * (BLOCK * ORDER_MS + LAST_RECORD_MS);
    const count = Math.min(BLOCK, orders - first);
    const records = [...traffic(count, SEED + number, { start })];
    const { alerts, resolved } = undisturbedOutcome(records, contract);
    const expected = { raised: alerts.map(alertId), resolved: resolved.map(alertId) };
    yield { records, orders: count, expected };
  }
}

/** Orders that wait for their money: one record and one key of state each, and no alerts. Event times up to now. */
export function* openOrders(count: number, now: number, name = 'OPEN'): Generator<TrafficRecord> {
  for (let i = 0; i < count; i++) {
    yield order(`ORD-${name}-${String(i)}`, 'WAITING_PAYMENT', now - Math.floor((count - i) / 100));
  }
}

export function order(
  orderNo: string,
  status: OrderStatusChanged['status'],
  updatedAt: number,
): TrafficRecord {
  const value = {
    orderNo,
    status,
    paymentStatus: null,
    updatedAt,
    paymentExpiresAt: null,
    reason: null,
  };
  return { kind: 'order', value };
}

export function payment(orderNo: string, occurredAt: number): TrafficRecord {
  const value: PaymentStatusObserved = {
    orderNo,
    status: 'COMPLETED',
    eventId: `evt-${orderNo}`,
    occurredAt,
    source: 'WEBHOOK',
  };
  return { kind: 'payment', value };
}

function alertId(line: string): string {
  return (JSON.parse(line) as { alertId: string }).alertId;
}

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { OrderStatusChanged } from '#schemas';
import type { OrderMessage } from '../contract.ts';
import { orderMessage } from '../contract.ts';
import { storedOrder } from '../testing/bench.ts';
import { OrderChannel } from './order-channel.ts';

const change = (updatedAt: number): OrderStatusChanged => ({
  orderNo: 'ORD-1',
  status: 'WAITING_PAYMENT',
  updatedAt,
  reason: null,
  paymentStatus: null,
  paymentExpiresAt: null,
});
const row = (statusAt: number | null) =>
  storedOrder('ORD-1', 'acc-1', { status: 'PENDING', statusAt }).order;

function channel() {
  const told: OrderMessage[] = [];
  const tell = (message: OrderMessage) => void told.push(orderMessage.parse(message));
  return { told, open: new OrderChannel('ORD-1', tell, () => 99) };
}

test('the snapshot comes first, then what has happened while it was read, once', () => {
  const { told, open } = channel();
  open.status(change(5));
  open.status(change(20));
  open.payable('https://pay.example/1', 7);
  open.observed({
    orderNo: 'ORD-1',
    status: 'COMPLETED',
    eventId: 'e',
    occurredAt: 1,
    source: 'WEBHOOK',
  });
  expect(told).toEqual([]);
  open.open(row(10), ['e']);
  expect(told.map((each) => each.type)).toEqual(['snapshot', 'order-status', 'payment']);
  open.payable('https://pay.example/1', 7);
  open.row(row(20));
  expect(told).toHaveLength(3);
});

test('whatever comes from wherever and whenever: no older status after a newer one', () => {
  const step = fc.record({
    kind: fc.constantFrom('event', 'poll', 'open'),
    at: fc.integer({ min: 1, max: 20 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const { told, open } = channel();
      let isOpen = false;
      for (const { kind, at } of [...steps, { kind: 'open', at: 1 }]) {
        if (kind === 'event') open.status(change(at));
        else if (kind === 'poll') open.row(row(at));
        else if (!isOpen) {
          open.open(row(at), []);
          isOpen = true;
        }
      }
      expect(told[0]?.type).toBe('snapshot');
      const times = told.map((each) => ('statusAt' in each ? each.statusAt : NaN));
      expect(times.slice(1).every((at, i) => at > times[i]!)).toBe(true);
      expect(times.at(-1)).toBe(
        Math.max(times[0]!, ...steps.filter(({ kind }) => kind !== 'open').map(({ at }) => at)),
      );
    }),
  );
});

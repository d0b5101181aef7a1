import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { topics } from '#schemas';
import { EXPIRY_MS, FlowModel, MINUTE, T0 } from './flow-model.ts';

function shop(stock = 10): FlowModel {
  const flow = new FlowModel();
  flow.restock('tea', stock);
  flow.restock('cup', stock);
  return flow;
}

function waiting(stock?: number): FlowModel {
  const flow = shop(stock);
  flow.order('ORD-1', { tea: 2, cup: 1 });
  flow.settle();
  return flow;
}

const reasonOf = (flow: FlowModel) => flow.statuses.at(-1)?.reason;

describe('an order', () => {
  test('waits for its payment once its stock is reserved', () => {
    const flow = waiting();
    expect(flow.historyOf('ORD-1')).toEqual(['PENDING', 'WAITING_PAYMENT']);
    expect(flow.levels('tea')).toMatchObject({ available: 8, reserved: 2 });
    expect(flow.statuses.at(-1)).toMatchObject({ paymentExpiresAt: T0 + EXPIRY_MS });
  });

  test('is PAID when the provider says so, and its stock is sold', () => {
    const flow = waiting();
    flow.pay('ORD-1');
    flow.settle();
    expect(flow.historyOf('ORD-1')).toEqual(['PENDING', 'WAITING_PAYMENT', 'PAID']);
    expect(flow.levels('cup')).toMatchObject({ available: 9, reserved: 0, sold: 1 });
  });

  test('fails as a whole when one line is out of stock', () => {
    const flow = shop(1);
    flow.order('ORD-1', { cup: 1, tea: 2 });
    flow.settle();
    expect(flow.historyOf('ORD-1')).toEqual(['PENDING', 'FAILED']);
    expect(reasonOf(flow)).toBe('tea: 1 of 2 pieces are available');
    expect(flow.levels('cup')).toMatchObject({ available: 1, reserved: 0 });
    expect(flow.commands).toEqual([]);
  });

  test('fails when the payment is declined, and gives everything back', () => {
    const flow = waiting();
    flow.pay('ORD-1', 'FAILED');
    flow.settle();
    expect(flow.historyOf('ORD-1')).toEqual(['PENDING', 'WAITING_PAYMENT', 'FAILED']);
    expect(reasonOf(flow)).toBe('payment: FAILED');
    expect(flow.levels('tea')).toMatchObject({ available: 10, reserved: 0, sold: 0 });
  });

  test('asks for a result that does not come, with growing gaps', () => {
    const flow = waiting();
    flow.pay('ORD-1', 'COMPLETED', false);
    flow.advanceTo(T0 + MINUTE);
    flow.settle();
    expect(flow.historyOf('ORD-1').at(-1)).toBe('PAID');
    const other = waiting();
    for (let at = T0; at < T0 + EXPIRY_MS - 1; at += 1000) other.advanceTo(at);
    const polls = other.commands.filter(({ type }) => type === 'QUERY');
    expect(polls.map(({ requestedAt }) => requestedAt - T0)).toEqual([30_000, 90_000, 210_000]);
  });

  test('closes its payment before it gives up: who paid in the last moment has paid', () => {
    const flow = waiting();
    flow.advanceTo(T0 + EXPIRY_MS - 1);
    flow.pay('ORD-1', 'COMPLETED', false);
    // The query of the poll is still on its way.
    flow.advanceTo(T0 + EXPIRY_MS);
    expect(flow.historyOf('ORD-1').at(-1)).toBe('WAITING_PAYMENT');
    flow.settle();
    expect(flow.historyOf('ORD-1').at(-1)).toBe('PAID');
  });

  test('fails when nobody has paid until it expired', () => {
    const flow = waiting();
    flow.advanceTo(T0 + EXPIRY_MS);
    flow.settle();
    expect(flow.historyOf('ORD-1').at(-1)).toBe('FAILED');
    expect(reasonOf(flow)).toBe('payment: not paid in time');
    expect(flow.pay('ORD-1')).toBe(false);
    expect(flow.levels('tea')).toMatchObject({ available: 10, reserved: 0 });
  });

  test('that was paid too late is not PAID', () => {
    const flow = waiting();
    flow.now = T0 + EXPIRY_MS + 1;
    flow.pay('ORD-1');
    flow.settle();
    expect(flow.historyOf('ORD-1').at(-1)).toBe('FAILED');
    expect(reasonOf(flow)).toBe('payment: COMPLETED after it had expired');
  });

  test('is changed once by what comes twice', () => {
    const flow = waiting();
    flow.order('ORD-1', { tea: 2, cup: 1 });
    flow.pay('ORD-1');
    flow.observe('ORD-1', 'POLLING');
    flow.settle();
    flow.observe('ORD-1', 'WEBHOOK');
    flow.settle();
    expect(flow.historyOf('ORD-1')).toEqual(['PENDING', 'WAITING_PAYMENT', 'PAID']);
  });

  test('takes its correlation along, to the last event', () => {
    const flow = shop();
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    const value = {
      commandId: 'c',
      orderNo: 'ORD-1',
      type: 'CREATE' as const,
      accountId: 'ann',
      lines: [{ sku: 'tea', quantity: 1, unitPrice: 100 }],
      totalAmount: 100,
      requestedAt: T0,
    };
    flow.saga.pipe(topics.orderCommand, value, { headers: { traceparent, other: 'x' } });
    const [first] = flow.saga.read(topics.orderStatusChanged);
    expect(first?.headers['traceparent']?.toString()).toBe(traceparent);
    expect(first?.headers['other']).toBeUndefined();
  });
});

describe('a decision of an operator', () => {
  test('RULE_A: compensates an order that waits though it is paid, and gives the money back', () => {
    const flow = waiting();
    flow.pay('ORD-1', 'COMPLETED', false);
    flow.act('COMPENSATE', 'ORD-1');
    flow.settle();
    expect(flow.historyOf('ORD-1').at(-1)).toBe('FAILED');
    flow.act('REFUND', 'ORD-1');
    flow.settle();
    expect(flow.payments.get('ORD-1')?.status).toBe('REFUNDED');
    expect(flow.outcomes).toEqual([
      'COMPENSATE-1 DONE: the order is FAILED',
      'REFUND-1 DONE: the order is FAILED',
    ]);
  });

  test('RULE_A: asks the provider again', () => {
    const flow = waiting();
    flow.pay('ORD-1', 'COMPLETED', false);
    flow.act('RESEND_PAYMENT_RESULT', 'ORD-1');
    flow.settle();
    expect(flow.historyOf('ORD-1').at(-1)).toBe('PAID');
  });

  test('RULE_B: rolls a PAID order back when the provider knows of no payment', () => {
    const flow = waiting();
    flow.pay('ORD-1');
    flow.settle();
    flow.act('QUERY_AND_ROLL_BACK', 'ORD-1', 'first');
    flow.settle();
    expect(flow.historyOf('ORD-1').at(-1)).toBe('PAID');
    flow.payments.get('ORD-1')!.status = 'FAILED';
    flow.act('QUERY_AND_ROLL_BACK', 'ORD-1', 'second');
    flow.settle();
    expect(flow.historyOf('ORD-1').at(-1)).toBe('FAILED');
    expect(flow.levels('tea')).toMatchObject({ available: 10, sold: 0 });
    expect(flow.outcomes).toEqual([
      'first DONE: the order is PAID',
      'second DONE: the order is FAILED',
    ]);
  });

  test('RULE_C: accepts a late payment while there is stock, else says to refund it', () => {
    const late = (stock: number) => {
      const flow = waiting(stock);
      flow.now = T0 + EXPIRY_MS + 1;
      flow.pay('ORD-1');
      flow.settle();
      return flow;
    };
    const flow = late(2);
    flow.act('ACCEPT_PAYMENT', 'ORD-1');
    flow.settle();
    expect(flow.historyOf('ORD-1').at(-1)).toBe('PAID');
    expect(flow.levels('tea')).toMatchObject({ available: 0, reserved: 0, sold: 2 });

    const sold = late(2);
    sold.order('ORD-2', { tea: 1 });
    sold.settle();
    sold.act('ACCEPT_PAYMENT', 'ORD-1');
    sold.settle();
    expect(sold.historyOf('ORD-1').at(-1)).toBe('FAILED');
    expect(sold.outcomes).toEqual([
      'ACCEPT_PAYMENT-1 REFUSED: the stock is sold by now: refund the payment',
    ]);
    expect(sold.levels('cup')).toMatchObject({ available: 2, reserved: 0, sold: 0 });
  });

  test('is carried out once, and refused where it makes no sense', () => {
    const flow = waiting();
    flow.act('REFUND', 'ORD-1');
    flow.act('ACCEPT_PAYMENT', 'ORD-1');
    flow.act('QUERY_AND_ROLL_BACK', 'ORD-1');
    flow.act('REFUND', 'ORD-9');
    flow.settle();
    expect(flow.outcomes.map((outcome) => outcome.split(':')[0])).toEqual([
      'REFUND-1 REFUSED',
      'ACCEPT_PAYMENT-1 REFUSED',
      'QUERY_AND_ROLL_BACK-1 REFUSED',
      'REFUND-1 REFUSED',
    ]);
    flow.act('REFUND', 'ORD-1');
    flow.settle();
    expect(flow.outcomes).toHaveLength(4);
  });
});

const ORDERS = ['ORD-1', 'ORD-2', 'ORD-3'];
const QUEUES = [
  topics.orderCommand,
  topics.storageCommand,
  topics.storageEvent,
  topics.paymentCommand,
  topics.paymentEvent,
  topics.paymentStatusObserved,
].map(({ name }) => name);

const step = fc.oneof(
  fc.record({
    do: fc.constant('order' as const),
    order: fc.constantFrom(...ORDERS),
    tea: fc.integer({ min: 1, max: 3 }),
    cup: fc.integer({ min: 0, max: 3 }),
  }),
  { weight: 8, arbitrary: fc.record({ do: fc.constant('deliver' as const), queue: fc.nat(5) }) },
  fc.record({
    do: fc.constant('pay' as const),
    order: fc.constantFrom(...ORDERS),
    status: fc.constantFrom('COMPLETED' as const, 'COMPLETED' as const, 'FAILED' as const),
    webhooks: fc.nat(2),
  }),
  fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 3 * MINUTE }) }),
  fc.record({
    do: fc.constant('crash' as const),
    storage: fc.boolean(),
    disk: fc.constantFrom('kept' as const, 'lost' as const),
    duringCommit: fc.boolean(),
  }),
);

test('whatever comes in whatever order, and whoever crashes: each order ends once, in the state that its money says, and stock adds up', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const flow = shop(5);
      const placed = new Map<string, { tea: number; cup: number }>();
      for (const each of steps) {
        switch (each.do) {
          case 'order':
            if (placed.has(each.order)) break;
            placed.set(each.order, each);
            flow.order(
              each.order,
              each.cup > 0 ? { tea: each.tea, cup: each.cup } : { tea: each.tea },
            );
            break;
          case 'deliver':
            flow.deliver(QUEUES[each.queue]!);
            break;
          case 'pay':
            if (!flow.pay(each.order, each.status, false)) break;
            for (let i = 0; i < each.webhooks; i++) flow.observe(each.order, 'WEBHOOK');
            break;
          case 'wait':
            flow.advanceTo(flow.now + each.ms);
            break;
          case 'crash':
            (each.storage ? flow.stock : flow.saga).crash(each);
        }
      }
      for (let i = 0; i < 12; i++) {
        flow.settle();
        flow.advanceTo(flow.now + MINUTE);
      }
      flow.settle();

      const sold = { tea: 0, cup: 0 };
      for (const [orderNo, { tea, cup }] of placed) {
        const payment = flow.payments.get(orderNo);
        const isPaid = payment?.status === 'COMPLETED' && payment.paidAt! <= payment.expiresAt;
        const history = flow.historyOf(orderNo);
        expect(history.at(-1)).toBe(isPaid ? 'PAID' : 'FAILED');
        expect(history).toEqual([...new Set(history)]);
        expect(payment?.status).not.toBe('CREATED');
        if (isPaid) {
          sold.tea += tea;
          sold.cup += cup;
        }
      }
      expect(flow.levels('tea')).toMatchObject({
        available: 5 - sold.tea,
        reserved: 0,
        sold: sold.tea,
      });
      expect(flow.levels('cup')).toMatchObject({
        available: 5 - sold.cup,
        reserved: 0,
        sold: sold.cup,
      });
      expect(flow.saga.readDeadLetters()).toEqual([]);
      expect(flow.stock.readDeadLetters()).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

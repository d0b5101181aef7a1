import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { refundedJpy } from './domain/payment.ts';
import { Refused } from './domain/refused.ts';
import { Bench, START_MS, stateOf, TTL_MS } from './testing/bench.ts';
import { FORGED_ADDRESS, RETRY_MS } from './webhook-sender.ts';

const ID = 'ORD-1-1';

describe('webhooks', () => {
  test('tell what happened, in PayPay’s words', async () => {
    const bench = await withCode();
    bench.sandbox.pay(ID);
    await bench.clock.advance(0);
    expect(bench.received).toEqual([
      {
        atMs: 0,
        from: undefined,
        body: {
          notification_type: 'Transaction',
          merchant_id: 'shop',
          store_id: '',
          pos_id: '',
          order_id: '91',
          merchant_order_id: ID,
          state: 'COMPLETED',
          order_amount: '1000',
          authorized_at: null,
          expires_at: null,
          paid_at: '2024-02-01T12:00:00+09:00',
          confirmation_expires_at: null,
        },
      },
    ]);
    expect(outcomes(bench)).toEqual(['delivered']);
  });

  test('that nobody takes are lost after three tries, and said', async () => {
    const bench = await withCode();
    bench.takesWebhook = () => 500;
    bench.sandbox.decline(ID);
    await bench.clock.advance(10 * RETRY_MS);
    expect(bench.received.map(({ atMs }) => atMs)).toEqual([0, RETRY_MS, 2 * RETRY_MS]);
    expect(bench.told).toEqual(['FAILED', 'FAILED', 'FAILED']);
    expect(outcomes(bench)).toEqual(['lost']);
    expect(bench.problems.join()).toContain('webhook lost');
  });

  test('lost', async () => {
    const bench = await withCode({ webhook: { lost: true } });
    bench.sandbox.pay(ID);
    await bench.clock.advance(60_000);
    expect(bench.told).toEqual([]);
    expect(outcomes(bench)).toEqual(['suppressed']);
  });

  test('late, also after a restart, and only once', async () => {
    const bench = await withCode({ webhook: { delayMs: 5_000 } });
    bench.sandbox.pay(ID);
    await bench.clock.advance(4_999);
    expect(bench.told).toEqual([]);
    const next = bench.restart();
    await next.clock.advance(1);
    expect(next.received.map(({ atMs }) => atMs)).toEqual([5_000]);
    const last = next.restart();
    await last.clock.advance(60_000);
    expect([bench.told, last.told]).toEqual([[], []]);
  });

  test('twice', async () => {
    const bench = await withCode({ webhook: { twice: true } });
    bench.sandbox.pay(ID);
    await bench.clock.advance(0);
    expect(bench.told).toEqual(['COMPLETED', 'COMPLETED']);
    expect(bench.received[0]).toEqual(bench.received[1]);
  });

  test('out of order: the first one goes out after the second', async () => {
    const faults = { webhook: { outOfOrder: true }, payment: { failsAfterMs: 2_000 } };
    const bench = await withCode(faults);
    bench.sandbox.pay(ID);
    await bench.clock.advance(1_999);
    expect(bench.told).toEqual([]);
    await bench.clock.advance(1);
    expect(bench.told).toEqual(['FAILED', 'COMPLETED']);
  });

  test('held back for ten seconds, or the delay, when no second one comes', async () => {
    for (const [delayMs, heldMs] of [
      [undefined, 10_000],
      [3_000, 3_000],
    ] as const) {
      const bench = await withCode({ webhook: { outOfOrder: true, delayMs } });
      bench.sandbox.pay(ID);
      await bench.clock.advance(60_000);
      expect(bench.received.map(({ atMs }) => atMs)).toEqual([heldMs]);
    }
  });

  test('forged: from another address besides the true one', async () => {
    const bench = await withCode({ webhook: { forged: 'source' } });
    bench.sandbox.decline(ID);
    await bench.clock.advance(0);
    expect(bench.received.map(({ from, body }) => [from, body['state']])).toEqual([
      [undefined, 'FAILED'],
      [FORGED_ADDRESS, 'COMPLETED'],
    ]);
  });

  test('forged: paid, it says, while nobody has paid', async () => {
    const bench = await withCode({ webhook: { forged: 'state' } });
    await bench.clock.advance(0);
    expect(bench.received).toMatchObject([
      { from: undefined, body: { state: 'COMPLETED', paid_at: '2024-02-01T12:00:00+09:00' } },
    ]);
    expect(bench.sandbox.payment(ID).status).toBe('CREATED');
  });
});

describe('by itself', () => {
  test('completes after the expiry, though the code was deleted; after a restart too', async () => {
    const bench = await withCode({ payment: { completesAfterExpiry: true } });
    expect(bench.sandbox.pay(ID).status).toBe('CREATED');
    await bench.call('DELETE', '/v2/codes/code-1');
    const next = bench.restart();
    await next.clock.advance(TTL_MS + 999);
    expect(next.sandbox.payment(ID).status).toBe('CANCELED');
    // Down when it is due: its time is the same.
    await next.sandbox.close();
    await next.clock.advance(60_000);
    const late = next.restart();
    await late.clock.advance(0);
    expect(late.sandbox.payment(ID)).toMatchObject({
      status: 'COMPLETED',
      acceptedAtMs: START_MS + TTL_MS + 1_000,
    });
    expect(late.told).toEqual(['COMPLETED']);
    const { code } = await late.call('DELETE', '/v2/codes/code-1');
    expect(code).toBe('DYNAMIC_QR_ALREADY_PAID');
  });

  test('a declined payment succeeds later', async () => {
    const bench = await withCode({ payment: { succeedsAfterMs: 5_000 } });
    bench.sandbox.decline(ID);
    await bench.clock.advance(5_000);
    expect(bench.told).toEqual(['FAILED', 'COMPLETED']);
    expect(bench.sandbox.payment(ID).acceptedAtMs).toBe(START_MS + 5_000);
  });

  test('what can not be kept when it is due is done later', async () => {
    const bench = await withCode({ payment: { failsAfterMs: 1_000 } });
    bench.sandbox.pay(ID);
    await bench.clock.advance(0);
    bench.diskFault = new Error('ENOSPC');
    await bench.clock.advance(3_500);
    expect(bench.sandbox.payment(ID).status).toBe('COMPLETED');
    bench.diskFault = undefined;
    await bench.clock.advance(1_000);
    expect(bench.sandbox.payment(ID).status).toBe('FAILED');
  });

  test('nothing waits when all is over, nor after the close', async () => {
    const bench = await withCode();
    expect(bench.clock.waiting).toBe(1);
    await bench.sandbox.close();
    expect(bench.clock.waiting).toBe(0);
  });
});

const command = fc.oneof(
  fc.constantFrom('create', 'pay', 'decline', 'expire', 'delete', 'cancel', 'restart'),
  fc.record({ refund: fc.integer({ min: 1, max: 1_200 }), id: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ advanceMs: fc.constantFrom(0, 1, 500, 1_000, TTL_MS, 86_400_000) }),
  fc.record({
    faults: fc.record({
      webhook: fc.record({ twice: fc.boolean(), outOfOrder: fc.boolean(), lost: fc.boolean() }),
      payment: fc.record(
        {
          completesAfterExpiry: fc.boolean(),
          failsAfterMs: fc.constantFrom(0, 1_000),
          succeedsAfterMs: fc.constantFrom(0, 1_000),
        },
        { requiredKeys: [] },
      ),
    }),
  }),
);

test('whatever comes in whatever order: paid once, refunded no more, and the journal has it all', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(command, { maxLength: 25 }), async (commands) => {
      let bench = new Bench();
      await bench.create(ID);
      for (const each of commands) {
        if (each === 'restart') bench = bench.restart();
        else if (typeof each === 'object' && 'advanceMs' in each) {
          await bench.clock.advance(each.advanceMs);
        } else attempt(() => carryOut(bench, each));
      }
      await bench.clock.advance(2 * TTL_MS);
      const payment = bench.sandbox.payment(ID);
      const events = bench.entries.flatMap((each) => (each.kind === 'payment' ? each.events : []));
      const accepted = events.filter(({ type }) => type === 'PaymentAccepted');
      expect(accepted.length).toBeLessThanOrEqual(1);
      expect(refundedJpy(payment)).toBeLessThanOrEqual(accepted.length * payment.amountJpy);
      if (payment.status === 'REFUNDED') expect(refundedJpy(payment)).toBe(payment.amountJpy);
      if (payment.refunds.length > 0) expect(['COMPLETED', 'REFUNDED']).toContain(payment.status);
      expect(payment.webhooks.filter(({ settled }) => !settled)).toEqual([]);
      expect(stateOf(bench.entries).payments).toEqual(bench.sandbox.payments);
    }),
  );
});

type Command = typeof command extends fc.Arbitrary<infer C> ? C : never;

function carryOut({ sandbox }: Bench, each: Exclude<Command, { advanceMs: number }>): void {
  if (typeof each === 'object' && 'refund' in each) {
    const { paymentId } = sandbox.payment(ID);
    const merchantRefundId = `R-${String(each.id)}`;
    sandbox.refund(paymentId, { merchantRefundId, amountJpy: each.refund, requestedAtS: 1 });
  } else if (typeof each === 'object') {
    sandbox.setFaults('ORD-1', each.faults);
  } else if (each === 'delete') {
    sandbox.deleteCode(sandbox.payment(ID).codeId);
  } else if (each === 'create') {
    sandbox.createCode({
      merchantPaymentId: ID,
      amountJpy: 1,
      requestedAtS: 1,
      isAuthorization: false,
    });
  } else if (each !== 'restart') {
    sandbox[each](ID);
  }
}

function attempt(action: () => void): void {
  try {
    action();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
  }
}

async function withCode(faults: object = {}): Promise<Bench> {
  const bench = new Bench();
  bench.sandbox.setFaults('ORD-1', faults);
  await bench.create(ID);
  return bench;
}

function outcomes({ sandbox }: Bench): unknown[] {
  return sandbox.payment(ID).webhooks.map(({ settled }) => settled?.outcome);
}

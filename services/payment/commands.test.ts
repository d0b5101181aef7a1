import { describe, expect, test } from 'vitest';
import type { PaymentCommand } from '#schemas';
import { carryOut, type CommandContext } from './commands.ts';
import type { PaymentDetails } from './paypay/answers.ts';
import { PayPayRefusal, PayPayUnavailable } from './paypay/errors.ts';

const NOW = Date.UTC(2026, 10, 1);
const PAID_AT_S = NOW / 1000 - 60;

/** A provider of a few lines. */
class Provider {
  readonly payments = new Map<string, PaymentDetails>();
  readonly calls: string[] = [];
  lostAnswers = 0;

  payment(merchantPaymentId: string, status = 'CREATED', more: Partial<PaymentDetails> = {}) {
    const acceptedAt = status === 'COMPLETED' || status === 'REFUNDED' ? PAID_AT_S : 0;
    const amount = { amount: 500, currency: 'JPY' as const };
    const paymentId = `pp-${merchantPaymentId}`;
    const known = { merchantPaymentId, status, acceptedAt, amount, paymentId, ...more };
    this.payments.set(merchantPaymentId, known);
  }

  readonly api: CommandContext['paypay'] = {
    createCode: ({ merchantPaymentId }) =>
      this.#answer(`create ${merchantPaymentId}`, () => {
        if (this.payments.has(merchantPaymentId)) throw refusal('DUPLICATE_DYNAMIC_QR_REQUEST');
        this.payment(merchantPaymentId);
        if (this.lostAnswers-- > 0) throw new PayPayUnavailable('no answer');
        const expiryDate = NOW / 1000 + 300;
        const codeId = `code-${merchantPaymentId}`;
        return { codeId, url: 'https://pay.example/1', expiryDate, merchantPaymentId };
      }),
    details: (id) => this.#answer(`details ${id}`, () => this.payments.get(id)),
    deleteCode: (codeId) =>
      this.#answer(`delete ${codeId}`, () => {
        const id = codeId.replace('code-', '');
        if (this.payments.get(id)!.status !== 'CREATED') throw refusal('DYNAMIC_QR_ALREADY_PAID');
        this.payment(id, 'CANCELED');
      }),
    cancelPayment: (id) => this.#answer(`cancel ${id}`, () => this.payment(id, 'CANCELED')),
    refund: ({ merchantRefundId, amount }) =>
      this.#answer(`refund ${merchantRefundId} ${amount}`, () => {
        const id = merchantRefundId.replace('-refund', '');
        const data = [
          {
            status: 'REFUNDED',
            acceptedAt: NOW / 1000,
            merchantRefundId,
            amount: { amount, currency: 'JPY' as const },
          },
        ];
        this.payment(id, 'REFUNDED', { refunds: { data } });
      }),
  };

  #answer<T>(call: string, result: () => T): Promise<T> {
    this.calls.push(call);
    return Promise.resolve().then(result);
  }
}

function refusal(code: string): PayPayRefusal {
  return new PayPayRefusal('a call', 400, code, undefined);
}

function command(type: PaymentCommand['type'], more: Partial<PaymentCommand> = {}): PaymentCommand {
  return {
    commandId: 'c-1',
    orderNo: 'ORD-1',
    type,
    merchantPaymentId: 'ORD-1',
    codeId: null,
    amount: 500,
    source: 'POLLING',
    reason: null,
    requestedAt: NOW,
    ...more,
  };
}

const run = (provider: Provider, asked: PaymentCommand) =>
  carryOut(asked, { paypay: provider.api, now: () => NOW, signal: new AbortController().signal });

describe('CREATE', () => {
  test('makes a code that can be paid until it expires', async () => {
    const { event, observations } = await run(new Provider(), command('CREATE'));
    expect(event).toMatchObject({
      type: 'CREATED',
      commandId: 'c-1',
      codeId: 'code-ORD-1',
      url: 'https://pay.example/1',
      expiresAt: NOW + 300_000,
    });
    expect(observations).toEqual([]);
  });

  test('makes another attempt when the first had arrived and its answer was lost', async () => {
    const provider = new Provider();
    provider.lostAnswers = 1;
    await expect(run(provider, command('CREATE'))).rejects.toThrow(PayPayUnavailable);
    const { event } = await run(provider, command('CREATE'));
    expect(event).toMatchObject({ type: 'CREATED', merchantPaymentId: 'ORD-1-r2' });
  });

  test('fails when the provider refuses, with its words', async () => {
    const provider = new Provider();
    const paypay = {
      ...provider.api,
      createCode: () => Promise.reject(refusal('INVALID_PARAMS')),
    };
    const signal = new AbortController().signal;
    const { event } = await carryOut(command('CREATE'), { paypay, now: () => NOW, signal });
    expect(event).toMatchObject({ type: 'CREATE_FAILED' });
    expect(event!.reason).toContain('INVALID_PARAMS');
  });
});

describe('QUERY', () => {
  test.each([
    ['COMPLETED', 'COMPLETED'],
    ['CANCELED', 'CANCELLED'],
    ['FAILED', 'FAILED'],
  ])('observes %s as %s, by the same id in whatever way it is seen', async (word, status) => {
    const provider = new Provider();
    provider.payment('ORD-1', word);
    const polled = await run(provider, command('QUERY'));
    const told = await run(provider, command('QUERY', { source: 'WEBHOOK' }));
    expect(polled.event).toMatchObject({ type: 'QUERIED', status });
    expect(told.event).toBeUndefined();
    expect(polled.observations[0]).toMatchObject({ status, source: 'POLLING', orderNo: 'ORD-1' });
    expect(told.observations[0]).toMatchObject({ source: 'WEBHOOK' });
    expect(told.observations[0]!.eventId).toBe(polled.observations[0]!.eventId);
    expect(polled.observations[0]!.eventId).toBe(`pp-ORD-1:${status}`);
  });

  test('has the time at which was paid, by the provider', async () => {
    const provider = new Provider();
    provider.payment('ORD-1', 'COMPLETED');
    const { observations } = await run(provider, command('QUERY'));
    expect(observations[0]!.occurredAt).toBe(1000 * PAID_AT_S);
  });

  test('sees nothing in an open payment, nor in one that is not known', async () => {
    const provider = new Provider();
    const unknown = await run(provider, command('QUERY'));
    expect(unknown).toMatchObject({ event: { type: 'QUERIED', status: null }, observations: [] });
    provider.payment('ORD-1');
    const open = await run(provider, command('QUERY'));
    expect(open).toMatchObject({ event: { type: 'QUERIED', status: 'CREATED' }, observations: [] });
  });

  test('finds the money wherever it went, and keeps quiet of attempts that nobody was told of', async () => {
    const provider = new Provider();
    provider.payment('ORD-1', 'COMPLETED');
    provider.payment('ORD-1-r2', 'CREATED');
    const paid = await run(provider, command('QUERY', { merchantPaymentId: 'ORD-1-r2' }));
    expect(paid.observations.map(({ eventId }) => eventId)).toEqual(['pp-ORD-1:COMPLETED']);
    provider.payment('ORD-1', 'CANCELED');
    const open = await run(provider, command('QUERY', { merchantPaymentId: 'ORD-1-r2' }));
    expect(open.observations).toEqual([]);
  });
});

describe('CANCEL', () => {
  test('deletes the code, and reads once more', async () => {
    const provider = new Provider();
    provider.payment('ORD-1');
    const { event } = await run(provider, command('CANCEL', { codeId: 'code-ORD-1' }));
    expect(event).toMatchObject({ type: 'CANCELLED' });
    expect(provider.calls).toEqual(['details ORD-1', 'delete code-ORD-1', 'details ORD-1']);
  });

  test('says when the shopper was faster, and when that was', async () => {
    const provider = new Provider();
    provider.payment('ORD-1', 'COMPLETED');
    const { event, observations } = await run(provider, command('CANCEL', { codeId: 'code' }));
    expect(event).toMatchObject({ type: 'ALREADY_PAID', paidAt: 1000 * PAID_AT_S });
    expect(observations).toHaveLength(1);
  });

  test('says so as well when the payment comes between the look and the deletion', async () => {
    const provider = new Provider();
    provider.payment('ORD-1');
    const paypay: CommandContext['paypay'] = {
      ...provider.api,
      deleteCode: () => {
        provider.payment('ORD-1', 'COMPLETED');
        return Promise.reject(refusal('DYNAMIC_QR_ALREADY_PAID'));
      },
    };
    const signal = new AbortController().signal;
    const asked = command('CANCEL', { codeId: 'code-ORD-1' });
    const { event } = await carryOut(asked, { paypay, now: () => NOW, signal });
    expect(event).toMatchObject({ type: 'ALREADY_PAID' });
  });

  test('takes back attempts whose codes nobody was told of', async () => {
    const provider = new Provider();
    provider.payment('ORD-1');
    provider.payment('ORD-1-r2');
    const asked = { merchantPaymentId: 'ORD-1-r2', codeId: 'code-ORD-1-r2' };
    await run(provider, command('CANCEL', asked));
    expect(provider.calls).toContain('cancel ORD-1');
    expect(provider.calls).toContain('delete code-ORD-1-r2');
  });

  test('of what was never created is done', async () => {
    const { event } = await run(new Provider(), command('CANCEL'));
    expect(event).toMatchObject({ type: 'CANCELLED' });
  });
});

describe('REFUND', () => {
  test('gives back what was paid, once, and observes it', async () => {
    const provider = new Provider();
    provider.payment('ORD-1', 'COMPLETED');
    const first = await run(provider, command('REFUND'));
    const again = await run(provider, command('REFUND'));
    expect(first.event).toMatchObject({ type: 'REFUNDED' });
    expect(again.event).toMatchObject({ type: 'REFUNDED' });
    expect(provider.calls.filter((call) => call.startsWith('refund'))).toEqual([
      'refund ORD-1-refund 500',
    ]);
    const [observed] = first.observations;
    expect(observed).toMatchObject({ status: 'REFUNDED', occurredAt: NOW });
    expect(observed!.eventId).toBe('pp-ORD-1:REFUNDED:ORD-1-refund');
  });

  test('of nothing fails', async () => {
    const provider = new Provider();
    provider.payment('ORD-1', 'FAILED');
    const { event } = await run(provider, command('REFUND'));
    expect(event).toMatchObject({ type: 'REFUND_FAILED' });
    expect(event!.reason).toContain('FAILED');
  });
});

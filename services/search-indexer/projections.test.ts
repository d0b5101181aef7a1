import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { actionChange, joinAlerts, raisedChange, resolvedChange } from './alerts.ts';
import { createdChange, joinOrders, paymentChange, statusChange } from './orders.ts';
import { productChange } from './products.ts';
import { earliest, latest, type Change } from './projection.ts';

const instant = fc.integer({ min: 0, max: 3 });
const orderNo = 'ORD-1';
const alertId = '47f7da59-6d70-50ec-baf3-34b6a99133db';

const orderChange: fc.Arbitrary<Change> = fc.oneof(
  fc
    .record({
      accountId: fc.constantFrom('ann', 'bob'),
      totalAmount: fc.nat(3),
      createdAt: instant,
    })
    .map((order) =>
      createdChange({ orderNo, lines: [{ sku: 'A', quantity: 1, unitPrice: 1 }], ...order }),
    ),
  fc
    .record({
      status: fc.constantFrom('PENDING', 'WAITING_PAYMENT', 'PAID', 'FAILED'),
      updatedAt: instant,
      reason: fc.constantFrom(null, 'expired', 'stock'),
    })
    .map((order) =>
      statusChange({ orderNo, paymentStatus: null, paymentExpiresAt: null, ...order }),
    )
    .map((change) => change!),
  fc
    .record({
      status: fc.constantFrom('CREATED', 'COMPLETED', 'FAILED', 'REFUNDED', 'of their own'),
      eventId: fc.constantFrom('1', '2'),
      occurredAt: instant,
    })
    .map((payment) => paymentChange({ orderNo, source: 'WEBHOOK', ...payment })),
);

const rule = fc.constantFrom('RULE_A' as const, 'RULE_B' as const);
const observed = { paymentStatus: 'COMPLETED', orderStatus: 'PENDING' };
const alertChange: fc.Arbitrary<Change> = fc.oneof(
  fc.record({ detectedAt: instant, ruleId: rule }).map((alert) =>
    raisedChange({
      alertId,
      orderNo,
      eventId: 'e',
      observed,
      expected: { orderStatus: 'PAID' },
      source: 'kafka-alert',
      ...alert,
    }),
  ),
  fc
    .record({ resolvedAt: instant, ruleId: rule })
    .map((resolution) =>
      resolvedChange({ alertId, orderNo, eventId: 'e', observed, source: 'x', ...resolution }),
    ),
  fc
    .record({
      actionId: fc.constantFrom('1', '2'),
      operatorId: fc.constantFrom('olga', 'otto'),
      requestedAt: instant,
      type: fc.constantFrom('ACKNOWLEDGE' as const, 'REFUND' as const),
    })
    .map((action) =>
      actionChange({ alertId, orderNo, ruleId: 'UNKNOWN', reason: 'r', ...action })!,
    ),
);

describe.each([
  ['an order', orderChange, joinOrders],
  ['an alert', alertChange, joinAlerts],
] as const)('the events of %s', (_, change, joined) => {
  const join = joined as (a: object, b: object) => object;

  test('give the same document in whatever order, however often, and in whatever portions they come', () => {
    const deliveries = fc
      .array(change, { minLength: 1, maxLength: 8 })
      .chain((events) =>
        fc.tuple(
          fc.constant(events),
          fc.shuffledSubarray(events, { minLength: events.length }),
          fc.array(fc.constantFrom(...events), { maxLength: 5 }),
          fc.nat(events.length),
        ),
      );
    fc.assert(
      fc.property(deliveries, ([events, shuffled, repeated, cut]) => {
        const expected = events.map(({ document }) => document).reduce(join);
        const again = [...shuffled, ...repeated].map(({ document }) => document);
        expect(again.reduce(join)).toEqual(expected);
        // As read back, and joined with what a batch says.
        const [first, second] = [again.slice(0, cut), again.slice(cut)];
        if (first.length === 0 || second.length === 0) return;
        const stored = JSON.parse(JSON.stringify(first.reduce(join))) as object;
        expect(join(stored, second.reduce(join))).toEqual(expected);
      }),
    );
  });
});

test('an alert is what happened last to it, though its raising comes last', () => {
  const action = actionChange({
    actionId: '1',
    orderNo: 'mistyped',
    alertId,
    ruleId: 'UNKNOWN',
    type: 'ACKNOWLEDGE',
    operatorId: 'olga',
    reason: 'r',
    requestedAt: 5,
  })!.document;
  expect(action.state).toBe('ACKNOWLEDGED');
  const raised = raisedChange({
    alertId,
    orderNo,
    ruleId: 'RULE_A',
    eventId: 'e',
    observed,
    expected: { orderStatus: 'PAID' },
    detectedAt: 1,
    source: 'x',
  }).document;
  expect(raised.state).toBe('NEW');
  const both = { alertId, orderNo, ruleId: 'RULE_A', state: 'ACKNOWLEDGED' };
  expect(joinAlerts(action, raised)).toMatchObject(both);
  const resolution = { alertId, orderNo, ruleId: 'RULE_A' as const, eventId: 'e', observed };
  const resolved = resolvedChange({ ...resolution, resolvedAt: 9, source: 'x' }).document;
  expect(joinAlerts(resolved, joinAlerts(action, raised)).state).toBe('RESOLVED');
});

describe('of two events of one time', () => {
  test('the order that is further on counts', () => {
    const at = { orderNo, paymentStatus: null, paymentExpiresAt: null, reason: null, updatedAt: 1 };
    const pending = statusChange({ ...at, status: 'PENDING' })!.document;
    const waiting = statusChange({ ...at, status: 'WAITING_PAYMENT' })!.document;
    expect(joinOrders(waiting, pending)).toEqual(waiting);
  });

  test('the refund comes after the payment', () => {
    const at = { orderNo, source: 'WEBHOOK' as const, occurredAt: 1 };
    const paid = paymentChange({ ...at, status: 'COMPLETED', eventId: '2' }).document;
    const refunded = paymentChange({ ...at, status: 'REFUNDED', eventId: '1' }).document;
    expect(joinOrders(refunded, paid)).toEqual(refunded);
  });
});

test('the order of fields makes no difference', () => {
  const a = { at: 1, word: 'x' };
  const b = { word: 'x', at: 1 };
  const timeOf = (part: { at: number }) => part.at;
  expect(latest(a, b, timeOf)).toEqual(latest(b, a, timeOf));
  expect(earliest(a, { at: 0, word: 'y' }, timeOf)).toEqual({ at: 0, word: 'y' });
});

describe('a product', () => {
  const event = {
    sku: 'TEA-1',
    type: 'LISTED' as const,
    nameJa: '宇治抹茶 ﾗﾃ',
    nameEn: 'Uji matcha latte',
    descriptionJa: '',
    descriptionEn: '',
    category: 'tea',
    price: 1280,
    version: 4,
    occurredAt: 1,
  };

  test('is shown as it is, and searched in one width', () => {
    const { id, version, document } = productChange(event)!;
    expect([id, version]).toEqual(['TEA-1', 4]);
    expect(document).toMatchObject({
      listed: true,
      nameJa: '宇治抹茶 ﾗﾃ',
      text: { nameJa: '宇治抹茶 ラテ' },
      suggest: { en: ['Uji matcha latte', 'matcha latte', 'latte'] },
    });
  });

  test('that is not sold any more stays, and is not suggested', () => {
    const { document } = productChange({ ...event, type: 'DELISTED' })!;
    expect(document).toMatchObject({ listed: false, version: 4 });
    expect(document).not.toHaveProperty('suggest');
  });

  test('without names has nothing to be suggested by', () => {
    expect(productChange({ ...event, nameJa: '', nameEn: '—' })?.document.suggest).toEqual({});
  });
});

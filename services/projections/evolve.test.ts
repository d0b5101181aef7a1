import fc from 'fast-check';
import { expect, test } from 'vitest';
import type {
  AccountEvent,
  AlertAction,
  AlertActionOutcome,
  AlertRaised,
  AlertResolved,
  OrderCreated,
  OrderStatusChanged,
  PaymentEvent,
  PaymentStatusObserved,
  ProductEvent,
  StorageEvent,
} from '#schemas';
import { blankAccount, withAccountEvent } from './accounts.ts';
import {
  blankAlert,
  blankAudit,
  withAction,
  withDecision,
  withOutcome,
  withRaised,
  withResolved,
} from './alerts.ts';
import {
  blankOrder,
  withCreation,
  withObservation,
  withPayment,
  withStatus,
  type OrderRow,
} from './orders.ts';
import { blankProduct, withProductEvent } from './products.ts';
import { blankStock, withStorageEvent } from './stock.ts';

/** Few instants, so that many events share one. */
const instant = fc.integer({ min: 1, max: 6 });
const word = fc.constantFrom('a', 'b', 'c');

type Step<R> = (row: R) => R;

/** What one topic has to say about a row, in the topic's order. */
type Log<R> = readonly Step<R>[];

/**
 * One way for the events of several topics to come: each topic in its order, and read again from an earlier point now and then,
 * as after a crash whose outcome was not kept.
 */
function arrivals<R>(logs: readonly Log<R>[]): fc.Arbitrary<readonly Step<R>[]> {
  const moves = fc.array(fc.record({ log: fc.nat(logs.length - 1), back: fc.nat(3) }), {
    maxLength: 30,
  });
  return moves.map((chosen) => {
    const next = logs.map(() => 0);
    const steps: Step<R>[] = [];
    const read = (log: number): void => {
      const step = logs[log]![next[log]!];
      if (!step) return;
      steps.push(step);
      next[log]!++;
    };
    for (const { log, back } of chosen) {
      if (back > 1) next[log] = Math.max(0, next[log]! - back);
      read(log);
    }
    logs.forEach((log, i) => log.forEach(() => read(i)));
    return steps;
  });
}

const foldOf = <R>(blank: R, steps: readonly Step<R>[]): R =>
  steps.reduce((row, step) => step(row), blank);

/** Whatever the arrival, the row is what the topics give when they are read one after the other. */
function expectSameRow<R>(blank: R, logs: fc.Arbitrary<readonly Log<R>[]>): void {
  const cases = logs.chain((all) =>
    fc.record({ all: fc.constant(all), first: arrivals(all), second: arrivals(all) }),
  );
  fc.assert(
    fc.property(cases, ({ all, first, second }) => {
      const plain = foldOf(blank, all.flat());
      expect(foldOf(blank, first)).toEqual(plain);
      expect(foldOf(blank, second)).toEqual(plain);
    }),
    { numRuns: 500 },
  );
}

const logOf = <R, V>(values: fc.Arbitrary<V>, evolve: (row: R, value: V) => R) =>
  fc.array(values, { maxLength: 5 }).map((all) =>
    all.map(
      (value): Step<R> =>
        (row) =>
          evolve(row, value),
    ),
  );

const creation: fc.Arbitrary<OrderCreated> = fc.record({
  orderNo: fc.constant('o'),
  accountId: word,
  lines: fc.constant([]),
  totalAmount: fc.nat(9),
  createdAt: instant,
});
const status: fc.Arbitrary<OrderStatusChanged> = fc.record({
  orderNo: fc.constant('o'),
  status: fc.constantFrom('PENDING', 'WAITING_PAYMENT', 'PAID', 'FAILED'),
  paymentStatus: fc.option(word),
  updatedAt: instant,
  paymentExpiresAt: fc.option(instant),
  reason: fc.option(word),
});
const payment: fc.Arbitrary<PaymentEvent> = fc
  .record({ url: fc.option(word), merchantPaymentId: word, occurredAt: instant })
  .map((facts) => ({
    commandId: 'c',
    orderNo: 'o',
    type: facts.url === null ? 'QUERIED' : 'CREATED',
    status: null,
    codeId: null,
    expiresAt: null,
    paidAt: null,
    reason: null,
    ...facts,
  }));
const observation: fc.Arbitrary<PaymentStatusObserved> = fc.record({
  orderNo: fc.constant('o'),
  status: fc.constantFrom('COMPLETED', 'FAILED', 'REFUNDED'),
  eventId: word,
  occurredAt: instant,
  source: fc.constantFrom('WEBHOOK', 'POLLING'),
});

test('an order is the same however its topics are interleaved, and whatever is read again', () => {
  const logs = fc.tuple(
    logOf(creation, withCreation),
    logOf(status, withStatus),
    logOf(payment, withPayment),
    logOf(observation, withObservation),
  );
  expectSameRow(blankOrder('o'), logs);
});

test('an older status never wins; of several at one instant the first holds', () => {
  fc.assert(
    fc.property(fc.array(status, { minLength: 1, maxLength: 8 }), (events) => {
      const row = events.reduce<OrderRow>(withStatus, blankOrder('o'));
      const latest = Math.max(...events.map(({ updatedAt }) => updatedAt));
      const winner = events.find(({ updatedAt }) => updatedAt === latest)!;
      const { status: word, paymentStatus, paymentExpiresAt, reason } = winner;
      const facts = { status: word, paymentStatus, paymentExpiresAt, reason, statusAt: latest };
      expect(row).toMatchObject(facts);
    }),
  );
});

test('where to pay is the latest attempt that can be paid, whatever else is said of the payment', () => {
  fc.assert(
    fc.property(fc.array(payment, { maxLength: 8 }), (events) => {
      const row = events.reduce<OrderRow>(withPayment, blankOrder('o'));
      const payable = events.filter(({ url }) => url !== null);
      const latest = Math.max(...payable.map(({ occurredAt }) => occurredAt));
      const winner = payable.find(({ occurredAt }) => occurredAt === latest);
      expect([row.paymentUrl, row.merchantPaymentId, row.paymentAt]).toEqual(
        winner ? [winner.url, winner.merchantPaymentId, latest] : [null, null, null],
      );
    }),
  );
});

test('an order was paid when the first completion was seen, in whatever order they are told', () => {
  fc.assert(
    fc.property(fc.array(observation, { maxLength: 8 }), (events) => {
      const row = events.reduce<OrderRow>(withObservation, blankOrder('o'));
      const completed = events.filter((event) => event.status === 'COMPLETED');
      const first = Math.min(...completed.map(({ occurredAt }) => occurredAt));
      expect(row.paidAt).toBe(completed.length === 0 ? null : first);
    }),
  );
});

/** A version has one content, whoever tells of it. */
const versions = <V>(facts: fc.Arbitrary<V>) =>
  fc
    .uniqueArray(fc.record({ version: fc.integer({ min: 1, max: 9 }), facts }), {
      selector: ({ version }) => version,
      maxLength: 6,
    })
    .map((all) => all.map((each) => ({ ...each.facts, version: each.version })));

/** In any order, some of them again: of stock by several partitions, of accounts by two instances that publish one state each. */
function expectHighestVersion<R extends { version: number | null }, V extends { version: number }>(
  blank: R,
  facts: fc.Arbitrary<Omit<V, 'version'>>,
  evolve: (row: R, event: V) => R,
): void {
  const cases = (versions(facts) as unknown as fc.Arbitrary<V[]>).chain((events) =>
    fc.record({
      events: fc.constant(events),
      order: fc.array(fc.nat(Math.max(0, events.length - 1)), { maxLength: 12 }),
    }),
  );
  fc.assert(
    fc.property(cases, ({ events, order }) => {
      const told = [...order.flatMap((i) => events[i] ?? []), ...events];
      const row = told.reduce(evolve, blank);
      const highest = events.toSorted((a, b) => b.version - a.version)[0];
      expect(row).toEqual(highest ? evolve(blank, highest) : blank);
      expect(row.version).toBe(highest?.version ?? null);
    }),
    { numRuns: 500 },
  );
}

test('stock is that of the highest version, in whatever order the partitions tell of it', () => {
  const facts: fc.Arbitrary<Omit<StorageEvent, 'version'>> = fc.record({
    commandId: word,
    sku: fc.constant('s'),
    type: fc.constantFrom('RESERVED', 'RESTOCKED'),
    orderNo: fc.option(word),
    quantity: fc.nat(9),
    reason: fc.constant(null),
    available: fc.nat(9),
    reserved: fc.nat(9),
    sold: fc.nat(9),
    occurredAt: instant,
  });
  expectHighestVersion(blankStock('s'), facts, withStorageEvent);
});

test('an account is its highest version, and is closed when that says so', () => {
  const facts: fc.Arbitrary<Omit<AccountEvent, 'version'>> = fc.record({
    accountId: fc.constant('a'),
    type: fc.constantFrom('REGISTERED', 'CHANGED', 'CLOSED'),
    email: word,
    displayName: word,
    roles: fc.constantFrom(['shopper'], ['shopper', 'operator']),
    occurredAt: instant,
  });
  expectHighestVersion(blankAccount('a'), facts, withAccountEvent);
  const closed = withAccountEvent(blankAccount('a'), {
    accountId: 'a',
    type: 'CLOSED',
    email: 'e',
    displayName: 'd',
    roles: [],
    version: 2,
    occurredAt: 1,
  });
  expect(closed.isClosed).toBe(true);
});

test('a product is its highest version, and is listed when that says so', () => {
  const facts: fc.Arbitrary<Omit<ProductEvent, 'version'>> = fc.record({
    sku: fc.constant('s'),
    type: fc.constantFrom('LISTED', 'DELISTED'),
    nameJa: word,
    nameEn: word,
    descriptionJa: word,
    descriptionEn: word,
    category: word,
    price: fc.nat(9),
    occurredAt: instant,
  });
  expectHighestVersion(blankProduct('s'), facts, withProductEvent);
});

/** All that is said of one alert agrees on whose it is. */
const ALERT = { alertId: 'x', orderNo: 'o', ruleId: 'RULE_A' } as const;
/** An alert is raised once; where it comes again, it is the same. */
const raised: AlertRaised = {
  ...ALERT,
  eventId: 'raised-by',
  observed: { paymentStatus: 'COMPLETED', orderStatus: 'PENDING' },
  expected: { orderStatus: 'PAID' },
  detectedAt: 3,
  source: 'kafka-alert',
};
const resolved: fc.Arbitrary<AlertResolved> = instant.map((resolvedAt) => ({
  ...ALERT,
  eventId: 'raised-by',
  observed: { paymentStatus: 'COMPLETED', orderStatus: 'PAID' },
  resolvedAt,
  source: 'kafka-alert',
}));
const action: fc.Arbitrary<AlertAction> = fc.record({
  actionId: fc.constant('d'),
  orderNo: fc.constant(ALERT.orderNo),
  alertId: fc.constant(ALERT.alertId),
  ruleId: fc.constant(ALERT.ruleId),
  type: fc.constantFrom('ACKNOWLEDGE', 'COMPENSATE', 'REFUND'),
  operatorId: word,
  reason: word,
  requestedAt: instant,
});
const outcome: fc.Arbitrary<AlertActionOutcome> = fc.record({
  actionId: fc.constant('d'),
  orderNo: fc.constant(ALERT.orderNo),
  outcome: fc.constantFrom('DONE', 'REFUSED'),
  detail: word,
  occurredAt: instant,
});
const raisedLog = logOf(fc.constant(raised), withRaised);

test('an alert is the same however its topics are interleaved, and whatever is read again', () => {
  const logs = fc.tuple(raisedLog, logOf(resolved, withResolved), logOf(action, withAction));
  expectSameRow(blankAlert('x'), logs);
});

test('an alert is RESOLVED, ACKNOWLEDGED or NEW, by what is known of it and nothing else', () => {
  const logs = fc
    .record({
      isRaised: fc.boolean(),
      resolutions: fc.array(resolved, { maxLength: 2 }),
      actions: fc.array(action, { maxLength: 2 }),
    })
    .chain((known) => {
      const all = [
        known.isRaised ? [(row) => withRaised(row, raised)] : [],
        known.resolutions.map(
          (event): Step<typeof blank> =>
            (row) =>
              withResolved(row, event),
        ),
        known.actions.map(
          (event): Step<typeof blank> =>
            (row) =>
              withAction(row, event),
        ),
      ] satisfies Log<typeof blank>[];
      return fc.record({ known: fc.constant(known), steps: arrivals<typeof blank>(all) });
    });
  const blank = blankAlert('x');
  fc.assert(
    fc.property(logs, ({ known, steps }) => {
      const { resolutions, actions } = known;
      const row = foldOf(blank, steps);
      const acted = resolutions.length > 0 ? 'RESOLVED' : 'ACKNOWLEDGED';
      expect(row.state).toBe(resolutions.length + actions.length > 0 ? acted : 'NEW');
      const first = actions.toSorted((a, b) => a.requestedAt - b.requestedAt)[0];
      expect([row.acknowledgedAt, row.acknowledgedBy]).toEqual(
        first ? [first.requestedAt, first.operatorId] : [null, null],
      );
    }),
  );
});

test('what was decided and what came of it is the same, whichever is heard of first', () => {
  const logs = fc.tuple(logOf(action, withDecision), logOf(outcome, withOutcome));
  expectSameRow(blankAudit('d'), logs);
});

test('an acknowledgement is done with the decision, and of others the first outcome holds', () => {
  const acknowledged = withDecision(blankAudit('d'), {
    ...ALERT,
    actionId: 'd',
    type: 'ACKNOWLEDGE',
    operatorId: 'op',
    reason: 'seen',
    requestedAt: 4,
  });
  expect(acknowledged).toMatchObject({ outcome: 'DONE', endedAt: 4 });
  const told = { actionId: 'd', orderNo: 'o', detail: 'first', occurredAt: 7 } as const;
  const once = withOutcome(blankAudit('d'), { ...told, outcome: 'REFUSED' });
  const again = withOutcome(once, { ...told, outcome: 'DONE', occurredAt: 2 });
  expect(again).toMatchObject({ outcome: 'REFUSED', detail: 'first', endedAt: 7 });
});

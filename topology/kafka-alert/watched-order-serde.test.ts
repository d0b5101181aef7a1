import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { emptyTimeline, orderEntry, paymentEntry } from './timeline.ts';
import type { Entry, RaisedAlert, Timeline } from './timeline.ts';
import { watchedOrderSerde } from './watched-order-serde.ts';
import type { WatchedOrder } from './watched-order.ts';

const encode = (order: WatchedOrder) => watchedOrderSerde.encode(order);
const decode = (bytes: Buffer) => watchedOrderSerde.decode(bytes);

/** As event times go: a few days around some instant of this century, and now and then anything at all. */
const time = fc.oneof(
  fc.integer({ min: 1_706_788_800_000, max: 1_707_788_800_000 }),
  fc.integer({ min: 0, max: 4_102_444_800_000 }),
);
const text = fc.oneof(fc.string(), fc.string({ unit: 'binary', maxLength: 200 }));
const byTime = (x: Entry, y: Entry) => x.at - y.at;

const order = fc
  .tuple(
    fc.constantFrom('PENDING', 'WAITING_PAYMENT', 'PAID', 'FAILED'),
    time,
    fc.option(fc.oneof(time, fc.integer())),
  )
  .map((fields) => orderEntry(...fields));

const word = fc.constantFrom('CAPTURED', 'FAILED', 'CANCELED', 'REFUNDED', '__proto__', 'toString');
const payment = fc
  .tuple(
    fc.oneof(word, text),
    text,
    time,
    fc.constantFrom(null, true, false),
    fc.constantFrom('UNKNOWN', 'WEBHOOK', 'POLLING'),
  )
  .map(([status, eventId, at, tooLate, source]) => ({
    ...paymentEntry(status, eventId, at, source),
    tooLate,
  }));

const timeline: fc.Arbitrary<Timeline> = fc
  .record({
    orders: fc.array(order, { maxLength: 5 }),
    payments: fc.array(payment, { maxLength: 5 }),
    alerts: fc.array(
      fc.record({
        ruleId: fc.constantFrom('RULE_A', 'RULE_B', 'RULE_C'),
        eventId: text,
        after: fc.nat(1_000_000),
        resolvedAfter: fc.option(fc.nat()),
      }),
      { maxLength: 4 },
    ),
  })
  .filter(({ orders, payments }) => orders.length + payments.length > 0)
  .map(({ orders, payments, alerts }) => {
    const first = Math.min(...[...orders, ...payments].map(({ at }) => at));
    return {
      orders: orders.sort(byTime),
      payments: payments.sort(byTime),
      alerts: alerts.map(({ ruleId, eventId, after, resolvedAfter }): RaisedAlert => {
        const detectedAt = first + after;
        const resolvedAt = resolvedAfter === null ? null : detectedAt + 1 + resolvedAfter;
        return { ruleId, eventId, detectedAt, resolvedAt };
      }),
    };
  });

const watchedOrder: fc.Arbitrary<WatchedOrder> = fc.record({
  timelines: fc.oneof(
    timeline.map((only) => [only]),
    fc.tuple(timeline, timeline).map((both) => both.sort((x, y) => firstOf(x) - firstOf(y))),
  ),
  checkedTo: fc.oneof(fc.constant(-Infinity), time, fc.constant(-5_000)),
});

function firstOf({ orders, payments }: Timeline): number {
  return Math.min(...[...orders, ...payments].map(({ at }) => at));
}

test('what is encoded is decoded again', () => {
  fc.assert(
    fc.property(watchedOrder, (value) => {
      expect(decode(encode(value))).toEqual(value);
    }),
    { numRuns: 1_000 },
  );
});

describe('a value that is not whole is refused:', () => {
  test('cut off anywhere', () => {
    fc.assert(
      fc.property(watchedOrder, fc.nat(), (value, at) => {
        const bytes = encode(value);
        expect(() => decode(bytes.subarray(0, at % bytes.length))).toThrow(RangeError);
      }),
      { numRuns: 500 },
    );
  });

  test('with bytes left over', () => {
    fc.assert(
      fc.property(watchedOrder, fc.uint8Array({ minLength: 1, maxLength: 5 }), (value, more) => {
        expect(() => decode(Buffer.concat([encode(value), more]))).toThrow(/left over/);
      }),
    );
  });

  test('of a format from the future', () => {
    const bytes = encode({ timelines: [paid], checkedTo: 0 });
    bytes[0] = 2;
    expect(() => decode(bytes)).toThrow('format 2');
  });

  test('random bytes are a RangeError or a value, never anything else', () => {
    const damaged = fc.tuple(watchedOrder, fc.nat(), fc.nat(255)).map(([value, at, byte]) => {
      const bytes = encode(value);
      bytes[at % bytes.length] = byte;
      return bytes;
    });
    fc.assert(
      fc.property(damaged, (bytes) => {
        try {
          expect(decode(bytes).timelines.length).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});

const paid = { ...emptyTimeline, orders: [orderEntry('PAID', 1_706_788_800_000, null)] };

test('a value that could not be read again is not written', () => {
  expect(() => encode({ timelines: [], checkedTo: 0 })).toThrow(RangeError);
  const unknown = { ...emptyTimeline, orders: [orderEntry('UNKNOWN', 0, null)] };
  expect(() => encode({ timelines: [unknown], checkedTo: 0 })).toThrow('UNKNOWN');
  expect(() => encode({ timelines: [paid], checkedTo: Infinity })).toThrow(RangeError);
});

test('a failed encode leaves nothing behind for the next one', () => {
  const value = { timelines: [paid], checkedTo: 0 };
  const bytes = encode(value);
  expect(() => encode({ timelines: [paid, ...value.timelines], checkedTo: NaN })).toThrow();
  expect(encode(value)).toEqual(bytes);
});

test('an order that went well takes about 50 bytes', () => {
  const t = 1_706_788_800_000;
  const healthy: Timeline = {
    orders: [
      orderEntry('PENDING', t, t + 900_000),
      orderEntry('WAITING_PAYMENT', t + 1_000, t + 900_000),
      orderEntry('PAID', t + 62_000, null),
    ],
    payments: [paymentEntry('COMPLETED', 'evt_01HNJ2V3', t + 60_000)],
    alerts: [],
  };
  expect(encode({ timelines: [healthy], checkedTo: t + 55_000 }).length).toBeLessThan(60);
});

test('the bytes of the first format stay readable', () => {
  const t = 1_706_788_800_000;
  const value: WatchedOrder = {
    timelines: [
      {
        orders: [
          orderEntry('WAITING_PAYMENT', t, t + 900_000),
          orderEntry('FAILED', t + 400, null),
        ],
        payments: [
          { ...paymentEntry('CAPTURED', 'evt_1', t + 200), tooLate: true },
          paymentEntry('paid?', 'évt_2', t + 300),
        ],
        alerts: [
          { ruleId: 'RULE_C', eventId: 'evt_1', detectedAt: t + 200, resolvedAt: null },
          { ruleId: 'RULE_A', eventId: 'évt_2', detectedAt: t + 300, resolvedAt: t + 400 },
        ],
      },
    ],
    checkedTo: t + 350,
  };
  const bytes =
    '01808ca9a4d63101bc0501028200c0ee6d0490030263c801056576745f310005706169643f' +
    '6406c3a976745f320203c80100056576745f3101ac026406c3a976745f32';
  expect(encode(value).toString('hex')).toBe(bytes);
  expect(decode(Buffer.from(bytes, 'hex'))).toEqual(value);
});

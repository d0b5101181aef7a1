/**
 * Random histories of one order for the property tests: small times, graces and retentions, so that ties, bounds and
 * gaps come up all the time.
 */
import fc from 'fast-check';
import type { ModelRecord, ModelSettings, Step } from './model.ts';

const ORDER_STATUSES = [
  'UNKNOWN',
  'PENDING',
  'WAITING_PAYMENT',
  'PAID',
  'PAID',
  'FAILED',
  'FAILED',
];
const PAYMENT_STATUSES = [
  ...['COMPLETED', 'COMPLETED', 'CAPTURED', 'CAPTURED', 'SUCCESS'],
  ...['FAILED', 'FAILED', 'CANCELLED', 'CANCELED', 'EXPIRED'],
  ...['CREATED', 'AUTHORIZED', 'REFUNDED', 'captured', 'paid?'],
];
const START = 100;

/** Every record within the retention of the others. */
export const settingsWithoutGaps: fc.Arbitrary<ModelSettings> = fc.record({
  graceMs: fc.constantFrom(0, 1, 2, 5, 10, 20),
  retentionMs: fc.constant(1_000),
  unknownOrder: fc.boolean(),
});

/** Retentions that the gaps between records often exceed, and a grace up to all of it. */
export const settingsWithGaps: fc.Arbitrary<ModelSettings> = fc
  .record({
    graceMs: fc.constantFrom(0, 1, 2, 5, 10),
    spareMs: fc.constantFrom(0, 5, 20, 40),
    unknownOrder: fc.boolean(),
  })
  .map(({ graceMs, spareMs, unknownOrder }) => {
    return { graceMs, retentionMs: Math.max(1, graceMs + spareMs), unknownOrder };
  });

const time = fc.oneof(
  fc.integer({ min: START, max: START + 8 }),
  fc.integer({ min: START, max: START + 30 }),
  fc.integer({ min: START, max: START + 90 }),
);

export const record: fc.Arbitrary<ModelRecord> = fc.oneof(
  fc
    .record({
      status: fc.constantFrom(...ORDER_STATUSES),
      at: time,
      expiresIn: fc.option(fc.integer({ min: -10, max: 15 })),
    })
    .map(({ status, at, expiresIn }): ModelRecord => {
      return { kind: 'order', status, at, expiresAt: expiresIn === null ? null : at + expiresIn };
    }),
  fc.record({
    kind: fc.constant('payment' as const),
    status: fc.constantFrom(...PAYMENT_STATUSES),
    at: time,
    eventId: fc.integer({ min: 0, max: 7 }).map((n) => `evt_${n}`),
  }),
);

/** Records in any order under a watermark that moves as it likes: many are late, some long after everything. */
export const anyDelivery: fc.Arbitrary<readonly Step[]> = fc
  .tuple(
    fc.array(
      fc.record({
        record: fc.option(record, { freq: 5 }),
        ahead: fc.oneof(
          fc.constant(-Infinity),
          fc.integer({ min: -20, max: 3 }),
          fc.integer({ min: -20, max: 40 }),
        ),
      }),
      { minLength: 1, maxLength: 9 },
    ),
    fc.constantFrom(Infinity, START + 60),
  )
  .map(([moves, end]) => {
    let watermark = -Infinity;
    let latest = START;
    const steps = moves.map(({ record, ahead }): Step => {
      latest = record?.at ?? latest;
      watermark = Math.max(watermark, latest + ahead);
      return { record, watermark };
    });
    return [...steps, { record: null, watermark: Math.max(watermark, end) }];
  });

/** Records that come about when they happen, most of them within the lateness, some far later. */
export const livelyDelivery: fc.Arbitrary<readonly Step[]> = fc
  .array(
    fc.record({
      record,
      delay: fc.oneof(
        { weight: 4, arbitrary: fc.integer({ min: 0, max: 4 }) },
        { weight: 1, arbitrary: fc.integer({ min: 0, max: 60 }) },
      ),
      others: fc.boolean(),
    }),
    { minLength: 1, maxLength: 10 },
  )
  .map((arrivals) => {
    const LATENESS = 4;
    const steps: Step[] = [];
    let latest = -Infinity;
    for (const { record, delay, others } of arrivals.toSorted(
      (x, y) => x.record.at + x.delay - (y.record.at + y.delay),
    )) {
      // The records of other orders move the watermark, too.
      if (others) latest = Math.max(latest, record.at + delay);
      steps.push({ record: null, watermark: latest - LATENESS });
      latest = Math.max(latest, record.at);
      steps.push({ record, watermark: latest - LATENESS });
    }
    return [...steps, { record: null, watermark: Infinity }];
  });

/**
 * Two deliveries of the same records, none of them late: each topic in its own order, the two interleaved differently, and a
 * watermark that stays before every record that is still to be read.
 */
export const inTimeDeliveries: fc.Arbitrary<readonly [readonly Step[], readonly Step[]]> = fc
  .array(record, { minLength: 1, maxLength: 9 })
  .chain((records) => {
    const delivery = fc
      .tuple(
        fc.array(fc.boolean(), { minLength: records.length, maxLength: records.length }),
        fc.array(fc.integer({ min: 0, max: 60 }), {
          minLength: records.length,
          maxLength: records.length,
        }),
      )
      .map(([ordersFirst, back]) => inTimeDelivery(records, ordersFirst, back));
    return fc.tuple(delivery, delivery);
  });

function inTimeDelivery(
  records: readonly ModelRecord[],
  ordersFirst: readonly boolean[],
  back: readonly number[],
): readonly Step[] {
  const orders = records.filter(({ kind }) => kind === 'order');
  const payments = records.filter(({ kind }) => kind === 'payment');
  const read: ModelRecord[] = [];
  for (const fromOrders of ordersFirst) {
    const next = (fromOrders ? orders.shift() : payments.shift()) ?? orders.shift();
    read.push(next ?? payments.shift()!);
  }
  const steps = read.map((record, i): Step => {
    const unread = read.slice(i + 1).map(({ at }) => at);
    const before = unread.length === 0 ? record.at : Math.min(...unread);
    return { record, watermark: before - 1 - back[i]! };
  });
  return [...steps, { record: null, watermark: Infinity }];
}

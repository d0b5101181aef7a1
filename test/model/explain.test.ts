/** Each worked example explained: every evaluation has its outcome and its reason, and they are what really happened. */
import { describe, expect, test } from 'vitest';
import { fromJson, topics } from '#schemas';
import {
  defaultAlertSettings,
  orderLife,
  orderReport,
  type AlertSettings,
} from '#topology/kafka-alert';
import { loadVector, vectorNames, type Vector } from '../support/vectors.ts';
import { Harness } from './harness.ts';

const ALLOWED_LATENESS_MS = 5_000;

describe.each(vectorNames)('%s', (name) => {
  const vector = loadVector(name);
  const settings = settingsOf(vector);
  const { harness, last } = readToEnd(vector, settings);
  // As long as nothing is forgotten: a grace after the last record everything is decided.
  harness.moveTo(last + settings.graceMs);
  const reports = [...harness.orders].map(([orderNo, order]) =>
    orderReport(orderNo, order, settings, harness.watermark),
  );
  const evaluations = reports.flatMap(({ timelines }) => timelines.flatMap((t) => t.evaluations));
  const ended = (outcome: string) => evaluations.filter((each) => each.outcome === outcome);

  test('what is raised and suppressed has an evaluation each', () => {
    const known = new Set(reports.flatMap(({ timelines }) => timelines.flatMap((t) => t.alerts)));
    expect(ended('raised')).toHaveLength(known.size);
    const ids = [...known].map(({ alertId }) => alertId).sort();
    expect(
      ended('raised')
        .map(({ alertId }) => alertId)
        .sort(),
    ).toEqual(ids);
    expect(ended('suppressed')).toHaveLength(harness.counts.get('suppressed') ?? 0);
    expect(ended('pending')).toEqual([]);
    if (harness.orders.size === new Set(vector.events.map(({ key }) => key)).size)
      expect(ids).toEqual(harness.alerts.map(({ alertId }) => alertId).sort());
  });

  test('each has a reason, and a line in the life of its order', () => {
    for (const { why } of evaluations) expect(why).toMatch(/\w{3}/);
    for (const report of reports) {
      const lines = orderLife(report);
      const instants = lines.map(({ at }) => at);
      expect(instants).toEqual([...instants].sort());
      const resolved = report.timelines.flatMap((t) => t.alerts).filter((a) => a.resolvedAt);
      expect(lines.filter(({ kind }) => kind === 'resolved')).toHaveLength(resolved.length);
    }
  });

  test('before anything is decided, it says what will come', () => {
    if (name.startsWith('late-')) return; // decided as it is read
    const unread = new Harness(settings);
    for (const record of recordsOf(vector)) unread.read(record);
    const pending = [...unread.orders].flatMap(([orderNo, order]) =>
      orderReport(orderNo, order, settings).timelines.flatMap((t) => t.evaluations),
    );
    const by = (start: string) => pending.filter(({ why }) => why.startsWith(start)).length;
    expect(by('will be raised')).toBe(harness.alerts.length);
    expect(by('will be suppressed')).toBe(harness.counts.get('suppressed') ?? 0);
  });
});

test.each([
  [
    'a-order-stuck',
    'RULE_A',
    'raised',
    /^payment CAPTURED since 12:01:00, order still WAITING_PAYMENT$/,
  ],
  ['a-paid-exactly-at-d', 'RULE_A', 'not-raised', /^the order was PAID since 12:06:00$/],
  ['a-paid-1ms-after-d', 'RULE_A', 'raised', /order still WAITING_PAYMENT/],
  ['a-payment-fails-before-d', 'RULE_A', 'not-raised', /^the payment was \w+ since/],
  ['a-unknown-order', 'RULE_A', 'raised', /order still UNKNOWN \(no record of it\)/],
  ['a-unknown-order-off', 'RULE_A', 'not-raised', /UNKNOWN_ORDER is off/],
  ['a-not-when-c1-is-met', 'RULE_A', 'not-raised', /^RULE_C found the payment too late at/],
  [
    'b-paid-without-payment',
    'RULE_B',
    'raised',
    /^order PAID since .*, and no payment was observed$/,
  ],
  ['b-late-failure', 'RULE_B', 'raised', /^order PAID since .*, payment \w+ since/],
  [
    'b-order-corrected-in-time',
    'RULE_B',
    'not-raised',
    /^the order was WAITING_PAYMENT since 12:07:00$/,
  ],
  ['c-expired', 'RULE_C', 'raised', /^payment CAPTURED at .*, but it had expired at 12:15:00$/],
  [
    'c-exactly-at-expiry',
    'RULE_C',
    'not-raised',
    /^the payment came in time.*the expiry is 12:15:00$/,
  ],
  ['c-refund-in-flight', 'RULE_C', 'not-raised', /^the payment was REFUNDED since/],
  ['c-once-by-both-rows', 'RULE_C', 'suppressed', /^raised for the same event at/],
  ['suppress-bounds', 'RULE_A', 'suppressed', /^raised 4 min 59.999 s before, for evt_2$/],
  ['suppress-by-offset', 'RULE_A', 'suppressed', /^raised at the same instant, for evt_9$/],
  [
    'late-paid-takes-nothing-back',
    'RULE_A',
    'raised',
    /read too late: the order was PAID since 12:02:00/,
  ],
  ['late-failure-repeats-nothing', 'RULE_B', 'not-raised', /read too late: order PAID since/],
])('%s: why %s was %s', (name, ruleId, outcome, why) => {
  const vector = loadVector(name);
  const settings = settingsOf(vector);
  const { harness, last } = readToEnd(vector, settings);
  harness.moveTo(last + settings.graceMs);
  const found = [...harness.orders].flatMap(([orderNo, order]) =>
    orderReport(orderNo, order, settings, harness.watermark).timelines.flatMap((t) =>
      t.evaluations.filter((each) => each.ruleId === ruleId && each.outcome === outcome),
    ),
  );
  expect(found.map((each) => each.why)).toContainEqual(expect.stringMatching(why));
});

function recordsOf({ events }: Vector) {
  return events.map(({ topic, value }) =>
    topic === topics.paymentStatusObserved.name
      ? fromJson(topics.paymentStatusObserved, value)
      : fromJson(topics.orderStatusChanged, value),
  );
}

/** Reads the records as a replay of the file does, up to the last one. */
function readToEnd(vector: Vector, settings: AlertSettings) {
  const harness = new Harness(settings);
  const latest = { order: -Infinity, payment: -Infinity };
  for (const record of recordsOf(vector)) {
    harness.read(record);
    if ('eventId' in record) latest.payment = Math.max(latest.payment, record.occurredAt);
    else latest.order = Math.max(latest.order, record.updatedAt);
    harness.moveTo(Math.min(latest.order, latest.payment) - ALLOWED_LATENESS_MS);
  }
  return { harness, last: Math.max(latest.order, latest.payment) };
}

function settingsOf({ options }: Vector): AlertSettings {
  const { unknownOrder, ...rest } = options;
  const isOn = unknownOrder === undefined || unknownOrder === true || unknownOrder === 'on';
  return { ...defaultAlertSettings, ...rest, unknownOrder: isOn };
}

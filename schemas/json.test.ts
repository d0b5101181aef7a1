import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseContract } from './contract.ts';
import { BadValue, fromJson, parseTime, toJson } from './json.ts';
import { orderCommands, valueOf } from './testing/arbitrary.ts';
import { topics, type AvroTopic } from './topics.ts';
import { MAX_TIME } from './validate.ts';

const { orderStatusChanged, paymentStatusObserved } = topics;
const order = { orderNo: 'ORD-1', status: 'PAID', updatedAt: '2024-02-01T12:00:00.000Z' };
const payment = { orderNo: 'ORD-1', status: 'CAPTURED', eventId: 'evt_1', occurredAt: 5 };

test('times are ISO-8601 or epoch milliseconds, optional fields may be missing', () => {
  const noon = Date.UTC(2024, 1, 1, 12);
  const expected = {
    orderNo: 'ORD-1',
    status: 'PAID',
    paymentStatus: null,
    updatedAt: noon,
    paymentExpiresAt: null,
    reason: null,
  };
  expect(fromJson(orderStatusChanged, order)).toEqual(expected);
  expect(fromJson(orderStatusChanged, { ...order, updatedAt: noon })).toEqual(expected);
  expect(fromJson(orderStatusChanged, { ...order, reason: null, paymentExpiresAt: noon })).toEqual({
    ...expected,
    paymentExpiresAt: noon,
  });
});

test('any other word of a status or source is UNKNOWN', () => {
  expect(fromJson(orderStatusChanged, { ...order, status: 'SHIPPED' }).status).toBe('UNKNOWN');
  expect(fromJson(orderStatusChanged, { ...order, status: 'paid' }).status).toBe('UNKNOWN');
  expect(fromJson(paymentStatusObserved, { ...payment, source: 'FAX' }).source).toBe('UNKNOWN');
  expect(fromJson(paymentStatusObserved, payment).source).toBe('UNKNOWN');
  expect(fromJson(paymentStatusObserved, { ...payment, status: 'anything' }).status).toBe(
    'anything',
  );
});

test('fields that the contract does not have are ignored', () => {
  expect(fromJson(paymentStatusObserved, { ...payment, __proto__: { source: 'POLLING' } })).toEqual(
    { ...payment, source: 'UNKNOWN' },
  );
  expect(fromJson(paymentStatusObserved, { ...payment, colour: 1 })).not.toHaveProperty('colour');
});

test.each<[string, unknown, string]>([
  ['no object', 'PAID', 'must be an object, got "PAID"'],
  ['a list', [], 'must be an object, got []'],
  ['null', null, 'must be an object, got null'],
  ['a missing field', { ...order, orderNo: undefined }, 'orderNo: is missing'],
  ['a missing status', { ...order, status: undefined }, 'status: is missing'],
  ['a field that must not be null', { ...order, updatedAt: null }, 'updatedAt: is missing'],
  ['a number for a text', { ...order, orderNo: 1 }, 'orderNo: must be a string, got 1'],
  ['a number for a word', { ...order, status: 1 }, 'status: must be a word, got 1'],
  ['an object for a text', { ...order, reason: {} }, 'reason: must be a string, got {}'],
  [
    'true for a time',
    { ...order, updatedAt: true },
    'updatedAt: must be an ISO-8601 time or epoch',
  ],
  ['an empty key', { ...order, orderNo: '' }, 'orderNo is empty'],
  ['a negative time', { ...order, updatedAt: -1 }, 'updatedAt: -1 is no time between 1970'],
  [
    'microseconds',
    { ...order, updatedAt: 1_706_789_000_000_000 },
    'updatedAt: 1706789000000000 is',
  ],
  ['half a millisecond', { ...order, updatedAt: 0.5 }, 'updatedAt: 0.5 is no time'],
  ['no date', { ...order, updatedAt: 'yesterday' }, 'updatedAt: "yesterday" is no ISO-8601 time'],
  ['a wrong expiry', { ...order, paymentExpiresAt: '2024-13-01T00:00:00Z' }, 'paymentExpiresAt: '],
])('%s is refused, and the field is named', (_, json, message) => {
  expect(() => fromJson(orderStatusChanged, json)).toThrow(BadValue);
  expect(() => fromJson(orderStatusChanged, json)).toThrow(message);
});

test('what is nested is named by its path', () => {
  const topic = topics.alertRaised;
  const [alert] = vectorLines('alerts');
  const json = { ...(alert as object), observed: { paymentStatus: null } };
  expect(() => fromJson(topic, json)).toThrow('observed.orderStatus: is missing');
});

describe('a time', () => {
  test.each([
    ['2024-02-01T12:34:56.789Z', Date.UTC(2024, 1, 1, 12, 34, 56, 789)],
    ['2024-02-01T12:34:56Z', Date.UTC(2024, 1, 1, 12, 34, 56)],
    ['2024-02-01T12:34Z', Date.UTC(2024, 1, 1, 12, 34)],
    ['2024-02-01T12:34:56.789123Z', Date.UTC(2024, 1, 1, 12, 34, 56, 789)],
    ['2024-02-01T21:34:56+09:00', Date.UTC(2024, 1, 1, 12, 34, 56)],
    ['2024-02-29T00:00:00Z', Date.UTC(2024, 1, 29)],
    ['1970-01-01T00:00:00.000Z', 0],
    ['2100-01-01T00:00:00.000Z', MAX_TIME],
  ])('%s', (text, time) => expect(parseTime(text)).toBe(time));

  test.each([
    '',
    '2024',
    '2024-02-01',
    '2024-02-01T12:34:56',
    '2024-02-30T00:00:00Z',
    '2023-02-29T00:00:00Z',
    '2024-00-10T00:00:00Z',
    '2024-02-01T25:00:00Z',
    '2024-02-01T12:60:00Z',
    '2024-02-01 12:34:56Z',
    '1706789000000',
    '1969-12-31T23:59:59.999Z',
    '2100-01-01T00:00:00.001Z',
  ])('"%s" is none', (text) => expect(() => parseTime(text)).toThrow());
});

test('JSON has the fields in the order of the contract, times in ISO-8601', () => {
  const shuffled = {
    source: 'WEBHOOK' as const,
    occurredAt: 1_706_789_096_000,
    eventId: 'evt_1',
    status: 'CAPTURED',
    orderNo: 'ORD-1',
  };
  expect(JSON.stringify(toJson(paymentStatusObserved, shuffled))).toBe(
    '{"orderNo":"ORD-1","status":"CAPTURED","eventId":"evt_1","occurredAt":"2024-02-01T12:04:56.000Z","source":"WEBHOOK"}',
  );
});

describe.each<AvroTopic<unknown>>(Object.values(topics))('$name', (topic) => {
  test('what was written as JSON is read as it was', () => {
    fc.assert(
      fc.property(
        topic === topics.orderCommand ? orderCommands : valueOf(topic.schema),
        (value) => {
          fc.pre(topic.validate(value) === undefined);
          const json: unknown = JSON.parse(JSON.stringify(toJson(topic, value)));
          expect(fromJson(topic, json)).toEqual(value);
        },
      ),
    );
  });
});

test.each([
  ['alerts', topics.alertRaised],
  ['resolved', topics.alertResolved],
] as [string, AvroTopic<unknown>][])(
  'the lines of the vectors (%s) are in this form',
  (of, topic) => {
    const lines = vectorLines(of);
    expect(lines.length).toBeGreaterThan(10);
    for (const line of lines) {
      expect(JSON.stringify(toJson(topic, fromJson(topic, line)))).toBe(JSON.stringify(line));
    }
  },
);

test('a schema that JSON cannot carry is refused, not misread', () => {
  const schema = parseContract(
    '{"type":"record","name":"R","fields":[{"name":"a","type":["null","string","long"]}]}',
  );
  expect(() => fromJson({ ...paymentStatusObserved, schema }, { a: 1 })).toThrow(/only unions/);
});

function vectorLines(of: string): unknown[] {
  const folder = new URL('../test/vectors/', import.meta.url);
  return readdirSync(folder)
    .filter((file) => file.endsWith(`.${of}.jsonl`))
    .flatMap((file) => readFileSync(new URL(file, folder), 'utf8').split('\n'))
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as unknown);
}

import { expect, test } from 'vitest';
import { renamed, topics } from '#schemas';
import { parseEvent } from './events.ts';

const inputs = [topics.orderStatusChanged, topics.paymentStatusObserved];
const payment = {
  topic: 'payment-status-observed',
  key: 'ORD-1',
  value: { orderNo: 'ORD-1', status: 'CAPTURED', eventId: 'evt_1', occurredAt: 5 },
};

test('a record of an input topic', () => {
  const { topic, value } = parseEvent(JSON.stringify(payment), inputs);
  expect(topic).toBe(topics.paymentStatusObserved);
  expect(value).toEqual({ ...payment.value, source: 'UNKNOWN' });
});

test('topics are known by the names that the settings give them', () => {
  const inputs = [renamed(topics.paymentStatusObserved, 'mine')];
  expect(parseEvent(JSON.stringify({ ...payment, topic: 'mine' }), inputs).topic.name).toBe('mine');
  expect(() => parseEvent(JSON.stringify(payment), inputs)).toThrow(
    'unknown topic "payment-status-observed", expected "mine"',
  );
});

test.each<[string, unknown, string]>([
  ['broken JSON', '{"topic":', 'is not JSON: '],
  ['a list', [payment], 'is no object with topic, key and value'],
  ['null', null, 'is no object with topic, key and value'],
  ['no topic', { ...payment, topic: undefined }, 'topic: is missing'],
  ['a topic that is no text', { ...payment, topic: 7 }, 'topic: must be a string, got 7'],
  ['an output topic', { ...payment, topic: topics.alertRaised.name }, 'unknown topic "alerts.'],
  ['no key', { ...payment, key: undefined }, 'key: is missing'],
  ['a key that is no text', { ...payment, key: 7 }, 'key: must be a string, got 7'],
  ['no value', { ...payment, value: undefined }, 'value: is missing'],
  ['a tombstone', { ...payment, value: null }, 'value.must be an object, got null'],
  ['no status', change({ status: undefined }), 'value.status: is missing'],
  ['no time', change({ occurredAt: 'soon' }), 'value.occurredAt: "soon" is no ISO-8601 time'],
  ['an empty event id', change({ eventId: '' }), 'value.eventId is empty'],
  [
    'another key',
    { ...payment, key: 'ORD-2' },
    `key: is "ORD-2", but the value's orderNo is "ORD-1"`,
  ],
  ['a key of another case', { ...payment, key: 'ord-1' }, 'key: is "ord-1"'],
])('%s is refused', (_, json, problem) => {
  const text = typeof json === 'string' ? json : JSON.stringify(json);
  expect(() => parseEvent(text, inputs)).toThrow(problem);
});

function change(fields: object): object {
  return { ...payment, value: { ...payment.value, ...fields } };
}

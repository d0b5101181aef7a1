import { describe, expect, test } from 'vitest';
import { DeserializationError } from '../errors.ts';
import { MAX_EVENT_TIME } from '../serde/serde.ts';
import { rawPing } from '../testing/tasks.ts';
import { pingTopic, type Ping } from '../testing/topics.ts';
import { decodeRecord } from './decode.ts';
import type { RawRecord } from './input-record.ts';

const topic = pingTopic('pings');
const good = rawPing(7, { id: 'a', at: 100 }, { trace: 'x' });

function decode(raw: Partial<RawRecord>, overrides: Partial<typeof topic> = {}) {
  const decoding = { ...topic, ...overrides };
  return decodeRecord(decoding, decoding.value, 3, { ...good, ...raw });
}

function ping(value: unknown): Partial<RawRecord> {
  return { value: Buffer.from(JSON.stringify(value)) };
}

test('a good record comes with its event time, its headers and where it is from', () => {
  const input = decodeRecord(topic, topic.value, 3, good);
  expect(input.raw).toBe(good);
  expect(input.error).toBeUndefined();
  expect(input.record).toEqual({
    key: 'a',
    value: { id: 'a', at: 100 },
    timestamp: 100,
    headers: { trace: 'x' },
    topic: 'pings',
    partition: 3,
    offset: 7,
  });
});

test('the serde that is on the wire decodes, not the topic’s own', () => {
  const wire = {
    ...topic.value,
    decode: (bytes: Buffer) => topic.value.decode(bytes.subarray(5)),
  };
  const raw = { ...good, value: Buffer.concat([Buffer.alloc(5), good.value!]) };
  expect(decodeRecord(topic, wire, 3, raw).record?.value).toEqual({ id: 'a', at: 100 });
});

test.each([0, MAX_EVENT_TIME])('an event time of %d is one', (at) => {
  expect(decode(ping({ id: 'a', at })).record?.timestamp).toBe(at);
});

test('a key and value in any script are compared as text', () => {
  const raw = rawPing(0, { id: '注文-ß', at: 1 });
  expect(decodeRecord(topic, topic.value, 0, raw).record?.key).toBe('注文-ß');
});

describe('is an answer, with the bytes, not an exception:', () => {
  const cases: [string, ReturnType<typeof decode>, string][] = [
    ['no key', decode({ key: null }), 'the key is missing'],
    ['an empty key', decode({ key: Buffer.alloc(0) }), 'the key is missing'],
    ['a null value', decode({ value: null }), 'the value is null'],
    ['an empty value', decode({ value: Buffer.alloc(0) }), 'Unexpected end of JSON input'],
    ['bytes that are no value', decode({ value: Buffer.from([0, 1]) }), 'Unexpected token'],
    [
      'another key than the value’s',
      decode({ key: Buffer.from('b') }),
      "the key 'b' is not the value's own, 'a'",
    ],
    ['a key that is no UTF-8', decode({ key: Buffer.from([0xff]) }), "the key '\ufffd' is not"],
    ['a value without the key’s field', decode(ping({ at: 1 })), "'undefined'"],
    ['a negative event time', decode(ping({ id: 'a', at: -1 })), 'event time -1 is none'],
    [
      'an event time in microseconds',
      decode(ping({ id: 'a', at: 1_700_000_000_000_000 })),
      `expected whole milliseconds from 0 to ${MAX_EVENT_TIME}`,
    ],
    ['an event time just too late', decode(ping({ id: 'a', at: MAX_EVENT_TIME + 1 })), 'is none'],
    ['half a millisecond', decode(ping({ id: 'a', at: 1.5 })), 'event time 1.5 is none'],
    ['NaN for an event time', decode({}, { eventTime: () => NaN }), 'event time NaN is none'],
    ['infinity', decode({}, { eventTime: () => Infinity }), 'event time Infinity is none'],
    ['no event time', decode(ping({ id: 'a' })), 'event time undefined is none'],
    [
      'a value that can’t be meant',
      decode({}, { validate: (value: Ping) => `${value.id} again?` }),
      'a again?',
    ],
    ['a keyOf that throws', decode({}, { keyOf: thrower(new TypeError('no id')) }), 'no id'],
    [
      'a serde that throws a text',
      decode({}, { value: { ...topic.value, decode: thrower('just text') } }),
      'just text',
    ],
    [
      'a serde that throws nothing at all',
      decode({}, { value: { ...topic.value, decode: thrower(undefined) } }),
      'undefined',
    ],
  ];

  test.each(cases)('%s', (_, input, message) => {
    expect(input.record).toBeUndefined();
    expect(input.error).toBeInstanceOf(DeserializationError);
    expect(input.error?.message).toContain(message);
    expect(input.raw.offset).toBe(7);
  });

  test('with the first error as its cause', () => {
    const cause = new TypeError('no id');
    expect(decode({}, { keyOf: thrower(cause) }).error?.cause).toBe(cause);
  });
});

test('a validate that finds nothing lets the record pass', () => {
  expect(decode({}, { validate: () => undefined }).record?.key).toBe('a');
});

function thrower(what: unknown): () => never {
  return () => {
    throw what;
  };
}

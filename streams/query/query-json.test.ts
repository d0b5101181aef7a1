import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeAnswer, decodeRequest, encodeAnswer, encodeRequest } from './query-json.ts';
import type { QueryRequest, TaskAnswer } from './store-query.ts';

const bytes = fc.uint8Array({ maxLength: 20 }).map((array) => Buffer.from(array));
const query = fc.oneof(
  fc.record({ kind: fc.constant('get' as const), store: fc.string(), key: bytes }),
  fc.record({
    kind: fc.constant('range' as const),
    store: fc.string(),
    from: bytes,
    to: fc.option(bytes),
    limit: fc.integer({ min: 1 }),
  }),
);
const requests: fc.Arbitrary<QueryRequest> = fc.record({
  task: fc.string(),
  query,
  allowStale: fc.boolean(),
});
const answers: fc.Arbitrary<TaskAnswer> = fc.oneof(
  fc.record({
    status: fc.constant('not-available' as const),
    task: fc.string(),
    reason: fc.string(),
  }),
  fc.record({
    status: fc.constant('answered' as const),
    task: fc.string(),
    isActive: fc.boolean(),
    position: fc.nat(),
    lag: fc.nat(),
    asOf: fc.nat(),
    watermark: fc.option(fc.integer()),
    entries: fc.array(fc.tuple(bytes, bytes), { minLength: 1 }),
    isLast: fc.boolean(),
  }),
);

test('requests and answers come out as they went in', () => {
  fc.assert(
    fc.property(requests, (request) => {
      expect(decodeRequest(encodeRequest(request))).toEqual(request);
    }),
  );
  fc.assert(
    fc.property(answers, (answer) => {
      expect(decodeAnswer(encodeAnswer(answer))).toEqual(answer);
    }),
  );
});

test('so they do after a structured clone, which leaves no buffers', () => {
  const key = Buffer.from('of a larger piece of memory').subarray(3, 5);
  const request = {
    task: '0_0',
    query: { kind: 'get', store: 's', key },
    allowStale: true,
  } as const;
  const cloned = structuredClone(request) as QueryRequest;
  expect(decodeRequest(encodeRequest(cloned))).toEqual(request);
});

describe('what is no request is refused with the reason', () => {
  const good = {
    v: 1,
    task: '0_0',
    allowStale: false,
    query: { kind: 'range', store: 's', from: '', to: null, limit: 5 },
  };
  const { query: range } = good;

  test('this one is none of those', () => {
    expect(decodeRequest(JSON.stringify(good)).query).toMatchObject({ limit: 5, to: null });
  });

  test.each([
    ['{', /no JSON/],
    ['[]', /the message is no object/],
    [{ ...good, v: 2 }, /version 2 is not known, expected 1/],
    [{ ...good, task: 7 }, /task is no string/],
    [{ ...good, allowStale: 'yes' }, /allowStale is neither true nor false/],
    [{ ...good, query: null }, /query is no object/],
    [{ ...good, query: { ...range, kind: 'delete' } }, /kind of query 'delete'/],
    [{ ...good, query: { ...range, limit: 0 } }, /limit is 0/],
    [{ ...good, query: { ...range, limit: 1.5 } }, /limit is 1.5/],
    [{ ...good, query: { ...range, from: 'é' } }, /from is no base64/],
    [{ ...good, query: { ...range, to: undefined } }, /to is no base64/],
    [{ ...good, query: { kind: 'get', store: 's' } }, /key is no base64/],
  ])('%j', (message, fault) => {
    const text = typeof message === 'string' ? message : JSON.stringify(message);
    expect(() => decodeRequest(text)).toThrow(TypeError);
    expect(() => decodeRequest(text)).toThrow(fault);
  });
});

test.each([
  [{ status: 'maybe' }, /status 'maybe'/],
  [{ position: null }, /position is no number/],
  [{ watermark: 'now' }, /watermark is no number/],
  [{ entries: [['YQ==']] }, /an entry is no pair/],
  [{ entries: [['YQ==', 7]] }, /a value is no base64/],
  // Whoever pages would ask for the same page for ever.
  [{ entries: [], isLast: false }, /empty page/],
])('what is no answer is refused: %j', (fault, reason) => {
  const good = {
    status: 'answered',
    task: '0_0',
    isActive: true,
    position: 1,
    lag: 0,
    asOf: 1,
    watermark: null,
    entries: [],
    isLast: true,
  };
  expect(() => decodeAnswer(JSON.stringify({ v: 1, ...good }))).not.toThrow();
  expect(() => decodeAnswer(JSON.stringify({ v: 1, ...good, ...fault }))).toThrow(reason);
});

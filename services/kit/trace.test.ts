import { expect, test } from 'vitest';
import { traceOf } from './trace.ts';

const TRACEPARENT = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

test('hands on what the caller has', () => {
  const headers = { 'correlation-id': 'req-1', traceparent: TRACEPARENT };
  expect(of(headers)).toEqual(headers);
});

test('makes up an id where there is none', () => {
  const [one, other] = [of({}), of({})];
  expect(one['correlation-id']).not.toBe(other['correlation-id']);
  expect(one).not.toHaveProperty('traceparent');
});

test.each(['two words', 'a\nb', 'x'.repeat(129), '日本'])('%j is no id', (id) => {
  expect(of({ 'correlation-id': id })['correlation-id']).not.toBe(id);
});

test.each(['', '00-4bf9-00f0-01', `${TRACEPARENT}-more`])('%j is no traceparent', (traceparent) => {
  expect(of({ traceparent })).not.toHaveProperty('traceparent');
});

function of(headers: Readonly<Record<string, string>>) {
  return traceOf((name) => headers[name]);
}

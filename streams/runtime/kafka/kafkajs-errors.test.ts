import { expect, test } from 'vitest';
import { kafkaJsErrors } from '../testing/kafkajs-protocol.ts';
import { KafkaError } from './kafka.ts';
import { errorFromCode } from './kafkajs-internals.ts';
import { kafkaErrorFromCode, toKafkaError } from './kafkajs-errors.ts';

const create = (name: string, ...args: unknown[]) => new kafkaJsErrors[name]!(...args);
const retriesExceeded = (cause: Error) =>
  create('KafkaJSNumberOfRetriesExceeded', cause, { retryCount: 0, retryTime: 0 });

test('a protocol error keeps its type, and says what it was met at', () => {
  const thrown = errorFromCode(47);
  const error = toKafkaError(thrown, 'produce to broker 1');
  expect(error).toBeInstanceOf(KafkaError);
  expect(error.type).toBe('INVALID_PRODUCER_EPOCH');
  expect(error.message).toBe(`produce to broker 1: ${thrown.message}`);
  expect(error.cause).toBe(thrown);
});

test('a protocol error is found under what kafkajs wraps it in', () => {
  const protocol = errorFromCode(51);
  const wrapped = retriesExceeded(protocol);
  const twice = create('KafkaJSNonRetriableError', 'no way', { cause: wrapped });
  const original = Object.assign(new Error('outer'), { originalError: protocol });
  for (const thrown of [wrapped, twice, original]) {
    const error = toKafkaError(thrown, 'endTxn');
    expect(error.type).toBe('CONCURRENT_TRANSACTIONS');
    expect(error.cause).toBe(thrown);
  }
});

test.each([
  ['KafkaJSConnectionError', ['Connection timeout', { broker: 'b:9092' }]],
  ['KafkaJSConnectionClosedError', ['Closed connection', { host: 'b', port: 9092 }]],
  ['KafkaJSRequestTimeoutError', ['Request Fetch timed out', {}]],
  ['KafkaJSBrokerNotFound', ['Broker 1 not found in the cached metadata']],
  ['KafkaJSMetadataNotLoaded', ['Topic metadata not loaded']],
  ['KafkaJSTopicMetadataNotLoaded', ['Topic metadata not loaded', { topic: 't' }]],
  ['KafkaJSLockTimeout', ['Timeout while acquiring lock']],
  ['KafkaJSGroupCoordinatorNotFound', ['Failed to find group coordinator']],
])('%s means that no answer came', (name, args) => {
  const thrown = create(name, ...args);
  expect(toKafkaError(thrown, 'fetch').type).toBe('NETWORK');
  expect(toKafkaError(retriesExceeded(thrown), 'fetch').type).toBe('NETWORK');
});

test('anything else is not known, and not tried again', () => {
  for (const thrown of [new TypeError('x is not a function'), 'a string', undefined]) {
    const error = toKafkaError(thrown, 'fetch');
    expect([error.type, error.isRetriable]).toEqual(['UNKNOWN', false]);
  }
  expect(toKafkaError('a string', 'fetch').message).toBe('fetch: a string');
});

test('refused credentials are not tried again', () => {
  const thrown = create('KafkaJSSASLAuthenticationError', 'Invalid username or password');
  expect(toKafkaError(thrown, 'fetch').isRetriable).toBe(false);
});

test('an error of the port stays what it is', () => {
  const error = new KafkaError('NETWORK', 'gone');
  expect(toKafkaError(error, 'fetch')).toBe(error);
});

test('a chain of causes that does not end does not hang', () => {
  const thrown = new Error('round');
  thrown.cause = thrown;
  expect(toKafkaError(thrown, 'fetch').type).toBe('UNKNOWN');
});

test('an error code of an answer becomes an error', () => {
  const error = kafkaErrorFromCode(1, 'fetch of t-0');
  expect(error.type).toBe('OFFSET_OUT_OF_RANGE');
  expect(error.message).toMatch(/^fetch of t-0: /);
  expect(kafkaErrorFromCode(9999, 'fetch').type).toBe('KAFKAJS_UNKNOWN_ERROR_CODE');
});

import { describe, expect, test } from 'vitest';
import { StreamsException, TaskCorrupted, TaskMigrated, TopologyError } from '../errors.ts';
import { ErrorPolicy, kindOf, type UncaughtErrorHandler } from './error-policy.ts';
import { silentLogger } from './logger.ts';
import { collectingLogger, kafkaError } from './testing/stub-kafka.ts';

const policy = (handler: UncaughtErrorHandler) => new ErrorPolicy(handler, silentLogger);

describe('the kind of an error', () => {
  const refused = kafkaError('MESSAGE_TOO_LARGE');
  test.each([
    ['transient', kafkaError('NETWORK')],
    ['transient', kafkaError('OFFSET_OUT_OF_RANGE')],
    ['task-corrupted', new TaskCorrupted('…', { cause: kafkaError('NETWORK') })],
    ['task-migrated', new TaskMigrated('…', { cause: kafkaError('INVALID_PRODUCER_EPOCH') })],
    ['refused', kafkaError('GROUP_AUTHORIZATION_FAILED')],
    ['refused', new StreamsException('…', { cause: refused })],
    ['processing', new StreamsException('…')],
    ['processing', new StreamsException('…', { cause: new RangeError('…') })],
    ['processing', new TopologyError('…')],
    ['bug', new TypeError('…')],
    ['bug', 'not even an error'],
  ] as const)('%s: %o', (kind, error) => {
    expect(kindOf(error)).toBe(kind);
  });
});

describe('the action', () => {
  test('is the default for kinds that are left out', () => {
    const some = policy({ bug: 'replace-thread' });
    expect(some.decide(new TypeError('…'), '0_0')).toBe('replace-thread');
    expect(some.decide(new StreamsException('…'), '0_0')).toBe('shutdown-client');
    expect(some.decide(new TaskCorrupted('…'), '0_0')).toBe('restart-task');
  });

  test('concerns the thread where there is no task to start again', () => {
    expect(policy({ bug: 'restart-task' }).decide(new TypeError('…'))).toBe('replace-thread');
  });

  test('of a function that is given an error, whatever was thrown', () => {
    const seen: unknown[] = [];
    const own = policy((error, context) => {
      seen.push([error, context]);
      return 'shutdown-application';
    });
    expect(own.decide('a string', '0_7')).toBe('shutdown-application');
    expect(seen).toEqual([[new Error('a string'), { kind: 'bug', task: '0_7' }]]);
  });
});

test('errors are counted by kind', () => {
  const counting = policy({});
  for (const error of [new TypeError('…'), kafkaError('NETWORK'), kafkaError('NETWORK')])
    counting.decide(error, '0_0');
  expect([...counting.counts]).toEqual([
    ['bug', 1],
    ['transient', 2],
  ]);
});

test('each decision is logged with its kind, action and task', () => {
  const logger = collectingLogger();
  new ErrorPolicy({}, logger).decide(new TaskCorrupted('no answer'), '0_3');
  const fields = { kind: 'task-corrupted', action: 'restart-task', task: '0_3' };
  expect(logger.warnings[0]![0]).toEqual({ ...fields, error: 'no answer' });
});

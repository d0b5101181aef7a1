import { logLevel as KafkaLogLevel, type logLevel } from 'kafkajs';
import { expect, test } from 'vitest';
import { createLogger, kafkaLogs } from './log.ts';
import type { LogLevel } from './settings.ts';

test('one JSON object a line: level in words, time in ISO-8601, the process’s name', () => {
  const { lines, logger } = capture('info');
  logger.info({ partition: 3 }, 'task started');
  logger.debug('not shown');
  expect(lines()).toEqual([
    expect.objectContaining({
      level: 'info',
      name: 'test',
      partition: 3,
      msg: 'task started',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) as string,
    }),
  ]);
});

test('errors are shown with their stack, passwords are not shown', () => {
  const { lines, logger } = capture('info');
  logger.error({ error: new Error('broken'), kafka: { password: 's3cret' } }, 'oh');
  const [line] = lines();
  expect(line).toHaveProperty('error.message', 'broken');
  expect(JSON.stringify(line)).not.toContain('s3cret');
});

test.each<[LogLevel, string[]]>([
  ['info', ['warn', 'warn']],
  ['debug', ['warn', 'warn', 'debug']],
  ['trace', ['warn', 'warn', 'debug', 'trace']],
])('the Kafka client’s lines at level %s come a step lower', (level, expected) => {
  const { lines, logger } = capture(level);
  const { logCreator, logLevel: from } = kafkaLogs(logger);
  const log = logCreator(from);
  for (const each of [
    KafkaLogLevel.ERROR,
    KafkaLogLevel.WARN,
    KafkaLogLevel.INFO,
    KafkaLogLevel.DEBUG,
  ]) {
    if (each <= from) log(entry(each));
  }
  expect(lines().map((line) => line.level)).toEqual(expected);
  expect(lines()[0]).toMatchObject({
    msg: 'kafka client: Connection error',
    part: 'Connection',
    broker: 'a:1',
  });
});

function entry(level: logLevel) {
  return {
    namespace: 'Connection',
    level,
    label: '',
    log: {
      timestamp: '2024-02-01T12:00:00Z',
      message: 'Connection error',
      logger: 'kafkajs',
      broker: 'a:1',
    },
  };
}

function capture(level: LogLevel) {
  const written: string[] = [];
  const destination = { write: (line: string) => void written.push(line) };
  return {
    logger: createLogger({ name: 'test', level, destination }),
    lines: () => written.map((line) => JSON.parse(line) as Record<string, unknown>),
  };
}

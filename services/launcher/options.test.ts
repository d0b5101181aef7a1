import { expect, test } from 'vitest';
import { COMPONENTS } from './infra/types.ts';
import { parseOptions, UsageError } from './options.ts';

test('without options: all components, in the form that fits the machine', () => {
  expect(parseOptions([])).toEqual({
    mode: 'auto',
    components: COMPONENTS,
    kafkaBrokers: 1,
    dataDir: undefined,
    help: false,
  });
});

test('some components, in one form', () => {
  const { mode, components } = parseOptions(['--only', 'registry, kafka', '--native'], {
    only: true,
  });
  expect(mode).toBe('native');
  expect(components).toEqual(['kafka', 'registry']);
});

test('several brokers, as processes', () => {
  expect(parseOptions(['--brokers', '3'], { only: true }).kafkaBrokers).toBe(3);
});

test.each([
  [['--only', 'kafka,zookeeper'], /'zookeeper'.*kafka, registry, mysql/],
  [['--docker', '--native'], /exclude/],
  [['--brokers', 'many'], /--brokers takes a number from 1 to 9, not 'many'/],
  [['--brokers', '0'], /--brokers takes a number/],
  [['--brokers', '3', '--docker'], /--native/],
  [['--no-such-option'], /no-such-option/],
  [['file'], /file/],
])('%j is wrong use', (args, message) => {
  expect(() => parseOptions(args, { only: true })).toThrow(UsageError);
  expect(() => parseOptions(args, { only: true })).toThrow(message);
});

test.each(['--only', '--brokers'])('npm start takes no %s', (option) => {
  expect(() => parseOptions([option, 'kafka'])).toThrow(/npm run infra/);
});

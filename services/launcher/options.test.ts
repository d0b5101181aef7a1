import { expect, test } from 'vitest';
import { COMPONENTS } from './infra/types.ts';
import { parseOptions, UsageError } from './options.ts';

test('without options: all components, in the form that fits the machine', () => {
  expect(parseOptions([])).toEqual({
    mode: 'auto',
    components: COMPONENTS,
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

test.each([
  [['--only', 'kafka,zookeeper'], /'zookeeper'.*kafka, registry, mysql/],
  [['--docker', '--native'], /exclude/],
  [['--no-such-option'], /no-such-option/],
  [['file'], /file/],
])('%j is wrong use', (args, message) => {
  expect(() => parseOptions(args, { only: true })).toThrow(UsageError);
  expect(() => parseOptions(args, { only: true })).toThrow(message);
});

test('npm start takes no --only', () => {
  expect(() => parseOptions(['--only', 'kafka'])).toThrow(UsageError);
});

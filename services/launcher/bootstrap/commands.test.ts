import { expect, test } from 'vitest';
import { HELP, parseCommand } from './commands.mjs';

test('a command is the files that it runs, the user’s arguments last', () => {
  expect(parseCommand(['test:unit', 'streams', '-t', 'timer'])).toEqual({
    steps: [
      ['node_modules/vitest/vitest.mjs', 'run', '--project', 'unit', 'streams', '-t', 'timer'],
    ],
  });
});

test('lint is two runs, one after the other', () => {
  const { steps = [] } = parseCommand(['lint']);
  expect(steps.map(([file]) => file)).toEqual([
    'node_modules/eslint/bin/eslint.js',
    'node_modules/prettier/bin/prettier.cjs',
  ]);
});

test('types are checked of what runs in Node, and of what runs in browsers', () => {
  const tsc = 'node_modules/typescript/bin/tsc';
  expect(parseCommand(['typecheck'])).toEqual({ steps: [[tsc], [tsc, '-p', 'bff/web']] });
});

test('exec runs any file', () => {
  expect(parseCommand(['exec', 'test/bench/main.ts', '--json'])).toEqual({
    steps: [['test/bench/main.ts', '--json']],
  });
  expect(parseCommand(['exec'])).toHaveProperty('fault');
});

test.each([[[]], [['no-such-command']], [['constructor']]])('%j is a fault', (args) => {
  expect(parseCommand(args)).toHaveProperty('fault');
});

test('every command is in the help', () => {
  for (const name of [
    'start',
    'infra',
    'test',
    'test:unit',
    'lint',
    'typecheck',
    'bench',
    'exec',
  ]) {
    expect(HELP).toMatch(new RegExp(`^  ${name}\\b`, 'm'));
  }
});

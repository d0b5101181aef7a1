import { expect, test } from 'vitest';
import { number, table } from './table.ts';

test('columns are as wide as they need to be, numbers at the right', () => {
  const rows = [
    ['kafka-alert', '9,000'],
    ['peer', '–'],
  ];
  expect(table(['application', 'records/s'], rows)).toBe(
    [
      'application  records/s',
      '───────────  ─────────',
      'kafka-alert      9,000',
      'peer                 –',
      '',
    ].join('\n'),
  );
});

test('numbers have thousands, digits, and a sign for none', () => {
  expect(number(1234567.891, 1)).toBe('1,234,567.9');
  expect(number(2, 2)).toBe('2.00');
  expect(number(null, 0)).toBe('–');
  expect(number(undefined, 0)).toBe('–');
  expect(number(NaN, 0)).toBe('–');
});

import { describe, expect, test } from 'vitest';
import { clock, duration, exactTime, relativeTime, yen } from './format.ts';

const NOON = Date.parse('2024-02-01T03:34:56Z');

test('money is in yen, with thousands', () => {
  expect([0, 980, 1280, 1234567, -5000].map(yen)).toEqual([
    '¥0',
    '¥980',
    '¥1,280',
    '¥1,234,567',
    '−¥5,000',
  ]);
});

describe('times', () => {
  test.each([
    [0, 'just now', 'たった今'],
    [45_000, '45 s ago', '45秒前'],
    [150_000, '2 min ago', '2分前'],
    [3 * 3_600_000, '3 h ago', '3時間前'],
    [50 * 3_600_000, '2 d ago', '2日前'],
    [-120_000, 'in 2 min', '2分後'],
  ])('%d ms before are %s', (ms, en, ja) => {
    expect(relativeTime(NOON - ms, NOON, 'en')).toBe(en);
    expect(relativeTime(NOON - ms, NOON, 'ja')).toBe(ja);
  });

  test('exactly, they are in Japan’s zone, whatever the machine’s', () => {
    expect(exactTime(NOON, 'ja')).toBe('2024年2月1日 12:34');
    expect(exactTime(NOON, 'en', true)).toBe('1 Feb 2024, 12:34:56');
  });

  test('durations are in their largest unit, rounded down', () => {
    expect(duration(119_000, 'en')).toBe('1 min');
  });
});

test.each([
  [300_000, '5:00'],
  [299_001, '5:00'],
  [61_000, '1:01'],
  [1, '0:01'],
  [0, '0:00'],
  [-4000, '0:00'],
  [3_725_000, '1:02:05'],
])('a countdown of %d ms shows %s', (ms, shown) => {
  expect(clock(ms)).toBe(shown);
});

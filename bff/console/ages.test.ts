import { expect, test } from 'vitest';
import { ageBucket, ago, duration, shortDuration } from './ages.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

test.each([
  [0, 'm5'],
  [5 * MINUTE, 'm5'],
  [5 * MINUTE + 1, 'h1'],
  [HOUR, 'h1'],
  [HOUR + 1, 'h24'],
  [DAY, 'h24'],
  [DAY + 1, 'older'],
])('%d ms is in %s', (ageMs, bucket) => {
  expect(ageBucket(ageMs)).toBe(bucket);
});

test.each([
  [0, '0 s', '0秒'],
  [45_000, '45 s', '45秒'],
  [5 * MINUTE, '5 min', '5分'],
  [5 * MINUTE + 45_000, '5 min 45 s', '5分45秒'],
  [12 * MINUTE + 45_000, '12 min', '12分'],
  [3 * HOUR + 20 * MINUTE, '3 h 20 min', '3時間20分'],
  [2 * DAY + 3 * HOUR, '2 d 3 h', '2日3時間'],
  [9 * DAY + 3 * HOUR, '9 d', '9日'],
])('%d ms reads %s, %s', (ms, en, ja) => {
  expect(duration(ms, 'en')).toBe(en);
  expect(duration(ms, 'ja')).toBe(ja);
});

test('what is shorter than ten seconds has tenths, than one milliseconds', () => {
  expect(shortDuration(420, 'en')).toBe('420 ms');
  expect(shortDuration(3456, 'en')).toBe('3.4 s');
  expect(shortDuration(3000, 'ja')).toBe('3秒');
});

test('ago', () => {
  expect(ago(3000, 'en')).toBe('3 s ago');
  expect(ago(3000, 'ja')).toBe('3秒前');
  expect(ago(200, 'en')).toBe('just now');
});

import { expect, test } from 'vitest';
import { checkedSettings, defaultAlertSettings } from './settings.ts';

test('the defaults are five minutes, seven days, and alerts for unknown orders', () => {
  expect(checkedSettings(defaultAlertSettings)).toEqual({
    graceMs: 300_000,
    retentionMs: 604_800_000,
    unknownOrder: true,
  });
});

test.each([0, 1, 1_000])('a grace of %i within a retention of 1000 is fine', (graceMs) => {
  const settings = { ...defaultAlertSettings, graceMs, retentionMs: 1_000 };
  expect(checkedSettings(settings)).toBe(settings);
});

test.each([-1, 0.5, NaN, Infinity, 1_001])('a grace of %d is refused by name', (graceMs) => {
  const settings = { ...defaultAlertSettings, graceMs, retentionMs: 1_000 };
  expect(() => checkedSettings(settings)).toThrow(/^graceMs must be .*, not /);
});

test.each([0, -1, 0.5, NaN, Infinity])('a retention of %d is refused by name', (retentionMs) => {
  const settings = { ...defaultAlertSettings, graceMs: 0, retentionMs };
  expect(() => checkedSettings(settings)).toThrow(/^retentionMs must be .*, not /);
});

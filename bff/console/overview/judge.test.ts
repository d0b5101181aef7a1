import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MINUTE, sampleOverview, T0 } from '../testing/samples.ts';
import { alertSeries, feedTone, openTone, serviceTone, sloTone, stacked } from './judge.ts';

const overview = sampleOverview();
const [service] = overview.services;

test('a service is good, behind, or down', () => {
  expect(serviceTone(service!)).toBe('good');
  expect(serviceTone({ ...service!, watermarkDelayMs: 60_000 })).toBe('warn');
  expect(serviceTone({ ...service!, lag: 5000 })).toBe('warn');
  expect(serviceTone({ ...service!, deadLetters: 1 })).toBe('warn');
  expect(serviceTone({ ...service!, isUp: false, lag: null })).toBe('bad');
});

test('the objective is met, nearly used up, or missed', () => {
  const slo = { objective: 0.99, within: 999, missed: 1, share: 0.999, budgetLeft: 0.9 };
  expect(sloTone(slo)).toBe('good');
  expect(sloTone({ ...slo, budgetLeft: 0.1 })).toBe('warn');
  expect(sloTone({ ...slo, share: 0.98, budgetLeft: -1 })).toBe('bad');
  expect(sloTone({ ...slo, share: null })).toBe('plain');
});

test('a steady feed that never spoke, or not for long, is to be looked at; alerts may be rare', () => {
  const orders = (lastAt: number | null) => ({ name: 'order-status-changed', lastAt });
  expect(feedTone(orders(T0), T0 + MINUTE)).toBe('good');
  expect(feedTone(orders(T0), T0 + 61 * MINUTE)).toBe('warn');
  expect(feedTone(orders(null), T0)).toBe('warn');
  expect(feedTone({ name: 'alerts', lastAt: T0 }, T0 + 61 * MINUTE)).toBe('plain');
});

test('open alerts are good news when there are none, and bad when they get old', () => {
  expect(openTone([])).toBe('good');
  expect(openTone(overview.open)).toBe('bad');
});

test('buckets without alerts are there, with zeros', () => {
  const series = alertSeries(overview);
  const [a] = series.byRule;
  expect(new Set(series.at.slice(1).map((at, i) => at - series.at[i]!))).toEqual(
    new Set([overview.stepMs]),
  );
  expect(a!.raised).toHaveLength(series.at.length);
  const all = series.byRule.flatMap(({ raised }) => raised).reduce((sum, each) => sum + each, 0);
  expect(all).toBe(overview.alerts.reduce((sum, { raised }) => sum + raised, 0));
});

test('the topmost of a stack is the sum', () => {
  const rows = fc.array(fc.array(fc.nat(100), { minLength: 3, maxLength: 3 }), { minLength: 1 });
  fc.assert(
    fc.property(rows, (all) => {
      const sums = [0, 1, 2].map((i) => all.reduce((sum, row) => sum + row[i]!, 0));
      expect(stacked(all).at(-1)).toEqual(sums);
    }),
  );
});

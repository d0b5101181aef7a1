import fc from 'fast-check';
import { expect, test } from 'vitest';
import { alertsQuery } from '../../contract-ops.ts';
import { sampleAlert } from '../testing/samples.ts';
import {
  AGES,
  apiQueryOf,
  filtersOf,
  matches,
  NO_FILTERS,
  RULES,
  searchOf,
  STATES,
} from './filters.ts';

const filters = fc.record({
  rules: fc.subarray([...RULES]),
  state: fc.constantFrom(...STATES),
  age: fc.constantFrom(...AGES),
  q: fc.string({ maxLength: 64 }).map((text) => text.trim()),
  sort: fc.constantFrom('oldest' as const, 'newest' as const),
  page: fc.integer({ min: 1, max: 10_000 }),
});

test('filters survive the URL', () => {
  fc.assert(
    fc.property(filters, (given) => {
      expect(filtersOf(new URLSearchParams(searchOf(given)))).toEqual(given);
    }),
  );
});

test('the plain list has no query', () => {
  expect(searchOf(NO_FILTERS)).toBe('');
  expect(searchOf({ ...NO_FILTERS, rules: ['RULE_A', 'RULE_C'], age: 'older' })).toBe(
    '?rule=RULE_A,RULE_C&age=older',
  );
});

test('a form with several boxes of one name is read, too', () => {
  expect(filtersOf(new URLSearchParams('rule=RULE_C&rule=RULE_A')).rules).toEqual([
    'RULE_A',
    'RULE_C',
  ]);
});

test('the API understands every combination', () => {
  fc.assert(
    fc.property(filters, (given) => {
      expect(alertsQuery.safeParse(apiQueryOf(given)).success).toBe(true);
    }),
  );
});

test('nonsense in the URL is left out', () => {
  const odd = new URLSearchParams('rule=X&state=maybe&age=young&page=-3&sort=random');
  expect(filtersOf(odd)).toEqual(NO_FILTERS);
});

test('an alert that comes in matches by rule, state, age and order', () => {
  const alert = sampleAlert();
  const now = alert.detectedAt + 1000;
  expect(matches(alert, NO_FILTERS, now)).toBe(true);
  expect(matches(alert, { ...NO_FILTERS, rules: ['RULE_B'] }, now)).toBe(false);
  expect(matches(alert, { ...NO_FILTERS, state: 'RESOLVED' }, now)).toBe(false);
  expect(matches(alert, { ...NO_FILTERS, age: 'older' }, now)).toBe(false);
  expect(matches(alert, { ...NO_FILTERS, q: 'ORD-2024' }, now)).toBe(true);
  expect(matches(alert, { ...NO_FILTERS, q: 'ORD-9' }, now)).toBe(false);
});

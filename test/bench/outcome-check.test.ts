import { expect, test } from 'vitest';
import { outcomeFault } from './outcome-check.ts';

const expected = { raised: ['a', 'b', 'c'], resolved: ['a'] };

test('the same ids in any order are right', () => {
  expect(outcomeFault({ raised: ['c', 'a', 'b'], resolved: ['a'] }, expected)).toBeUndefined();
});

test('missing, unexpected and doubled ones are faults, with an example', () => {
  expect(outcomeFault({ raised: ['a', 'c'], resolved: ['a'] }, expected)).toBe(
    '3 alerts expected, 2 found: 1 missing, 0 unexpected or doubled, such as b',
  );
  expect(outcomeFault({ raised: ['a', 'b', 'c'], resolved: ['a', 'a'] }, expected)).toBe(
    '1 resolutions expected, 2 found: 0 missing, 1 unexpected or doubled, such as a',
  );
  // As many as expected, and wrong all the same.
  expect(outcomeFault({ raised: ['a', 'b', 'd'], resolved: ['a'] }, expected)).toContain(
    '1 missing, 1 unexpected',
  );
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { median, percentile, reachedAt, steadyRate } from './statistics.ts';

describe('percentile', () => {
  const hundred = Array.from({ length: 100 }, (_, i) => 100 - i);

  test('is the nearest rank, whatever the order', () => {
    expect(percentile(hundred, 0.5)).toBe(50);
    expect(percentile(hundred, 0.99)).toBe(99);
    expect(percentile(hundred, 1)).toBe(100);
    expect(percentile([7], 0.01)).toBe(7);
  });

  test('of nothing is not a number', () => {
    expect(percentile([], 0.5)).toBeNaN();
  });

  test('has at least that share of the values at or below it', () => {
    const share = fc.double({ min: 0.01, max: 1, noNaN: true });
    const values = fc.array(fc.integer(), { minLength: 1 });
    fc.assert(
      fc.property(values, share, (all, of) => {
        const value = percentile(all, of);
        expect(all).toContain(value);
        expect(all.filter((each) => each <= value).length).toBeGreaterThanOrEqual(of * all.length);
      }),
    );
  });
});

test('a median is the middle, or between the two in the middle', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 3])).toBe(2.5);
  expect(median([])).toBeNaN();
});

describe('progress', () => {
  const samples = [
    { atMs: 1000, done: 0 },
    { atMs: 3000, done: 100 },
    { atMs: 4000, done: 400 },
    { atMs: 5000, done: 600 },
    { atMs: 6000, done: 1000 },
  ];

  test('reaches a count between two samples', () => {
    expect(reachedAt(samples, 250)).toBe(3500);
    expect(reachedAt(samples, 0)).toBe(1000);
    expect(reachedAt(samples, 1001)).toBeUndefined();
  });

  test('has a rate without the start and the end', () => {
    const steady = [
      { atMs: 0, done: 0 },
      { atMs: 5000, done: 0 },
      ...Array.from({ length: 11 }, (_, i) => ({ atMs: 6000 + i * 100, done: i * 100 })),
      { atMs: 9000, done: 1000 },
    ];
    expect(steadyRate(steady, 1000)).toBeCloseTo(1000);
  });

  test('has no rate when nearly all came at once', () => {
    const sudden = [
      { atMs: 0, done: 0 },
      { atMs: 100, done: 500 },
      { atMs: 200, done: 1000 },
    ];
    expect(steadyRate(sudden, 1000)).toBeUndefined();
  });
});

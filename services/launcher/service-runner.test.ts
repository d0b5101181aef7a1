import { expect, test } from 'vitest';
import { pauseBefore } from './service-runner.ts';

test('pauses double, up to half a minute', () => {
  expect([1, 2, 3, 4, 5, 6, 7].map(pauseBefore)).toEqual([
    1000, 2000, 4000, 8000, 16_000, 30_000, 30_000,
  ]);
});

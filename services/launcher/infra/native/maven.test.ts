import { expect, test } from 'vitest';
import { parseProgress } from './maven.ts';

test.each([
  ['Progress (1): 1.2/159 MB', '1.2/159 MB'],
  ['Progress (1): 159 MB    ', undefined],
  ['Progress (3): 12/43 kB | 1.4/6.7 MB | 510 kB', '1.4/6.7 MB'],
  ['[INFO] BUILD SUCCESS', undefined],
])('%j tells %j', (line, progress) => {
  expect(parseProgress(line)).toBe(progress);
});

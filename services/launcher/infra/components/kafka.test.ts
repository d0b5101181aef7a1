import { expect, test } from 'vitest';
import { toClusterId } from './kafka.ts';

test('no cluster id looks like an option on the command line', () => {
  for (let first = 0; first < 256; first++) {
    expect(toClusterId(Buffer.alloc(32, first))).toMatch(/^[A-Za-z][\w-]{21}$/);
  }
});

import { memoryCache } from './memory-cache.ts';
import { cacheSuite } from './testing/cache-suite.ts';

let now = 1_000_000;

cacheSuite(
  'in memory',
  () => ({ cache: memoryCache(() => now) }),
  async (ms) => {
    now += ms;
    return Promise.resolve();
  },
);

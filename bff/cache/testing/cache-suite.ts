import { afterEach, describe, expect, test } from 'vitest';
import type { Cache } from '../cache.ts';

const LONG_MS = 60_000;

/** What every cache does. @param open one with nothing in it @param pass lets time go by */
export function cacheSuite(
  name: string,
  open: () => { readonly cache: Cache; readonly close?: () => void },
  pass: (ms: number) => Promise<void>,
): void {
  describe(`a cache ${name}`, () => {
    const closes: (() => void)[] = [];
    afterEach(() => closes.splice(0).forEach((close) => close()));
    const fresh = async (): Promise<Cache> => {
      const { cache, close } = open();
      if (close) closes.push(close);
      // Until it is connected.
      for (let i = 0; i < 100; i++) {
        if (
          await cache.ping().then(
            () => true,
            () => false,
          )
        )
          break;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      return cache;
    };

    test('keeps texts for their time', async () => {
      const cache = await fresh();
      expect(await cache.get('a')).toBeUndefined();
      await cache.set('a', '1', 200);
      expect(await cache.get('a')).toBe('1');
      await pass(250);
      expect(await cache.get('a')).toBeUndefined();
    });

    test('keeps longer what is read in time', async () => {
      const cache = await fresh();
      await cache.set('a', '1', 300);
      await pass(100);
      expect(await cache.getAndKeep('a', LONG_MS)).toBe('1');
      await pass(300);
      expect(await cache.get('a')).toBe('1');
      expect(await cache.getAndKeep('never', LONG_MS)).toBeUndefined();
    });

    test('lets one of many be the first', async () => {
      const cache = await fresh();
      const firsts = await Promise.all(
        Array.from({ length: 20 }, (_, i) => cache.setIfAbsent('key', String(i), LONG_MS)),
      );
      expect(firsts.filter(Boolean)).toHaveLength(1);
      expect(await cache.get('key')).toBe(String(firsts.indexOf(true)));
      await cache.delete('key', 'other');
      expect(await cache.setIfAbsent('key', 'again', LONG_MS)).toBe(true);
    });

    test('counts until the time is over', async () => {
      const cache = await fresh();
      const counts = await Promise.all(Array.from({ length: 5 }, () => cache.increment('n', 300)));
      expect(counts.map(({ count }) => count).sort()).toEqual([1, 2, 3, 4, 5]);
      for (const { ttlMs } of counts) expect(ttlMs).toBeLessThanOrEqual(300);
      await pass(350);
      expect((await cache.increment('n', 300)).count).toBe(1);
    });

    test('keeps maps, field by field', async () => {
      const cache = await fresh();
      await cache.writeMap('m', new Map([['a', '1']]), LONG_MS);
      await cache.writeMap(
        'm',
        new Map([
          ['b', '2'],
          ['__proto__', '3'],
        ]),
        LONG_MS,
      );
      expect((await cache.readMap('m')).get('b')).toBe('2');
      await cache.removeFromMap('m', ['a', '__proto__']);
      expect([...(await cache.readMap('m'))]).toEqual([['b', '2']]);
      await cache.replaceMap('m', new Map([['c', '4']]), LONG_MS);
      expect([...(await cache.readMap('m'))]).toEqual([['c', '4']]);
      await cache.replaceMap('m', new Map(), LONG_MS);
      expect((await cache.readMap('m')).size).toBe(0);
      expect((await cache.readMap('never')).size).toBe(0);
    });
  });
}

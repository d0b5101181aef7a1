import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mergeSorted } from './merge-sorted.ts';

interface Item {
  readonly key: Buffer;
  readonly source: number;
}

const bytes = fc.uint8Array({ maxLength: 3 }).map((array) => Buffer.from(array));

test('sorted sources come out as one, sorted, with everything once', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(bytes, { maxLength: 8 }), { maxLength: 5 }), async (all) => {
      const sources = all.map((keys, source) =>
        keys.toSorted((a, b) => Buffer.compare(a, b)).map((key): Item => ({ key, source })),
      );
      const merged = await collect(mergeSorted(sources.map(iterated)));
      const keys = merged.map(({ key }) => key);
      expect(keys).toEqual(keys.toSorted((a, b) => Buffer.compare(a, b)));
      for (const [i, source] of sources.entries())
        expect(merged.filter((item) => item.source === i)).toEqual(source);
      expect(merged).toHaveLength(sources.flat().length);
    }),
  );
});

test('a source that fails fails the whole: no part is taken for everything', async () => {
  const failing = (async function* (): AsyncGenerator<Item> {
    await Promise.resolve();
    yield { key: Buffer.from('b'), source: 1 };
    throw new Error('gone');
  })();
  const whole = iterated([{ key: Buffer.from('a'), source: 0 }]);
  await expect(collect(mergeSorted([whole, failing]))).rejects.toThrow('gone');
});

async function* iterated(items: readonly Item[]): AsyncGenerator<Item> {
  await Promise.resolve();
  yield* items;
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

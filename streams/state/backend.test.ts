import { randomBytes } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { StreamsException } from '../errors.ts';
import { backendKinds, temporaryFolder } from '../testing/backends.ts';
import { META_COLUMN, type StateBackend } from './backend.ts';
import { RocksDbBackend } from './rocksdb-backend.ts';
import { RocksLevel } from './rocksdb-native.ts';

const START = Buffer.alloc(0);

describe.each(backendKinds)('a backend: $name', (kind) => {
  const open = (columns: readonly string[]) => kind.open(columns);

  test('answers in the order of the keys, undefined where there is none', async () => {
    const backend = await open(['a']);
    put(backend, 'a', { one: '1', two: '2', empty: '' });
    const keys = ['two', 'three', 'one', 'empty', 'two'].map((key) => Buffer.from(key));
    expect(backend.getMany('a', keys).map((value) => value?.toString())).toEqual([
      '2',
      undefined,
      '1',
      '',
      '2',
    ]);
    expect(backend.getMany('a', [])).toEqual([]);
  });

  test('keeps columns apart, the one for checkpoints among them', async () => {
    const backend = await open(['a', 'b']);
    put(backend, 'a', { key: 'of a' });
    put(backend, META_COLUMN, { key: 'of meta' });
    expect(contents(backend, 'a')).toEqual({ key: 'of a' });
    expect(contents(backend, 'b')).toEqual({});
    expect(contents(backend, META_COLUMN)).toEqual({ key: 'of meta' });
  });

  test('scans from a key on, that key included, in key order, up to the limit', async () => {
    const backend = await open(['a']);
    put(backend, 'a', { d: '4', b: '2', c: '3', a: '1' });
    const scan = (from: string, limit: number) =>
      backend.scan('a', Buffer.from(from), limit).map((entry) => entry.join(''));
    expect(scan('', 10)).toEqual(['a1', 'b2', 'c3', 'd4']);
    expect(scan('b', 2)).toEqual(['b2', 'c3']);
    expect(scan('bb', 10)).toEqual(['c3', 'd4']);
    expect(scan('e', 10)).toEqual([]);
  });

  test('a scan sees what was written, deleted and overwritten since the last one', async () => {
    const backend = await open(['a']);
    put(backend, 'a', { a: '1', b: '2' });
    expect(contents(backend, 'a')).toEqual({ a: '1', b: '2' });
    const batch = backend.batch();
    batch.delete('a', Buffer.from('a'));
    batch.put('a', Buffer.from('b'), Buffer.from('22'));
    batch.put('a', Buffer.from('c'), Buffer.from('3'));
    batch.write();
    expect(contents(backend, 'a')).toEqual({ b: '22', c: '3' });
    const second = backend.batch();
    second.delete('a', Buffer.from('b'));
    second.write();
    expect(contents(backend, 'a')).toEqual({ c: '3' });
  });

  test('a batch is there from write() on, in the order of its calls, over all columns', async () => {
    const backend = await open(['a', 'b']);
    put(backend, 'a', { gone: '1' });
    const batch = backend.batch();
    batch.put('a', Buffer.from('key'), Buffer.from('first'));
    batch.put('b', Buffer.from('key'), Buffer.from('other'));
    batch.put('a', Buffer.from('key'), Buffer.from('last'));
    batch.delete('a', Buffer.from('gone'));
    batch.delete('b', Buffer.from('never there'));
    expect(contents(backend, 'a')).toEqual({ gone: '1' });
    expect(contents(backend, 'b')).toEqual({});
    batch.write();
    expect(contents(backend, 'a')).toEqual({ key: 'last' });
    expect(contents(backend, 'b')).toEqual({ key: 'other' });
  });

  test('keeps what a key and a value were when they were put', async () => {
    const backend = await open(['a']);
    const [key, value] = [Buffer.from('key'), Buffer.from('value')];
    const batch = backend.batch();
    batch.put('a', key, value);
    key.fill('x');
    value.fill('x');
    batch.write();
    expect(contents(backend, 'a')).toEqual({ key: 'value' });
  });

  test('a batch that is not written leaves nothing', async () => {
    const backend = await open(['a']);
    backend.batch().put('a', Buffer.from('key'), Buffer.from('value'));
    put(backend, 'a', { other: '1' });
    expect(contents(backend, 'a')).toEqual({ other: '1' });
  });

  test('clears one column, which can be written again', async () => {
    const backend = await open(['a', 'b']);
    put(backend, 'a', { key: 'of a' });
    put(backend, 'b', { key: 'of b' });
    backend.clear('a');
    expect(contents(backend, 'a')).toEqual({});
    expect(contents(backend, 'b')).toEqual({ key: 'of b' });
    put(backend, 'a', { key: 'again' });
    expect(contents(backend, 'a')).toEqual({ key: 'again' });
  });

  test('says what it takes: more with more in it', async () => {
    const backend = await open(['a']);
    const before = await backend.sizeBytes();
    const batch = backend.batch();
    // Random, so that nothing makes it smaller.
    for (let i = 0; i < 100; i++) batch.put('a', Buffer.from(`key-${i}`), randomBytes(1000));
    batch.write();
    const grown = (await backend.sizeBytes()) - before;
    expect(grown).toBeGreaterThan(100_000);
    expect(grown).toBeLessThan(200_000);
  });

  test('scans and clears tens of thousands of entries', async () => {
    const backend = await open(['a']);
    const count = 30_000;
    const batch = backend.batch();
    for (let i = 0; i < count; i++) batch.put('a', number(count - 1 - i), Buffer.from(`v${i}`));
    batch.write();
    const all = backend.scan('a', START, count + 1);
    expect(all.length).toBe(count);
    expect(all.findIndex(([key], i) => key.readUInt32BE(0) !== i)).toBe(-1);
    const some = backend.scan('a', number(100), 25_000);
    expect([some.length, some[0]?.[0], some.at(-1)?.[0]]).toEqual([
      25_000,
      number(100),
      number(25_099),
    ]);
    backend.clear('a');
    expect(backend.scan('a', START, 1)).toEqual([]);
  });

  test('orders keys byte by byte, unsigned, the shorter of two first', async () => {
    const backend = await open(['a']);
    const bytes = fc.array(fc.constantFrom(0x00, 0x01, 0x7f, 0x80, 0xff), {
      minLength: 1,
      maxLength: 4,
    });
    fc.assert(
      fc.property(fc.array(bytes, { maxLength: 20 }), bytes, (list, from) => {
        backend.clear('a');
        const batch = backend.batch();
        for (const key of list) batch.put('a', Buffer.from(key), Buffer.from(key));
        batch.write();
        const keys = [...new Map(list.map((key) => [key.join(), Buffer.from(key)])).values()];
        const expected = keys
          .filter((key) => Buffer.compare(key, Buffer.from(from)) >= 0)
          .sort((a, b) => Buffer.compare(a, b));
        const found = backend.scan('a', Buffer.from(from), 100);
        expect(found).toEqual(expected.map((key) => [key, key]));
        expect(backend.getMany('a', keys)).toEqual(keys);
      }),
      { numRuns: 60 },
    );
  });
});

describe('RocksDB on disk', () => {
  test('keeps what was written over a close', async () => {
    const folder = await temporaryFolder();
    await using first = await opened(folder, ['a']);
    put(first.backend, 'a', { key: 'value' });
    await first.backend.close();
    await using second = await opened(folder, ['a']);
    expect(contents(second.backend, 'a')).toEqual({ key: 'value' });
  });

  test('opens with more columns when the topology has grown', async () => {
    const folder = await temporaryFolder();
    await using first = await opened(folder, ['a']);
    put(first.backend, 'a', { key: 'value' });
    await first.backend.close();
    await using second = await opened(folder, ['a', 'b']);
    expect(contents(second.backend, 'a')).toEqual({ key: 'value' });
    expect(contents(second.backend, 'b')).toEqual({});
    put(second.backend, 'b', { key: 'new' });
    await second.backend.close();
    await using third = await opened(folder, ['b', 'a']);
    expect(contents(third.backend, 'b')).toEqual({ key: 'new' });
  });

  test('opens with fewer columns, and still has the old ones when they come back', async () => {
    const folder = await temporaryFolder();
    await using first = await opened(folder, ['a', 'b']);
    put(first.backend, 'b', { key: 'value' });
    await first.backend.close();
    await using second = await opened(folder, ['c']);
    put(second.backend, 'c', { key: 'new' });
    await second.backend.close();
    await using third = await opened(folder, ['b', 'c']);
    expect(contents(third.backend, 'b')).toEqual({ key: 'value' });
    expect(contents(third.backend, 'c')).toEqual({ key: 'new' });
  });

  test('refuses a folder that is open already, and says what to do', async () => {
    const folder = await temporaryFolder();
    await using first = await opened(folder, ['a']);
    await expect(RocksDbBackend.open(folder, ['a'])).rejects.toThrow(StreamsException);
    await expect(RocksDbBackend.open(folder, ['a'])).rejects.toThrow(
      /can't open the state in .*: .*lock.*give this one its own STATE_DIR/i,
    );
    put(first.backend, 'a', { key: 'still works' });
    expect(contents(first.backend, 'a')).toEqual({ key: 'still works' });
  });

  test('says which folder it is when its list of columns is gone', async () => {
    const folder = await temporaryFolder();
    await using first = await opened(folder, ['a', 'b']);
    await first.backend.close();
    await rm(join(folder, 'columns.json'));
    await expect(RocksDbBackend.open(folder, ['a'])).rejects.toThrow(`the state in ${folder}`);
  });

  test('says which folder it is when its list of columns is damaged', async () => {
    const folder = await temporaryFolder();
    await using first = await opened(folder, ['a']);
    await first.backend.close();
    const file = join(folder, 'columns.json');
    await writeFile(file, (await readFile(file, 'utf8')).slice(0, 5));
    await expect(RocksDbBackend.open(folder, ['a'])).rejects.toThrow(`the state in ${folder}`);
  });

  test('fills one batch again and again, and lets go of iterators: there is one per commit and scan', async () => {
    const live = new Set<unknown>();
    const db = RocksLevel.prototype as RocksLevel & { attachResource(resource: unknown): void };
    vi.spyOn(db, 'attachResource').mockImplementation((resource) => void live.add(resource));
    vi.spyOn(db, 'detachResource').mockImplementation((resource) => void live.delete(resource));
    onTestFinished(() => void vi.restoreAllMocks());
    await using db1 = await opened(await temporaryFolder(), ['a']);
    for (const value of ['1', '2', '3']) {
      put(db1.backend, 'a', { [value]: value });
      expect(contents(db1.backend, 'a')).toHaveProperty(value);
    }
    expect(contents(db1.backend, 'a')).toEqual({ 1: '1', 2: '2', 3: '3' });
    expect(live.size).toBe(1);
  });

  test('names the column that it was not opened with', async () => {
    const folder = await temporaryFolder();
    await using first = await opened(folder, ['a']);
    expect(() => first.backend.scan('b', START, 1)).toThrow("no column 'b'");
  });
});

/** Closed at the end of the block, also when it is closed before. */
async function opened(folder: string, columns: readonly string[]) {
  const backend = await RocksDbBackend.open(folder, columns);
  return { backend, [Symbol.asyncDispose]: () => backend.close() };
}

function put(backend: StateBackend, column: string, entries: Record<string, string>): void {
  const batch = backend.batch();
  for (const [key, value] of Object.entries(entries)) {
    batch.put(column, Buffer.from(key), Buffer.from(value));
  }
  batch.write();
}

function contents(backend: StateBackend, column: string): Record<string, string> {
  const entries = backend.scan(column, START, 1000);
  return Object.fromEntries(entries.map(([key, value]) => [key.toString(), value.toString()]));
}

function number(n: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(n);
  return bytes;
}

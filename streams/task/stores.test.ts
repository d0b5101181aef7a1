import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TopologyTestDriver } from '../driver/topology-test-driver.ts';
import { StreamsBuilder } from '../dsl/streams-builder.ts';
import type { RecordContext } from '../processor/processor.ts';
import type { KeyValueStore, StoreHandle, WindowStore } from '../processor/store.ts';
import { META_COLUMN } from '../state/backend.ts';
import { numberSerde } from '../serde/serdes.ts';
import type { Serde, Topic } from '../serde/serde.ts';
import { backendKinds, type BackendKind } from '../testing/backends.ts';
import { jsonSerde } from '../testing/topics.ts';
import { stateColumns } from './task-state.ts';

interface Tick {
  readonly at: number;
}

const ticks: Topic<Tick> = { name: 'ticks', value: jsonSerde<Tick>(), eventTime: ({ at }) => at };

type KeyValue<K> = KeyValueStore<string, K>;

/** A driver whose one processor does with its store what it is told at each tick. */
async function keyValueDriver<K>(
  kind: BackendKind,
  key: Serde<K> | undefined,
  retentionMs?: number,
) {
  const builder = new StreamsBuilder('app');
  const options = { key, ...(retentionMs !== undefined && { retentionMs }) };
  // Whether a key type needs a serde is not known for any `K`.
  const declare = builder.store.bind(builder) as unknown as (
    name: string,
    serde: Serde<string>,
    options: object,
  ) => StoreHandle<string, K>;
  const handle = declare('texts', jsonSerde<string>(), options);
  let act: (store: KeyValue<K>, context: RecordContext<never>) => void = () => undefined;
  builder.stream(ticks).process<never>('act', {
    stores: [handle],
    onRecord: (_record, context) => act(context.store(handle), context),
  });
  return driving(builder, kind, (to: typeof act) => (act = to));
}

async function windowDriver(kind: BackendKind) {
  const builder = new StreamsBuilder('app');
  const handle = builder.windowStore('counts', numberSerde, { windowMs: 10, retentionMs: 50 });
  let act: (store: WindowStore<number>) => void = () => undefined;
  builder.stream(ticks).process<never>('act', {
    stores: [handle],
    onRecord: (_record, context) => act(context.store(handle)),
  });
  return driving(builder, kind, (to: typeof act) => (act = to));
}

async function driving<A>(builder: StreamsBuilder, kind: BackendKind, set: (act: A) => void) {
  const topology = builder.build();
  const backend = await kind.open([META_COLUMN, ...stateColumns(topology)]);
  const driver = new TopologyTestDriver(
    topology,
    { autoCommit: false, allowedLatenessMs: 0 },
    backend,
  );
  const run = (at: number, act: A) => {
    set(act);
    driver.pipe(ticks, { at }, { key: 'k' });
    expect(driver.readDeadLetters()).toEqual([]);
  };
  return { driver, run };
}

/** Long and short keys, of which some begin with others; numbers of either sign. */
const keyKinds = [
  {
    keys: 'strings',
    serde: undefined,
    values: ['', 'a', 'ab', 'abc', 'b', 'ß', '日本', '\u{1F600}'].slice(1),
  },
  { keys: 'numbers', serde: numberSerde, values: [0, 1, 2, 255, 256, 65_536, 1e12] },
] as const;

describe.each(backendKinds)('over $name', (kind) => {
  describe.each(keyKinds)('a key–value store with $keys as keys', ({ serde, values }) => {
    type K = string | number;
    const keySerde = serde as Serde<K> | undefined;
    const bytes = (key: K) => (keySerde ? keySerde.encode(key) : Buffer.from(key as string));
    const byBytes = (a: K, b: K) => Buffer.compare(bytes(a), bytes(b));
    const key = fc.constantFrom<K[]>(...values);
    const write = fc.record({ key, value: fc.option(fc.string({ maxLength: 3 }), { freq: 3 }) });
    const step = fc.oneof(
      { weight: 6, arbitrary: fc.record({ do: fc.constant('write' as const), write }) },
      {
        weight: 3,
        arbitrary: fc.record({ do: fc.constant('range' as const), from: key, to: key }),
      },
      { weight: 2, arbitrary: fc.record({ do: fc.constant('commit' as const) }) },
      {
        weight: 1,
        arbitrary: fc.record({
          do: fc.constant('crash' as const),
          disk: fc.constantFrom('kept' as const, 'lost' as const),
        }),
      },
    );

    test('is a sorted map that sees what is not committed', async () => {
      const { driver, run } = await keyValueDriver<K>(kind, keySerde);
      let model = new Map<K, string>();
      let committed = new Map<K, string>();
      run(1, (store) => expect([...store.all()]).toEqual([]));
      fc.assert(
        fc.property(fc.array(step, { maxLength: 40, size: 'max' }), (history) => {
          for (const each of history) {
            switch (each.do) {
              case 'write':
                run(1, (store) => {
                  const { key, value } = each.write;
                  expect(store.get(key)).toBe(model.get(key));
                  if (value === null) store.delete(key);
                  else store.put(key, value);
                });
                if (each.write.value === null) model.delete(each.write.key);
                else model.set(each.write.key, each.write.value);
                break;
              case 'range': {
                const { from, to } = each;
                const sorted = [...model].sort(([a], [b]) => byBytes(a, b));
                run(1, (store) => {
                  expect([...store.all()]).toEqual(sorted);
                  expect([...store.range(from, to)]).toEqual(
                    sorted.filter(([k]) => byBytes(k, from) >= 0 && byBytes(k, to) <= 0),
                  );
                });
                break;
              }
              case 'commit':
                driver.commit();
                committed = new Map(model);
                break;
              case 'crash':
                // Without a position to go back to, what was piped since is read again: nothing happens then.
                run(1, () => undefined);
                driver.commit();
                committed = new Map(model);
                driver.crash({ disk: each.disk });
                model = new Map(committed);
            }
          }
        }),
        { numRuns: kind.isOnDisk ? 15 : 60 },
      );
    });
  });

  test('a range over more than a chunk is whole, with changes in between', async () => {
    const { driver, run } = await keyValueDriver<string>(kind, undefined);
    const name = (i: number) => String(i).padStart(4, '0');
    run(1, (store) => {
      for (let i = 0; i < 1000; i += 2) store.put(name(i), 'committed');
    });
    driver.commit();
    run(2, (store) => {
      for (let i = 1; i < 1000; i += 2) store.put(name(i), 'changed');
      for (let i = 0; i < 1000; i += 10) store.delete(name(i));
      const keys = [...store.all()].map(([key]) => key);
      expect(keys).toEqual(
        Array.from({ length: 1000 }, (_, i) => i)
          .filter((i) => i % 10 !== 0)
          .map(name),
      );
      // What is found can be deleted on the way.
      for (const [key] of store.range('0100', '0200')) store.delete(key);
      expect([...store.range('0100', '0200')]).toEqual([]);
    });
  });

  test('a store with a retention drops what was not put again, and its changelog does too', async () => {
    const { driver, run } = await keyValueDriver<string>(kind, undefined, 100);
    run(10, (store) => store.put('a', 'old'));
    run(50, (store) => store.put('b', 'old'));
    run(60, (store) => {
      expect(store.get('a')).toBe('old');
      store.put('a', 'new');
    });
    driver.commit();
    driver.advanceWatermarkTo(149);
    run(149, (store) => expect([...store.all()].length).toBe(2));
    driver.advanceWatermarkTo(150);
    run(151, (store) => expect([...store.all()]).toEqual([['a', 'new']]));
    driver.commit();
    driver.crash({ disk: 'lost' });
    run(152, (store) => expect([...store.range('a', 'z')]).toEqual([['a', 'new']]));
    driver.advanceWatermarkTo(160);
    driver.commit();
    expect(driver.storeEntries('texts')).toEqual([]);
    driver.crash({ disk: 'lost' });
    expect(driver.storeEntries('texts')).toEqual([]);
  });

  test('a window store finds a key’s windows, also beside keys that begin with it', async () => {
    const { driver, run } = await windowDriver(kind);
    run(5, (store) => {
      for (const start of [0, 10, 20]) store.put('a', start, start);
      store.put('a\0\0\0\0\0\0\0\0', 10, -1);
      store.put('ab', 10, -2);
    });
    driver.commit();
    run(6, (store) => {
      store.put('a', 30, 30);
      store.delete('a', 10);
      expect([...store.fetch('a', 0, 25)]).toEqual([
        [0, 0],
        [20, 20],
      ]);
      expect([...store.fetch('a', 15, 100)].map(([start]) => start)).toEqual([20, 30]);
      expect([store.get('a', 30), store.get('a', 10), store.get('b', 0)]).toEqual([
        30,
        undefined,
        undefined,
      ]);
      expect([...store.all()].length).toBe(5);
    });
    driver.advanceWatermarkTo(50);
    run(51, (store) => expect([...store.fetch('a', 0, 100)].map(([s]) => s)).toEqual([20, 30]));
    driver.advanceWatermarkTo(80);
    driver.commit();
    expect(driver.storeEntries('counts')).toEqual([]);
  });
});

test('a store that the processor does not name is not to be had', () => {
  const builder = new StreamsBuilder('app');
  const [own, other] = [builder.store('own', numberSerde), builder.store('other', numberSerde)];
  const input = builder.stream(ticks);
  input.process<never>('one', {
    stores: [own],
    onRecord: (_record, context) => void context.store(other),
  });
  input.process<never>('two', { stores: [other], onRecord: () => undefined });
  const driver = new TopologyTestDriver(builder.build());
  expect(() => driver.pipe(ticks, { at: 1 }, { key: 'k' })).toThrow(
    "processor 'one' does not name store 'other'; add it to its 'stores'",
  );
});

test('what two processors write to one store, both see, and a failure takes all of it back', () => {
  const builder = new StreamsBuilder('app');
  const totals = builder.store('totals', numberSerde);
  const seen = builder.store('seen', numberSerde);
  const input = builder.stream(ticks);
  input.process('first', {
    store: seen,
    stores: [totals],
    onRecord(record, n, context) {
      context.put((n ?? 0) + 1);
      const store = context.store(totals);
      store.put('all', (store.get('all') ?? 0) + record.value.at);
    },
  });
  input.process<never>('second', {
    stores: [totals],
    onRecord(record, context) {
      const store = context.store(totals);
      store.put('all', store.get('all')! * 2);
      if (record.value.at === 3) throw new Error('told to');
    },
  });
  const driver = new TopologyTestDriver(builder.build());
  for (const at of [1, 3, 5]) driver.pipe(ticks, { at }, { key: 'k' });
  expect(driver.storeEntries('totals')).toEqual([['all', 14]]);
  expect(driver.storeEntries('seen')).toEqual([['k', 2]]);
  expect(driver.readDeadLetters().length).toBe(1);
});

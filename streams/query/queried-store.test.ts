import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { StreamsBuilder } from '../dsl/streams-builder.ts';
import { TimeWindows } from '../dsl/windows.ts';
import { StoreNotAvailable, StreamsException } from '../errors.ts';
import { partitionFor } from '../runtime/kafka/partitioner.ts';
import { numberSerde } from '../serde/serdes.ts';
import { jsonSerde, pingTopic, type Ping } from '../testing/topics.ts';
import { storeOpener } from './queried-store.ts';
import type { Partitioner } from './store-rows.ts';
import { QueryTasks } from './testing/query-tasks.ts';

const pings = pingTopic('pings');

/** The last `act` of each key; how many there were, per window of 10 ms; what `act` says, under the number that `at` is. */
function topology() {
  const builder = new StreamsBuilder('asked');
  const all = builder.stream(pings);
  const acts = builder.store('acts', jsonSerde<string>());
  const kept = builder.store('kept', jsonSerde<string>(), { retentionMs: 1000 });
  const times = builder.store('times', jsonSerde<string>(), { key: numberSerde });
  const hours = builder.windowStore('hours', jsonSerde<string>(), {
    windowMs: 10,
    retentionMs: 100_000,
  });
  all.process<never>('keep', {
    stores: [acts, kept, times, hours],
    onRecord({ key, value: { at, act = '' } }, context) {
      context.store(acts).put(key, act);
      context.store(kept).put(key, act);
      context.store(times).put(at, act);
      context.store(hours).put(key, at - (at % 10), act);
    },
  });
  const windows = TimeWindows.ofSizeAndGrace(10, 1_000_000);
  all.groupByKey().windowedBy(windows).count({ name: 'counts' });
  return builder.build();
}

const keys = fc.constantFrom('a', 'a\0', 'b', 'ab', 'abc', 'abcdefgh\0', 'é', '~', 'z', '');
const histories = fc.array(
  fc.record({
    id: keys.filter((key) => key !== ''),
    at: fc.integer({ min: 0, max: 200 }),
    act: fc.string({ maxLength: 3 }),
  }),
  { maxLength: 25 },
);
const partitions = fc.integer({ min: 1, max: 4 });
const mostOfPage = fc.integer({ min: 1, max: 3 });

describe('over several tasks, page by page', () => {
  test('a range is the sorted union of what the tasks have, and each entry names its task', async () => {
    await fc.assert(
      fc.asyncProperty(
        histories,
        partitions,
        mostOfPage,
        keys,
        keys,
        async (history, count, most, from, to) => {
          const { tasks, keyValues } = asked(count, most);
          const store = keyValues<string>('acts');
          tasks.process(pings.name, history);
          const model = lastOf(history);
          const found = await collect(store.range(from, to));
          expect(found.map(({ key, value }) => [key, value])).toEqual(
            sorted(model).filter(([key]) => bytes(key, from) >= 0 && bytes(key, to) <= 0),
          );
          for (const { key, origin } of found)
            expect(origin.task).toBe(`0_${partitionFor(Buffer.from(key), count)}`);
          const all = await collect(store.all());
          expect(all.map(({ key, value }) => [key, value])).toEqual(sorted(model));
          for (const [key, value] of model) expect((await store.get(key)).value).toBe(value);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('a key’s windows come by their start, without those of longer keys in between', async () => {
    await fc.assert(
      fc.asyncProperty(
        histories,
        partitions,
        mostOfPage,
        fc.integer({ min: -5, max: 210 }),
        fc.integer({ min: -5, max: 210 }),
        async (history, count, most, from, to) => {
          const { tasks, windows } = asked(count, most);
          tasks.process(pings.name, history);
          const store = windows<string>('hours');
          for (const id of new Set(history.map((ping) => ping.id))) {
            const own = history.filter((ping) => ping.id === id);
            const model = new Map(own.map(({ at, act }) => [at - (at % 10), act]));
            const expected = [...model]
              .filter(([start]) => start >= Math.max(0, from) && start <= to)
              .sort(([a], [b]) => a - b);
            const found = await collect(store.fetch(id, from, to));
            expect(found.map(({ start, value }) => [start, value])).toEqual(expected);
            expect(found.every(({ key }) => key === id)).toBe(true);
          }
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe('what is shown', () => {
  const history: Ping[] = [
    { id: 'a', at: 5, act: 'one' },
    { id: 'a', at: 7, act: 'two' },
    { id: 'b', at: 25, act: 'three' },
  ];

  test('a key with its answer’s origin, and undefined where there is none', async () => {
    const { tasks, keyValues } = asked(2);
    tasks.process(pings.name, history);
    const store = keyValues<string>('acts');
    const { value, origin } = await store.get('a');
    const task = `0_${partitionFor(Buffer.from('a'), 2)}`;
    expect([value, origin]).toMatchObject([
      'two',
      { task, host: 'here:1', isActive: true, lag: 0 },
    ]);
    expect((await store.get('c')).value).toBe(undefined);
  });

  test('keys that are no strings, asked for where the partitioner says', async () => {
    const { tasks, keyValues } = asked(3);
    tasks.process(pings.name, history);
    const home = (key: Buffer, count: number) =>
      partitionFor(Buffer.from(numberSerde.decode(key) < 20 ? 'a' : 'b'), count);
    const store = keyValues<string, number>('times', home);
    expect((await store.get(7)).value).toBe('two');
    expect(store.ownerOf(25).partition).toBe(partitionFor(Buffer.from('b'), 3));
    const entries = await collect(store.range(6, 30));
    expect(entries.map(({ key, value }) => [key, value])).toEqual([
      [7, 'two'],
      [25, 'three'],
    ]);
  });

  test('states without what the runtime keeps beside them', async () => {
    const { tasks, keyValues, windows } = asked(2);
    tasks.process(pings.name, history);
    const store = keyValues<string>('kept');
    expect((await store.get('b')).value).toBe('three');
    expect((await collect(store.all())).map(({ value }) => value)).toEqual(['two', 'three']);
    const counts = windows<number>('counts');
    expect((await counts.get('a', 0)).value).toBe(2);
    const all = await collect(counts.all());
    expect(all.map(({ key, start, value }) => [key, start, value])).toEqual([
      ['a', 0, 2],
      ['b', 20, 1],
    ]);
  });
});

test('of what is here only: entries of absent tasks are left out, a single key is refused', async () => {
  const { tasks, keyValues, windows } = asked(4);
  const home = (key: string) => partitionFor(Buffer.from(key), 4);
  const [here, away] = ['a', 'b', 'c', 'd', 'e'].filter(
    (key, i, all) => home(key) !== home(all[i - 1] ?? ''),
  );
  expect(home(here!)).not.toBe(home(away!));
  tasks.process(pings.name, [
    { id: here!, at: 1, act: 'x' },
    { id: away!, at: 1, act: 'y' },
  ]);
  tasks.isHere = ({ partition }) => partition === home(here!);
  const store = keyValues<string>('acts');
  const found = await collect(store.all({ local: true }));
  expect(found.map(({ key }) => key)).toEqual([here]);
  const refused = `task 0_${home(away!)} can't be asked now`;
  await expect(store.get(away!, { local: true })).rejects.toThrow(refused);
  const fetched = collect(windows<string>('hours').fetch(away!, 0, 9, { local: true }));
  await expect(fetched).rejects.toThrow(refused);
  // Never a part for the whole.
  await expect(collect(store.all())).rejects.toThrow(StoreNotAvailable);
});

test('a state that can not be decoded is named, with the task that has it', async () => {
  const { tasks, keyValues } = asked(1);
  const state = tasks.tasks[0]!.state;
  const broken = { key: Buffer.from('a'), value: Buffer.from('{') };
  state.restore('app-acts-changelog', [broken], 1);
  const answer = keyValues<string>('acts').get('a');
  await expect(answer).rejects.toThrow(StreamsException);
  await expect(answer).rejects.toThrow(/'a' in store 'acts', as task 0_0 at here:1 has it/);
});

describe('a store that can not be had', () => {
  const shape = topology();
  const store = storeOpener(shape, new QueryTasks(shape, 1).router, partitionFor);

  test('is named, with those that can', () => {
    expect(() => store('gone')).toThrow(
      /no store 'gone'; it has 'acts', 'kept', 'times', 'hours', 'counts'/,
    );
  });

  test('as one of the other kind', () => {
    expect(() => store({ name: 'acts', _windowed: true })).toThrow(/'acts' is a key-value store/);
    expect(() => store('hours')).toThrow(/'hours' is a window store/);
  });
});

function asked(count: number, mostOfPage = Infinity) {
  const shape = topology();
  const tasks = new QueryTasks(shape, count, () => mostOfPage);
  const store = storeOpener(shape, tasks.router, partitionFor);
  return {
    tasks,
    keyValues: <S, K = string>(name: string, partitioner: Partitioner = partitionFor) =>
      store<S, K>(name, { partitioner }),
    windows: <S>(name: string) => store<S>({ name, _windowed: true }),
  };
}

function lastOf(history: readonly Ping[]): Map<string, string> {
  return new Map(history.map(({ id, act = '' }) => [id, act]));
}

function sorted(model: ReadonlyMap<string, string>): [string, string][] {
  return [...model].sort(([a], [b]) => bytes(a, b));
}

function bytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

async function collect<T>(entries: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const entry of entries) all.push(entry);
  return all;
}

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { StreamsException } from '../errors.ts';
import { backendKinds } from '../testing/backends.ts';
import { KeyedStateModel, type Counter } from '../testing/keyed-state-model.ts';
import { jsonSerde } from '../testing/topics.ts';
import { META_COLUMN, type StateBackend } from './backend.ts';
import { KeyedState, storeColumn, timerColumn, type KeyedStateOptions } from './keyed-state.ts';
import { stringKeys } from './key-codec.ts';
import { MemoryBackend } from './memory-backend.ts';

const COLUMNS = [META_COLUMN, storeColumn('counters'), timerColumn('count')];

function open(
  backend: StateBackend,
  options: Partial<KeyedStateOptions<Counter>> = {},
): KeyedState<Counter> {
  return new KeyedState<Counter>(backend, {
    store: 'counters',
    serde: jsonSerde<Counter>(),
    keys: stringKeys,
    timers: timersAt((counter) => counter.timer),
    cacheSize: 100,
    ...options,
  });
}

function timersAt(at: (counter: Counter) => number | null) {
  return { owner: 'count', at };
}

function withoutTimers(backend: StateBackend): KeyedState<Counter> {
  const serde = jsonSerde<Counter>();
  return new KeyedState(backend, { store: 'counters', serde, keys: stringKeys, cacheSize: 100 });
}

function commit(backend: StateBackend, state: KeyedState<Counter>): void {
  state.changes();
  const batch = backend.batch();
  state.write(batch);
  batch.write();
  state.committed();
}

function put(state: KeyedState<Counter>, key: string, counter: Counter | undefined): void {
  state.put(state.entry(key), counter);
  state.keep();
}

describe.each(backendKinds)('over $name, like the model', (kind) => {
  const numRuns = kind.isOnDisk ? 40 : 500;

  test(`on ${numRuns} random histories, with a small timer window and cache`, async () => {
    const backend = await kind.open(COLUMNS);
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 0, max: 5 }),
        fc.array(steps, { maxLength: 120, size: 'max' }),
        (timerWindow, cacheSize, history) => {
          for (const column of COLUMNS) backend.clear(column);
          const make = () => open(backend, { timerWindow, cacheSize });
          const model = new KeyedStateModel(make, backend, cacheSize);
          for (const step of history) model.apply(step);
          model.apply({ do: 'commit', crash: 'after' });
          model.apply({ do: 'timers', watermark: Infinity, then: [{ put: [null], fails: false }] });
          model.expectEmpty();
        },
      ),
      { numRuns },
    );
  });
});

const keys = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'ß', '日本');
// Real instants, on both sides of one where the upper half of their 64 bits changes.
const SUMMER_2024 = 400 * 2 ** 32 - 6;
const instants = fc.integer({ min: SUMMER_2024, max: SUMMER_2024 + 12 });
/** A state's timer: most keys have one, and many share an instant. */
const timers = fc.option(instants, { freq: 4 });
const outcome = fc.record({
  put: fc.array(fc.option(timers.map((timer) => ({ timer }))), { maxLength: 3 }),
  fails: fc.boolean(),
});
const kept = <T>(value: T) => fc.constant(value);
const steps = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({ do: kept('record' as const), key: keys, outcome }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: kept('timers' as const),
      watermark: instants,
      then: fc.array(outcome, { minLength: 1, maxLength: 4 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: kept('commit' as const),
      crash: fc.constantFrom('no' as const, 'no' as const, 'before' as const, 'after' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: kept('crash' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: kept('rebuildTimers' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: kept('prefetch' as const), keys: fc.array(keys) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: kept('restore' as const),
      changes: fc.array(fc.tuple(keys, fc.option(timers.map((timer) => ({ timer }))))),
    }),
  },
);

describe('timers', () => {
  test('come in order, at their instant and not before', () => {
    const state = open(new MemoryBackend());
    put(state, 'b', { n: 1, timer: 20 });
    put(state, 'a', { n: 1, timer: 10 });
    expect(state.pollTimer(9)).toBeUndefined();
    expect(state.pollTimer(10)).toMatchObject({ entry: { key: 'a' }, dueAt: 10 });
    expect(state.pollTimer(10)).toBeUndefined();
    expect(state.nextDueUpTo(Infinity)).toBe(20);
  });

  test('are found by a new owner of the committed state', () => {
    const backend = new MemoryBackend();
    const before = open(backend);
    put(before, 'a', { n: 1, timer: 10 });
    commit(backend, before);
    put(before, 'a', { n: 1, timer: 5 });
    expect(open(backend).pollTimer(Infinity)).toMatchObject({ entry: { key: 'a' }, dueAt: 10 });
  });

  test('that are not committed count also beyond those that are loaded', () => {
    const backend = new MemoryBackend();
    const state = open(backend, { timerWindow: 2 });
    for (const [i, key] of ['a', 'b', 'c', 'd'].entries()) put(state, key, { n: 1, timer: 10 * i });
    commit(backend, state);
    const again = open(backend, { timerWindow: 2 });
    expect(again.nextDueUpTo(Infinity)).toBe(0);
    put(again, 'e', { n: 1, timer: 25 });
    put(again, 'c', { n: 1, timer: null });
    expect(pollAll(again)).toEqual(['a', 'b', 'e', 'd']);
  });

  test('of one instant are all found when there are more of them than the window', () => {
    const backend = new MemoryBackend();
    const state = open(backend);
    for (let i = 0; i < 10; i++) put(state, `key-${i}`, { n: 1, timer: 7 });
    put(state, 'later', { n: 1, timer: 8 });
    commit(backend, state);
    const polled = pollAll(open(backend, { timerWindow: 2 }));
    expect(polled.slice(0, 10).sort()).toEqual(Array.from({ length: 10 }, (_, i) => `key-${i}`));
    expect(polled.slice(10)).toEqual(['later']);
  });

  test('a disarmed one does not come back until its state is put again', () => {
    const state = open(new MemoryBackend());
    put(state, 'a', { n: 1, timer: 10 });
    const { entry } = state.pollTimer(10)!;
    state.put(entry, { n: 2, timer: 10 });
    state.undo();
    state.disarm(entry);
    expect(state.nextDueUpTo(Infinity)).toBe(Infinity);
    put(state, 'a', { n: 1, timer: 10 });
    expect(state.nextDueUpTo(Infinity)).toBe(10);
  });

  test.each([
    [10.2, 11],
    [-5, 0],
    [-Infinity, 0],
    [Infinity, Infinity],
  ])('at %d are due at %d, also after a restart', (timer, dueAt) => {
    const backend = new MemoryBackend();
    // JSON has no infinities: the state names the timer by its text.
    const options = {
      serde: jsonSerde<Counter & { text: string }>(),
      keys: stringKeys,
      timers: { owner: 'p', at: (counter: Counter & { text: string }) => Number(counter.text) },
    };
    const make = () => new KeyedState(backend, { store: 's', cacheSize: 0, ...options });
    const state = make();
    state.put(state.entry('a'), { n: 1, timer: 0, text: String(timer) });
    state.keep();
    expect(state.nextDueUpTo(Infinity)).toBe(dueAt);
    state.changes();
    const batch = backend.batch();
    state.write(batch);
    batch.write();
    state.committed();
    expect(state.nextDueUpTo(Infinity)).toBe(dueAt);
    expect(make().nextDueUpTo(Infinity)).toBe(dueAt);
  });

  test.each([NaN, 2 ** 60, Number.MAX_VALUE])(
    'at %d are refused before anything changes',
    (timer) => {
      const state = open(new MemoryBackend());
      const entry = state.entry('a');
      expect(() => state.put(entry, { n: 1, timer })).toThrow(`a timer at ${timer} is none`);
      state.undo();
      expect(state.changedKeys).toBe(0);
      expect(entry.state).toBeUndefined();
    },
  );

  test.each([5, -5])(
    'of a changed timer() without a new version stop the task, instead of going astray: %d',
    (by) => {
      const backend = new MemoryBackend();
      const state = open(backend);
      put(state, 'a', { n: 1, timer: 10 });
      commit(backend, state);
      const changed = open(backend, { timers: timersAt((counter) => counter.timer! + by) });
      expect(() => changed.pollTimer(20)).toThrow(StreamsException);
      const rebuilt = open(backend, { timers: timersAt((counter) => counter.timer! + by) });
      rebuilt.rebuildTimers();
      expect(rebuilt.pollTimer(20)).toMatchObject({ entry: { key: 'a' }, dueAt: 10 + by });
      const without = open(backend, { timers: timersAt(() => null) });
      without.rebuildTimers();
      expect(without.nextDueUpTo(Infinity)).toBe(Infinity);
    },
  );

  test('are rebuilt for a store that is larger than one scan', () => {
    const backend = new MemoryBackend();
    const plain = withoutTimers(backend);
    for (let i = 0; i < 10_001; i++) put(plain, `key-${i}`, { n: 1, timer: i });
    commit(backend, plain);
    const state = open(backend);
    expect(state.nextDueUpTo(Infinity)).toBe(Infinity);
    state.rebuildTimers();
    expect(pollAll(state).length).toBe(10_001);
  });

  test('are not rebuilt over changes, which would be lost', () => {
    const state = open(new MemoryBackend());
    put(state, 'a', { n: 1, timer: 10 });
    expect(() => state.rebuildTimers()).toThrow(StreamsException);
  });
});

describe('changes', () => {
  test('are one per key, however often it changed', () => {
    const state = open(new MemoryBackend());
    for (let n = 1; n <= 3; n++) put(state, 'a', { n, timer: null });
    put(state, 'b', { n: 1, timer: null });
    put(state, 'b', undefined);
    expect(state.changes().map(({ key, value }) => [String(key), value && String(value)])).toEqual([
      ['a', '{"n":3,"timer":null}'],
      ['b', null],
    ]);
  });

  test('are in the backend from the commit on', () => {
    const backend = new MemoryBackend();
    const state = open(backend);
    put(state, 'a', { n: 1, timer: null });
    expect(backend.scan(storeColumn('counters'), Buffer.alloc(0), 10)).toEqual([]);
    commit(backend, state);
    expect(backend.scan(storeColumn('counters'), Buffer.alloc(0), 10).length).toBe(1);
    expect(state.changedKeys).toBe(0);
    expect(state.changes()).toEqual([]);
  });

  test('of one record are taken back together, down to what was kept before', () => {
    const state = open(new MemoryBackend());
    put(state, 'a', { n: 1, timer: 10 });
    state.put(state.entry('a'), { n: 2, timer: 5 });
    state.put(state.entry('a'), undefined);
    state.put(state.entry('b'), { n: 1, timer: 3 });
    state.undo();
    expect(state.entry('a').state).toEqual({ n: 1, timer: 10 });
    expect(state.entry('b').state).toBeUndefined();
    expect(state.changedKeys).toBe(1);
    expect(pollAll(state)).toEqual(['a']);
  });
});

describe('memory', () => {
  test('holds no more than the cache after a commit, and all that is changed before', () => {
    const backend = new MemoryBackend();
    const state = open(backend, { cacheSize: 3 });
    for (let i = 0; i < 10; i++) put(state, `key-${i}`, { n: i, timer: null });
    expect([state.cachedKeys, state.changedKeys]).toEqual([10, 10]);
    commit(backend, state);
    expect(state.cachedKeys).toBe(3);
    expect(state.entry('key-0').state).toEqual({ n: 0, timer: null });
  });

  test('does not hold deleted keys once that is committed', () => {
    const backend = new MemoryBackend();
    const state = open(backend);
    put(state, 'a', { n: 1, timer: null });
    commit(backend, state);
    put(state, 'a', undefined);
    commit(backend, state);
    expect(state.cachedKeys).toBe(0);
    expect(state.entry('a').state).toBeUndefined();
  });

  test('reads keys in one go, each once, and never over a change', () => {
    const backend = new MemoryBackend();
    const first = open(backend);
    put(first, 'a', { n: 1, timer: null });
    put(first, 'b', { n: 1, timer: null });
    commit(backend, first);
    const reads: string[][] = [];
    const getMany = backend.getMany.bind(backend);
    backend.getMany = (column, list) => {
      reads.push(list.map(String));
      return getMany(column, list);
    };
    const state = open(backend);
    put(state, 'a', { n: 2, timer: null });
    state.prefetch(['a', 'b', 'c', 'b']);
    state.prefetch(['a', 'b', 'c']);
    expect(reads).toEqual([['a'], ['b', 'c']]);
    expect(state.entry('a').state).toEqual({ n: 2, timer: null });
    expect(state.entry('b').state).toEqual({ n: 1, timer: null });
  });
});

test('what is asked for again stays in memory, what is not goes', () => {
  const backend = new MemoryBackend();
  const reads: string[] = [];
  const getMany = backend.getMany.bind(backend);
  backend.getMany = (column, list) => {
    reads.push(...list.map(String));
    return getMany(column, list);
  };
  const state = open(backend, { cacheSize: 4 });
  for (let round = 0; round < 20; round++) {
    for (const key of ['hot-1', 'hot-2', `cold-${round}`, `cool-${round}`]) {
      put(state, key, { n: round, timer: null });
    }
    commit(backend, state);
  }
  const hot = reads.filter((key) => key.startsWith('hot'));
  expect(hot.length).toBeLessThan(10);
  expect(state.cachedKeys).toBe(4);
});

describe('a restore', () => {
  const change = (key: string, text: string | null) => ({
    key: Buffer.from(key),
    value: text === null ? null : Buffer.from(text),
  });

  test('writes the bytes as they are, and decodes only what timers follow from', () => {
    const backend = new MemoryBackend();
    const decoded: string[] = [];
    const serde = {
      encode: () => {
        throw new Error('nothing is to be encoded');
      },
      decode: (bytes: Buffer) => {
        decoded.push(String(bytes));
        return JSON.parse(String(bytes)) as Counter;
      },
    };
    const plain = new KeyedState(backend, {
      store: 'counters',
      serde,
      keys: stringKeys,
      cacheSize: 9,
    });
    const restore = (state: KeyedState<Counter>, ...changes: ReturnType<typeof change>[]) => {
      const batch = backend.batch();
      state.restore(changes, batch);
      batch.write();
    };
    const odd = '{ "n": 1,   "timer": 5 }';
    restore(plain, change('a', '{'), change('b', '{'), change('a', odd), change('b', null));
    expect(decoded).toEqual([]);
    const stored = backend.scan(storeColumn('counters'), Buffer.alloc(0), 10);
    expect(stored.map(([key, value]) => [String(key), String(value)])).toEqual([['a', odd]]);

    const timed = open(backend, { serde });
    timed.rebuildTimers();
    restore(timed, change('a', '{"n":2,"timer":7}'), change('c', '{"n":1,"timer":3}'));
    expect(pollAll(open(backend))).toEqual(['c', 'a']);
  });

  test('over changes is refused: they would be lost', () => {
    const backend = new MemoryBackend();
    const state = open(backend);
    put(state, 'a', { n: 1, timer: 10 });
    expect(() => state.restore([], backend.batch())).toThrow(StreamsException);
  });
});

test('memory holds a window of the timers, however many there are', () => {
  const backend = new MemoryBackend();
  const state = open(backend, { timerWindow: 4 });
  const expected = Array.from({ length: 100 }, (_, i) => `key-${i}`);
  expect(state.nextDueUpTo(Infinity)).toBe(Infinity);
  for (const [i, key] of expected.entries()) {
    put(state, key, { n: 1, timer: i });
    commit(backend, state);
    expect(state.loadedTimers).toBeLessThanOrEqual(8);
  }
  expect(pollAll(state)).toEqual(expected);
});

test('a wiped store is empty, its timers with it', () => {
  const backend = new MemoryBackend();
  const state = open(backend);
  put(state, 'a', { n: 1, timer: 10 });
  commit(backend, state);
  put(state, 'b', { n: 1, timer: 5 });
  state.wipe();
  expect(state.changedKeys).toBe(0);
  expect(state.entry('a').state).toBeUndefined();
  expect(state.nextDueUpTo(Infinity)).toBe(Infinity);
  expect(open(backend).nextDueUpTo(Infinity)).toBe(Infinity);
});

test('a state that can not be decoded is named, with the way out', () => {
  const backend = new MemoryBackend();
  const state = open(backend);
  put(state, 'a', { n: 1, timer: null });
  commit(backend, state);
  const fails = open(backend, {
    serde: {
      encode: () => Buffer.alloc(0),
      decode: () => {
        throw new Error('what is this');
      },
    },
  });
  expect(() => fails.entry('a')).toThrow(
    /state of 'a' in store 'counters' can't be decoded; .* or reset the store/,
  );
});

function pollAll(state: KeyedState<Counter>): string[] {
  const polled: string[] = [];
  for (let due = state.pollTimer(Infinity); due; due = state.pollTimer(Infinity)) {
    polled.push(due.entry.key);
  }
  return polled;
}

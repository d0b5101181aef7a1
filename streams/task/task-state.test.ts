import { describe, expect, test } from 'vitest';
import { StreamsBuilder } from '../dsl/streams-builder.ts';
import { StreamsException } from '../errors.ts';
import type { Topology } from '../graph/topology.ts';
import { META_COLUMN, type StateBackend } from '../state/backend.ts';
import { backendKinds } from '../testing/backends.ts';
import { jsonSerde, pingTopic } from '../testing/topics.ts';
import { MemoryBackend } from '../state/memory-backend.ts';
import { LAYOUT_KEY } from '../state/layout.ts';
import { stateColumns, TaskState } from './task-state.ts';

const CHANGELOG = 'app-ones-changelog';

/** Two processors with a store each; the timers of the first are `delay` after the instant it keeps. */
function topology(delay = 0, version = `delay ${delay}`): Topology {
  const builder = new StreamsBuilder('two');
  const input = builder.stream(pingTopic('in'));
  for (const name of ['one', 'two']) {
    input.process(name, {
      store: builder.store(`${name}s`, jsonSerde<number>()),
      timerVersion: version,
      timer: (instant: number) => instant + delay,
      onRecord: () => undefined,
      onTimer: () => undefined,
    });
  }
  return builder.build();
}

function stateOver(backend: StateBackend, of = topology()): TaskState {
  return new TaskState(of, 'app', backend, 100);
}

function change(key: string, instant: number | null) {
  const value = instant === null ? null : Buffer.from(String(instant));
  return { key: Buffer.from(key), value };
}

function contents(backend: StateBackend, column: string): string[] {
  return backend
    .scan(column, Buffer.alloc(0), 100)
    .map(([key, value]) => `${String(key)}=${String(value)}`);
}

describe.each(backendKinds)('over $name', (kind) => {
  const open = () => kind.open(stateColumns(topology()));

  test('a restore is there with its checkpoint, in stores and timers', async () => {
    const backend = await open();
    const state = stateOver(backend);
    expect(state.changelogs.map(({ topic }) => topic)).toEqual([CHANGELOG, 'app-twos-changelog']);
    expect(state.checkpoint(CHANGELOG)).toBeUndefined();
    state.restore(CHANGELOG, [change('a', 10), change('b', 20), change('a', 30)], 5);
    state.restore(CHANGELOG, [change('b', null), change('c', 40)], 9);
    const again = stateOver(backend);
    expect(again.checkpoint(CHANGELOG)).toBe(9);
    expect(again.checkpoint('app-twos-changelog')).toBeUndefined();
    expect(contents(backend, 'store-ones')).toEqual(['a=30', 'c=40']);
    expect(contents(backend, 'store-twos')).toEqual([]);
    expect([
      again.store('ones').nextDueUpTo(Infinity),
      again.store('twos').nextDueUpTo(Infinity),
    ]).toEqual([30, Infinity]);
    expect(again.isChanged).toBe(false);
  });

  test('timers are derived anew when what they depend on has changed', async () => {
    const backend = await open();
    stateOver(backend).restore(CHANGELOG, [change('a', 10)], 1);
    expect(stateOver(backend, topology(5)).store('ones').nextDueUpTo(Infinity)).toBe(15);
    // Under the same version nobody looks again.
    expect(stateOver(backend, topology(7, 'delay 5')).store('ones').nextDueUpTo(Infinity)).toBe(15);
    expect(stateOver(backend, topology()).store('ones').nextDueUpTo(Infinity)).toBe(10);
  });

  test('a wiped store is gone, with its checkpoint; the other one stays', async () => {
    const backend = await open();
    const state = stateOver(backend);
    state.restore(CHANGELOG, [change('a', 10)], 1);
    state.restore('app-twos-changelog', [change('a', 10)], 2);
    state.wipe(CHANGELOG);
    expect(state.checkpoint(CHANGELOG)).toBeUndefined();
    expect(state.checkpoint('app-twos-changelog')).toBe(2);
    expect(contents(backend, 'store-ones')).toEqual([]);
    expect(contents(backend, 'store-twos')).toEqual(['a=10']);
    expect([
      state.store('ones').nextDueUpTo(Infinity),
      state.store('twos').nextDueUpTo(Infinity),
    ]).toEqual([Infinity, 10]);
  });
});

test('a crash in the middle of a wipe leaves no checkpoint over half a store', () => {
  const backend = new MemoryBackend();
  const state = stateOver(backend);
  state.restore(CHANGELOG, [change('a', 10)], 1);
  const crash = new Error('crash');
  backend.clear = () => {
    throw crash;
  };
  expect(() => state.wipe(CHANGELOG)).toThrow(crash);
  expect(stateOver(backend).checkpoint(CHANGELOG)).toBeUndefined();
});

test('a crash while timers are rebuilt is made good, also under the old settings', () => {
  const backend = new MemoryBackend();
  stateOver(backend).restore(CHANGELOG, [change('a', 10)], 1);
  const scan = backend.scan.bind(backend);
  backend.scan = () => {
    throw new Error('crash');
  };
  // By then the old timers are cleared.
  expect(() => stateOver(backend, topology(5))).toThrow('crash');
  backend.scan = scan;
  expect(stateOver(backend, topology()).store('ones').nextDueUpTo(Infinity)).toBe(10);
});

test('a commit writes the changes of all stores and their checkpoints in one batch', () => {
  const backend = new MemoryBackend();
  const state = stateOver(backend);
  let batches = 0;
  const batch = backend.batch.bind(backend);
  backend.batch = () => {
    batches++;
    return batch();
  };
  for (const keyed of state.states) {
    keyed.put(keyed.entry('a'), 10);
    keyed.keep();
  }
  const records = state
    .changelogRecords(3)
    .filter(({ key }) => !key?.equals(LAYOUT_KEY))
    .map(({ topic, partition }) => [topic, partition]);
  expect(records).toEqual([
    [CHANGELOG, 3],
    ['app-twos-changelog', 3],
  ]);
  state.commit(new Map([[CHANGELOG, 2 ** 40]]));
  expect(batches).toBe(1);
  expect([contents(backend, 'store-ones'), contents(backend, 'store-twos')]).toEqual([
    ['a=10'],
    ['a=10'],
  ]);
  expect(state.checkpoint(CHANGELOG)).toBe(2 ** 40);
});

test('asks for a column per store and one per timers', () => {
  const columns = stateColumns(topology());
  expect(columns).toEqual(['store-ones', 'timers-one', 'store-twos', 'timers-two']);
  expect(columns).not.toContain(META_COLUMN);
});

test('a changelog of another task is refused', () => {
  const state = stateOver(new MemoryBackend());
  expect(() => state.restore('other', [], 0)).toThrow(StreamsException);
});

import { describe, expect, test } from 'vitest';
import { StreamsBuilder } from '../dsl/streams-builder.ts';
import { TimeWindows } from '../dsl/windows.ts';
import { TopologyTestDriver } from '../driver/topology-test-driver.ts';
import { StreamsException } from '../errors.ts';
import type { Topology } from '../graph/topology.ts';
import type { StateBackend } from '../state/backend.ts';
import type { Serde } from '../serde/serde.ts';
import { MemoryBackend } from '../state/memory-backend.ts';
import { LAYOUT_KEY } from '../state/layout.ts';
import { jsonSerde, pingTopic } from '../testing/topics.ts';
import type { StateChange } from '../state/keyed-state.ts';
import { TaskState } from './task-state.ts';

const CHANGELOG = 'app-things-changelog';
const input = pingTopic('in');

/** Keeps numbers, as `format` says. */
function keeping(format?: string, reads?: readonly string[]): Topology {
  const builder = new StreamsBuilder('app');
  const serde: Serde<number> = {
    ...jsonSerde<number>(),
    ...(format !== undefined && { format }),
    ...(reads && { reads }),
  };
  const store = builder.store('things', serde);
  builder.stream(input).process('keep', {
    store,
    onRecord: (record, _state, context) => context.put(record.value.at),
  });
  return builder.build();
}

function windowed(sizeMs: number): Topology {
  const builder = new StreamsBuilder('app');
  const windows = TimeWindows.ofSizeAndGrace(sizeMs, 0);
  builder.stream(input).groupByKey().windowedBy(windows).count({ name: 'things' });
  return builder.build();
}

function stateOf(topology: Topology, backend: StateBackend = new MemoryBackend()): TaskState {
  return new TaskState(topology.subTopologies[0]!, 'app', backend, 100);
}

/** What a task of the topology writes to the changelog. */
function changelogOf(topology: Topology, backend?: StateBackend): StateChange[] {
  const state = stateOf(topology, backend);
  const store = state.store('things');
  const key = topology.stores[0]!.kind === 'window' ? { key: 'k', window: { start: 0 } } : 'k';
  store.put(store.entry(key), { state: 1, at: 1, isFinal: false });
  store.keep();
  const records = state.changelogRecords(0).map(({ key: k, value }) => ({ key: k!, value }));
  state.commit(new Map([[CHANGELOG, records.length]]));
  return records;
}

function message(act: () => unknown): string {
  try {
    act();
    return 'fine';
  } catch (error) {
    expect(error).toBeInstanceOf(StreamsException);
    return (error as Error).message;
  }
}

describe('a start over a changelog', () => {
  test.each([
    ['the same', keeping('v1'), keeping('v1'), 'fine'],
    ['a format that it reads too', keeping('v1'), keeping('v2', ['v1']), 'fine'],
    ['values whose serde has no format', keeping(), keeping('v1'), 'fine'],
    ['a serde that may read anything', keeping('v1'), keeping(), 'fine'],
    ['another format', keeping('v1'), keeping('v2'), "its values were 'v1', and are 'v2'"],
    ['windows where there were none', keeping('float64'), windowed(10), 'it was a key-value store'],
    ['windows of another size', windowed(10), windowed(20), 'its windows were 10 ms, and are 20'],
  ])('by a topology with %s: on a new disk, and on the one it was written with', (...args) => {
    const [, writer, reader, expected] = args;
    const disk = new MemoryBackend();
    const records = changelogOf(writer, disk);
    const onNew = () => stateOf(reader).restore(CHANGELOG, records, records.length);
    expect(message(onNew)).toContain(expected);
    expect(message(() => stateOf(reader, disk))).toContain(expected);
  });

  test('says which topic it is, and the ways out', () => {
    const records = changelogOf(keeping('v1'));
    expect(message(() => stateOf(keeping('v2')).restore(CHANGELOG, records, 2))).toBe(
      "'app-things-changelog' was written by an incompatible topology: its values were 'v1', and are 'v2'. Name the store " +
        "anew, or read the old format too (a serde's 'reads'), or reset it: delete that topic and the local state",
    );
  });

  test('of a later version of the runtime is refused', () => {
    const change = { key: LAYOUT_KEY, value: Buffer.from('{"v":2}') };
    expect(message(() => stateOf(keeping('v1')).restore(CHANGELOG, [change], 1))).toContain(
      'is of version 2, this runtime knows 1',
    );
  });
});

describe('the layout', () => {
  const isLayout = ({ key }: StateChange) => key.equals(LAYOUT_KEY);

  test('is written with the first change, before it, and once', () => {
    const disk = new MemoryBackend();
    expect(changelogOf(keeping('v1'), disk).map(isLayout)).toEqual([true, false]);
    expect(changelogOf(keeping('v1'), disk).map(isLayout)).toEqual([false]);
  });

  test('is written again by a later format, and remembers the former: states of both are there', () => {
    const disk = new MemoryBackend();
    changelogOf(keeping('v1'), disk);
    const records = changelogOf(keeping('v2', ['v1']), disk);
    expect(records.map(isLayout)).toEqual([true, false]);
    expect(message(() => stateOf(keeping('v2'), disk))).toContain("its values were 'v1'");
    expect(message(() => stateOf(keeping('v3', ['v2', 'v1']), disk))).toBe('fine');
  });

  test('goes with the state that is wiped, and is no entry of the store', () => {
    const disk = new MemoryBackend();
    const records = changelogOf(keeping('v1'), disk);
    const state = stateOf(keeping('v1'), disk);
    state.wipe(CHANGELOG);
    expect(message(() => stateOf(keeping('v2'), disk))).toBe('fine');
    state.restore(CHANGELOG, records, records.length);
    expect([...state.store('things').range()].length).toBe(1);
    expect(message(() => stateOf(keeping('v2'), disk))).toContain('v1');
  });
});

test('a driver over the changelogs of an incompatible topology does not start', () => {
  const disk = new MemoryBackend();
  const driver = new TopologyTestDriver(keeping('v1'), {}, disk);
  driver.pipe(input, { id: 'k', at: 1 });
  expect(() => new TopologyTestDriver(keeping('v2'), {}, disk)).toThrow(StreamsException);
});

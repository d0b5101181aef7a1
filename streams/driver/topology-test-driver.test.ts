import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { StreamsBuilder } from '../dsl/streams-builder.ts';
import type { Topology } from '../graph/topology.ts';
import { META_COLUMN, type StateBackend } from '../state/backend.ts';
import { MemoryBackend } from '../state/memory-backend.ts';
import { stateColumns } from '../task/task-state.ts';
import { backendKinds, temporaryFolder } from '../testing/backends.ts';
import { jsonSerde, pingTopic, type Ping } from '../testing/topics.ts';
import { counts, left, right, windowCounts } from '../testing/window-counts.ts';
import {
  TopologyTestDriver,
  type CrashOptions,
  type DriverOptions,
} from './topology-test-driver.ts';

const LATENESS = 5;
const STATE_COLUMNS = ['store-pending', 'timers-count'];

/** What a history does, but for crashes and commits: the facts, the same in both runs. */
type Fact =
  | { readonly do: 'pipe'; readonly input: 'left' | 'right'; readonly ping: Ping }
  | { readonly do: 'pipeBytes'; readonly bytes: string }
  | { readonly do: 'advance'; readonly to: number };

type Step = Fact | { readonly do: 'commit' } | { readonly do: 'crash'; readonly how: CrashOptions };

/** Histories in which nothing is late, however they are read: an input's event times go back by less than the lateness. */
const histories: fc.Arbitrary<Step[]> = fc
  .array(
    fc.oneof(
      {
        weight: 10,
        arbitrary: fc.record({
          do: fc.constant('pipe' as const),
          input: fc.constantFrom('left' as const, 'right' as const),
          id: fc.constantFrom('a', 'b', 'c', 'd'),
          passed: fc.nat({ max: 8 }),
          ahead: fc.nat({ max: LATENESS - 1 }),
          act: fc.option(fc.constant('throw'), { freq: 6, nil: undefined }),
        }),
      },
      {
        weight: 1,
        arbitrary: fc.record({
          do: fc.constant('pipeBytes' as const),
          bytes: fc.constantFrom('', '{', '{"id":"other","at":1}'),
        }),
      },
      { weight: 2, arbitrary: fc.record({ do: fc.constant('advance' as const) }) },
      { weight: 3, arbitrary: fc.record({ do: fc.constant('commit' as const) }) },
      {
        weight: 3,
        arbitrary: fc.record({
          do: fc.constant('crash' as const),
          how: fc.record({
            disk: fc.constantFrom('kept' as const, 'lost' as const),
            duringCommit: fc.boolean(),
          }),
        }),
      },
    ),
    { maxLength: 60, size: 'max' },
  )
  .map((drawn) => {
    let now = 1000;
    return drawn.map((step): Step => {
      if (step.do === 'advance') return { do: 'advance', to: now++ };
      if (step.do !== 'pipe') return step;
      now += step.passed;
      const ping = { id: step.id, at: now + step.ahead };
      const { act, input } = step;
      return { do: 'pipe', input, ping: act === undefined ? ping : { ...ping, act } };
    });
  });

describe.each(backendKinds)('over $name', (kind) => {
  const numRuns = kind.isOnDisk ? 25 : 300;

  test(`${numRuns} random histories with crashes give what they give without`, async () => {
    const topology = windowCounts();
    const columns = [META_COLUMN, ...stateColumns(topology)];
    const disturbedBackend = await kind.open(columns);
    const undisturbedBackend = await kind.open(columns);
    fc.assert(
      fc.property(histories, (history) => {
        for (const column of columns) {
          disturbedBackend.clear(column);
          undisturbedBackend.clear(column);
        }
        const disturbed = play(history, false, disturbedBackend);
        const facts = history.filter(({ do: what }) => what !== 'crash' && what !== 'commit');
        const undisturbed = play(facts, true, undisturbedBackend);
        expect(disturbed).toEqual(undisturbed);
      }),
      { numRuns },
    );
  });
});

/** Plays a history to its end; returns everything that others could see of it, per key, and what is left on disk. */
function play(history: readonly Step[], autoCommit: boolean, backend: StateBackend) {
  const options: DriverOptions = { autoCommit, allowedLatenessMs: LATENESS };
  const driver = new TopologyTestDriver(windowCounts(), options, backend);
  const inputs = { left, right };
  let last = 0;
  for (const step of history) {
    switch (step.do) {
      case 'pipe':
        driver.pipe(inputs[step.input], step.ping);
        last = step.ping.at;
        break;
      case 'pipeBytes':
        driver.pipeBytes('left', Buffer.from('a'), Buffer.from(step.bytes));
        break;
      case 'advance':
        driver.advanceWatermarkTo(step.to);
        break;
      case 'commit':
        driver.commit();
        break;
      case 'crash':
        driver.crash(step.how);
    }
  }
  // Not to the end: some windows stay open, so that there is state to compare.
  driver.advanceWatermarkTo(last);
  driver.commit();
  const state = STATE_COLUMNS.map((column) => rows(backend, column));
  driver.crash({ disk: 'lost' });
  driver.commit();
  const restored = STATE_COLUMNS.map((column) => rows(backend, column));
  driver.advanceWatermarkTo(Infinity);
  driver.commit();
  const emptied = STATE_COLUMNS.map((column) => rows(backend, column));
  expect([restored, emptied]).toEqual([state, [[], []]]);
  return {
    state,
    counts: driver
      .read(counts)
      .map(({ value }) => value)
      .sort(byKeyOnly),
    deadLetters: driver
      .readDeadLetters()
      .map(({ key, value, headers }) => [String(key), String(value), messageAndOrigin(headers)])
      .sort(),
  };
}

/** Sorts by key, and leaves the order within a key: it is part of the result. */
function byKeyOnly(a: { readonly id: string }, b: { readonly id: string }): number {
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}

function messageAndOrigin(headers: Readonly<Record<string, unknown>>): unknown[] {
  return ['message', 'kind', 'topic', 'offset'].map((name) => headers[`__streams.errors.${name}`]);
}

function rows(backend: StateBackend, column: string): string[] {
  return backend
    .scan(column, Buffer.alloc(0), 1000)
    .map(([key, value]) => `${key.toString('hex')}=${value.toString()}`);
}

/** Counts pings per key, at once. */
function totals(): Topology {
  const builder = new StreamsBuilder('totals');
  builder
    .stream(left)
    .process<number, Ping>('total', {
      store: builder.store('totals', jsonSerde<number>()),
      onRecord(record, total = 0, context) {
        context.put(total + 1);
        context.forward({ ...record.value, at: total + 1 });
      },
    })
    .to(pings);
  return builder.build();
}

const pings = pingTopic('totals');

function readTotals(driver: TopologyTestDriver): number[] {
  return driver.read(pings).map(({ value }) => value.at);
}

describe('what is piped', () => {
  test('is processed and committed at once, unless told otherwise', () => {
    const driver = new TopologyTestDriver(totals());
    driver.pipe(left, { id: 'k', at: 1 });
    driver.pipe(left, { id: 'k', at: 2 });
    expect(readTotals(driver)).toEqual([1, 2]);
    driver.pipe(left, { id: 'k', at: 3 });
    expect(readTotals(driver)).toEqual([3]);
  });

  test('can not be read before its commit, when commits are by hand', () => {
    const driver = new TopologyTestDriver(totals(), { autoCommit: false });
    driver.pipe(left, { id: 'k', at: 1 });
    expect(readTotals(driver)).toEqual([]);
    expect(driver.metrics.processed).toBe(1);
    driver.commit();
    expect(readTotals(driver)).toEqual([1]);
  });

  test('has the key and headers that are given', () => {
    const driver = new TopologyTestDriver(totals());
    driver.pipe(left, { id: 'k', at: 1 }, { headers: { trace: 'x' } });
    driver.pipe(left, { id: 'k', at: 1 }, { key: 'other' });
    expect(driver.read(pings)).toEqual([
      { key: 'k', value: { id: 'k', at: 1 }, headers: { trace: 'x' } },
    ]);
    expect(driver.readDeadLetters()).toMatchObject([
      { topic: 'totals-dead-letter', key: Buffer.from('other') },
    ]);
    expect(driver.readDeadLetters()).toEqual([]);
  });

  test('goes through the serde that is on the wire', () => {
    const plain = jsonSerde<unknown>();
    const driver = new TopologyTestDriver(totals(), {
      serde: (topic) => ({
        encode: (value) => Buffer.concat([Buffer.from('!'), topic.value.encode(value)]),
        decode: (bytes) => topic.value.decode(bytes.subarray(1)),
      }),
    });
    driver.pipe(left, { id: 'k', at: 1 });
    driver.pipeBytes('left', Buffer.from('k'), plain.encode({ id: 'k', at: 1 }));
    expect(readTotals(driver)).toEqual([1]);
    expect(driver.readDeadLetters().length).toBe(1);
  });
});

describe('a crash', () => {
  test('takes what is not committed, and reads it again', () => {
    const driver = new TopologyTestDriver(totals(), { autoCommit: false });
    driver.pipe(left, { id: 'k', at: 1 });
    driver.commit();
    driver.pipe(left, { id: 'k', at: 2 });
    driver.crash();
    expect([driver.metrics.processed, driver.metrics.commits]).toEqual([1, 0]);
    driver.commit();
    expect(readTotals(driver)).toEqual([1, 2]);
  });

  test('in the middle of a commit counts nothing twice', () => {
    const driver = new TopologyTestDriver(totals(), { autoCommit: false });
    driver.pipe(left, { id: 'k', at: 1 });
    driver.crash({ duringCommit: true });
    expect([driver.metrics.processed, readTotals(driver)]).toEqual([0, [1]]);
    driver.pipe(left, { id: 'k', at: 2 });
    driver.commit();
    expect(readTotals(driver)).toEqual([2]);
  });

  test('with the disk lost brings the state back from the changelog', () => {
    const backend = new MemoryBackend();
    const driver = new TopologyTestDriver(totals(), {}, backend);
    driver.pipe(left, { id: 'k', at: 1 });
    driver.pipe(left, { id: 'k', at: 2 });
    driver.pipe(left, { id: 'l', at: 3 });
    const before = [META_COLUMN, 'store-totals'].map((column) => rows(backend, column));
    expect(before[1]!.length).toBe(2);
    const damage = backend.batch();
    damage.put('store-totals', Buffer.from('k'), Buffer.from('999'));
    damage.put('store-totals', Buffer.from('z'), Buffer.from('999'));
    damage.write();
    driver.crash({ disk: 'lost' });
    expect([META_COLUMN, 'store-totals'].map((column) => rows(backend, column))).toEqual(before);
    driver.pipe(left, { id: 'k', at: 4 });
    expect(readTotals(driver)).toEqual([1, 2, 1, 3]);
  });
});

test('what it is told to forget is not read again, and all goes on as if it was there', () => {
  const driver = new TopologyTestDriver(totals(), { autoCommit: false });
  const read: number[] = [];
  for (let at = 1; at <= 9; at++) {
    driver.pipe(left, { id: 'k', at });
    if (at === 2) driver.commit();
    if (at % 3 !== 0) continue;
    // Commits, and keeps what was not read yet.
    driver.forget();
    if (at === 6) driver.crash();
    read.push(...readTotals(driver));
    driver.forget();
  }
  expect(read).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  driver.crash({ duringCommit: true });
  expect(readTotals(driver)).toEqual([]);
});

describe('the watermark', () => {
  test('follows event times less the lateness, over all inputs', () => {
    const driver = new TopologyTestDriver(windowCounts(), { allowedLatenessMs: 10 });
    driver.pipe(left, { id: 'k', at: 100 });
    expect(driver.watermark).toBe(-Infinity);
    driver.pipe(right, { id: 'k', at: 80 });
    expect(driver.watermark).toBe(70);
  });

  test('has a lateness of five seconds by default', () => {
    const driver = new TopologyTestDriver(totals());
    driver.pipe(left, { id: 'k', at: 20_000 });
    expect(driver.watermark).toBe(15_000);
  });

  test('does not pass the wall clock, when there is one', () => {
    const driver = new TopologyTestDriver(totals(), { wallClock: 50, allowedLatenessMs: 0 });
    driver.pipe(left, { id: 'k', at: 100 });
    expect(driver.watermark).toBe(50);
    driver.advanceWatermarkTo(70);
    expect(driver.watermark).toBe(70);
  });

  test('takes the wall clock along, also over a crash', () => {
    const options = { wallClock: 50, allowedLatenessMs: 0, autoCommit: false };
    const driver = new TopologyTestDriver(totals(), options);
    driver.pipe(left, { id: 'k', at: 100 });
    driver.advanceWatermarkTo(70);
    driver.crash();
    expect(driver.watermark).toBe(70);
  });

  test('goes on from the commit after a crash', () => {
    const driver = new TopologyTestDriver(totals(), { allowedLatenessMs: 0 });
    driver.pipe(left, { id: 'k', at: 100 });
    driver.crash();
    expect(driver.watermark).toBe(100);
  });

  test('fires what is due when it is advanced, and nothing before', () => {
    const driver = new TopologyTestDriver(windowCounts(), { allowedLatenessMs: 10 });
    driver.pipe(left, { id: 'k', at: 101 });
    driver.pipe(right, { id: 'k', at: 102 });
    driver.advanceWatermarkTo(109);
    expect(driver.read(counts)).toEqual([]);
    driver.advanceWatermarkTo(110);
    expect(driver.read(counts).map(({ value }) => value)).toEqual([
      { id: 'k', until: 110, count: 2 },
    ]);
    expect(driver.watermark).toBe(110);
  });
});

test('over a folder, a new driver finds the state of the one before', async () => {
  const stateDir = await temporaryFolder();
  const first = await TopologyTestDriver.open(totals(), { stateDir });
  first.pipe(left, { id: 'k', at: 1 });
  await first.close();
  const second = await TopologyTestDriver.open(totals(), { stateDir });
  second.pipe(left, { id: 'k', at: 2 });
  expect(readTotals(second)).toEqual([2]);
  await second.close();
});

test('without a folder, opening one is like making one', async () => {
  const driver = await TopologyTestDriver.open(totals());
  driver.pipe(left, { id: 'k', at: 1 });
  expect(readTotals(driver)).toEqual([1]);
  await driver.close();
});

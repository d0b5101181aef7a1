import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TopologyTestDriver, type CrashOptions } from '../driver/topology-test-driver.ts';
import type { Windowed } from '../processor/windowed.ts';
import { stringSerde, windowedSerde } from '../serde/serdes.ts';
import type { Topic } from '../serde/serde.ts';
import { jsonSerde } from '../testing/topics.ts';
import { StreamsBuilder } from './streams-builder.ts';
import { TimeWindows } from './windows.ts';

interface Click {
  readonly n: number;
  readonly at: number;
}

const clicks: Topic<Click> = { name: 'clicks', value: jsonSerde<Click>(), eventTime: (c) => c.at };

function resultTopic(name: string, sizeMs: number): Topic<readonly number[], Windowed<string>> {
  return { name, key: windowedSerde(stringSerde, sizeMs), value: jsonSerde<readonly number[]>() };
}

/** Lists what was clicked in each window: each update, and what it came to. */
function topology(windows: TimeWindows, retentionMs?: number) {
  const builder = new StreamsBuilder('app');
  const lists = builder
    .stream(clicks)
    .groupByKey()
    .windowedBy(windows)
    .aggregate<readonly number[]>(
      () => [],
      (_key, click, list) => [...list, click.n],
      { name: 'lists', value: jsonSerde(), ...(retentionMs !== undefined && { retentionMs }) },
    );
  lists.toStream().to(resultTopic('updates', windows.sizeMs));
  lists.suppress().toStream().to(resultTopic('finals', windows.sizeMs));
  return builder.build();
}

type Step =
  | { readonly do: 'pipe'; readonly key: string; readonly at: number }
  | { readonly do: 'advance'; readonly by: number }
  | { readonly do: 'crash'; readonly how: CrashOptions };

const steps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      do: fc.constant('pipe' as const),
      key: fc.constantFrom('a', 'b', 'ab'),
      at: fc.integer({ min: 0, max: 60 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('advance' as const), by: fc.nat({ max: 8 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('crash' as const),
      how: fc.record({ disk: fc.constantFrom('kept' as const, 'lost' as const) }),
    }),
  },
);

interface Cell {
  readonly key: string;
  readonly start: number;
  readonly list: number[];
}

/** Windows as they are defined: every multiple of the advance is looked at, for each record. */
class Model {
  readonly updates: string[] = [];
  readonly finals: string[] = [];
  readonly #windows: TimeWindows;
  #open: Cell[] = [];

  constructor(windows: TimeWindows) {
    this.#windows = windows;
  }

  read(key: string, at: number, n: number, watermark: number): void {
    const { sizeMs, advanceMs, graceMs } = this.#windows;
    for (let start = 0; start <= at; start += advanceMs) {
      if (at >= start + sizeMs || start + sizeMs + graceMs <= watermark) continue;
      let cell = this.#open.find((each) => each.key === key && each.start === start);
      if (!cell) this.#open.push((cell = { key, start, list: [] }));
      cell.list.push(n);
      this.updates.push(show(cell));
    }
  }

  advance(watermark: number): void {
    const { sizeMs, graceMs } = this.#windows;
    const closed = this.#open.filter(({ start }) => start + sizeMs + graceMs <= watermark);
    this.#open = this.#open.filter((cell) => !closed.includes(cell));
    closed.sort((a, b) => a.start - b.start || (a.key < b.key ? -1 : 1));
    this.finals.push(...closed.map(show));
  }
}

function show({ key, start, list }: Cell): string {
  return `${key}@${start} ${list.join()}`;
}

describe('windowed aggregation', () => {
  test('on random histories, out of order, late and crashing, is what the model says', () => {
    fc.assert(
      fc.property(
        fc.record({
          size: fc.integer({ min: 1, max: 20 }),
          advance: fc.integer({ min: 1, max: 20 }),
          grace: fc.integer({ min: 0, max: 6 }),
          retention: fc.option(fc.integer({ min: 26, max: 40 }), { nil: undefined }),
        }),
        fc.array(steps, { maxLength: 50, size: 'max' }),
        ({ size, advance, grace, retention }, history) => {
          const windows = TimeWindows.ofSizeAndGrace(size, grace).advanceBy(
            Math.min(advance, size),
          );
          const driver = new TopologyTestDriver(topology(windows, retention), {
            allowedLatenessMs: 2,
          });
          const model = new Model(windows);
          for (const [n, step] of history.entries()) {
            if (step.do === 'pipe') {
              model.read(step.key, step.at, n, driver.watermark);
              driver.pipe(clicks, { n, at: step.at }, { key: step.key });
            } else if (step.do === 'advance') {
              driver.advanceWatermarkTo(Math.max(0, driver.watermark) + step.by);
            } else driver.crash(step.how);
            model.advance(driver.watermark);
          }
          driver.advanceWatermarkTo(Infinity);
          model.advance(Infinity);
          const read = (name: string) =>
            driver
              .read(resultTopic(name, size))
              .map(({ key: { key, window }, value }) =>
                show({ key, start: window.start, list: [...value] }),
              );
          expect(read('updates')).toEqual(model.updates);
          // Those of one instant come in the order of the keys' bytes, longer keys by what follows.
          expect(read('finals').sort()).toEqual(model.finals.sort());
          expect(driver.storeEntries('lists')).toEqual([]);
        },
      ),
      { numRuns: 300 },
    );
  });

  test('suppressed, comes once, when the watermark is the grace past the end', () => {
    const windows = TimeWindows.ofSizeAndGrace(10, 3);
    const driver = new TopologyTestDriver(topology(windows), { allowedLatenessMs: 0 });
    const finals = resultTopic('finals', 10);
    driver.pipe(clicks, { n: 1, at: 5 }, { key: 'k' });
    driver.pipe(clicks, { n: 2, at: 12 }, { key: 'k' });
    driver.pipe(clicks, { n: 3, at: 9 }, { key: 'k' });
    expect(driver.read(finals)).toEqual([]);
    driver.advanceWatermarkTo(13);
    expect(driver.read(finals)).toEqual([
      { key: { key: 'k', window: { start: 0, end: 10 } }, value: [1, 3], headers: {} },
    ]);
    driver.pipe(clicks, { n: 4, at: 9 }, { key: 'k' });
    expect(driver.metrics.dropped.get('window-closed')).toBe(1);
    driver.advanceWatermarkTo(Infinity);
    expect(driver.read(finals).map(({ value }) => value)).toEqual([[2]]);
  });

  test('keeps a closed window for its retention, and tombstones it then', () => {
    const windows = TimeWindows.ofSizeAndGrace(10, 0);
    const driver = new TopologyTestDriver(topology(windows, 30));
    driver.pipe(clicks, { n: 1, at: 5 }, { key: 'k' });
    driver.advanceWatermarkTo(29);
    expect(driver.storeEntries('lists').length).toBe(1);
    expect(driver.read(resultTopic('finals', 10)).length).toBe(1);
    driver.advanceWatermarkTo(30);
    expect(driver.storeEntries('lists')).toEqual([]);
    driver.crash({ disk: 'lost' });
    expect(driver.storeEntries('lists')).toEqual([]);
    expect(driver.read(resultTopic('finals', 10))).toEqual([]);
  });
});

describe('windows', () => {
  test.each([
    [() => TimeWindows.ofSizeAndGrace(0, 0), 'a window of 0 ms is none'],
    [() => TimeWindows.ofSizeAndGrace(10, -1), 'the grace of -1 ms is none'],
    [() => TimeWindows.ofSizeAndGrace(10, 0).advanceBy(11), 'would leave gaps'],
  ])('that make no sense are refused: %#', (make, message) => {
    expect(make).toThrow(message);
  });
});

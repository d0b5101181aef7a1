import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TopologyTestDriver, type CrashOptions } from '../driver/topology-test-driver.ts';
import type { Topic } from '../serde/serde.ts';
import { jsonSerde } from '../testing/topics.ts';
import type { JoinKind } from './stream-join.ts';
import { StreamsBuilder } from './streams-builder.ts';
import { JoinWindows } from './windows.ts';

interface Side {
  readonly n: number;
  readonly at: number;
}

interface Joined {
  readonly left: number | null;
  readonly right: number | null;
}

const sideTopic = (name: string): Topic<Side> => ({
  name,
  value: jsonSerde<Side>(),
  eventTime: ({ at }) => at,
});
const lefts = sideTopic('lefts');
const rights = sideTopic('rights');
const joined: Topic<Joined> = { name: 'joined', value: jsonSerde<Joined>() };

const pair = (left: Side | undefined, right: Side | undefined): Joined => ({
  left: left?.n ?? null,
  right: right?.n ?? null,
});

function topology(kind: JoinKind, windows: JoinWindows) {
  const builder = new StreamsBuilder('app');
  const left = builder.stream(lefts);
  const right = builder.stream(rights);
  const result = {
    join: () => left.join(right, pair, windows),
    'left-join': () => left.leftJoin(right, pair, windows),
    'outer-join': () => left.outerJoin(right, pair, windows),
  }[kind]();
  result.to(joined);
  return builder.build();
}

type Step =
  | { readonly do: 'pipe'; readonly isLeft: boolean; readonly key: string; readonly at: number }
  | { readonly do: 'advance'; readonly by: number }
  | { readonly do: 'crash'; readonly how: CrashOptions };

const LATENESS = 2;

const steps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      do: fc.constant('pipe' as const),
      isLeft: fc.boolean(),
      key: fc.constantFrom('a', 'b'),
      at: fc.integer({ min: 100, max: 140 }),
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

interface Kept {
  readonly isLeft: boolean;
  readonly key: string;
  readonly at: number;
  readonly n: number;
  matched: boolean;
}

/** The join as it is defined: everything that was read, and a look at all of it each time. */
class Model {
  readonly results: string[] = [];
  dropped = 0;
  readonly #kind: JoinKind;
  readonly #windows: JoinWindows;
  #open: Kept[] = [];

  constructor(kind: JoinKind, windows: JoinWindows) {
    this.#kind = kind;
    this.#windows = windows;
  }

  read(record: Omit<Kept, 'matched'>, watermark: number): void {
    if (this.#closes(record) <= watermark) {
      this.dropped++;
      return;
    }
    const { beforeMs, afterMs } = this.#windows;
    const own: Kept = { ...record, matched: false };
    const others = this.#open
      .filter((other) => other.isLeft !== own.isLeft && other.key === own.key)
      .sort((a, b) => a.at - b.at);
    for (const other of others) {
      const [left, right] = own.isLeft ? [own, other] : [other, own];
      if (right.at < left.at - beforeMs || right.at > left.at + afterMs) continue;
      this.#emit(own.key, left, right);
      own.matched = other.matched = true;
    }
    this.#open.push(own);
  }

  advance(watermark: number): void {
    const closed = this.#open
      .filter((kept) => this.#closes(kept) <= watermark)
      .sort(
        (a, b) =>
          this.#closes(a) - this.#closes(b) ||
          (a.key < b.key ? -1 : a.key > b.key ? 1 : 0) ||
          a.at - b.at ||
          Number(b.isLeft) - Number(a.isLeft),
      );
    this.#open = this.#open.filter((kept) => !closed.includes(kept));
    for (const kept of closed) {
      if (kept.matched || this.#kind === 'join') continue;
      if (kept.isLeft) this.#emit(kept.key, kept, undefined);
      else if (this.#kind === 'outer-join') this.#emit(kept.key, undefined, kept);
    }
  }

  #closes({ isLeft, at }: Pick<Kept, 'isLeft' | 'at'>): number {
    const { beforeMs, afterMs, graceMs } = this.#windows;
    return at + (isLeft ? afterMs : beforeMs) + graceMs;
  }

  #emit(key: string, left: Kept | undefined, right: Kept | undefined): void {
    this.results.push(`${key} ${left?.n ?? '-'} ${right?.n ?? '-'}`);
  }
}

describe.each(['join', 'left-join', 'outer-join'] as const)('a %s', (kind) => {
  test('on random histories, out of order, late and crashing, is what the model says', () => {
    fc.assert(
      fc.property(
        fc.record({
          before: fc.integer({ min: 0, max: 8 }),
          after: fc.integer({ min: 0, max: 8 }),
          grace: fc.integer({ min: 0, max: 6 }),
        }),
        fc.array(steps, { maxLength: 60, size: 'max' }),
        ({ before, after, grace }, history) => {
          const windows = JoinWindows.ofTimeDifferenceAndGrace(0, grace)
            .before(before)
            .after(after);
          const driver = new TopologyTestDriver(topology(kind, windows), {
            allowedLatenessMs: LATENESS,
          });
          const model = new Model(kind, windows);
          let dropped = 0;
          let latest = 100;
          for (const [n, step] of history.entries()) {
            if (step.do === 'pipe') {
              const { isLeft, key, at } = step;
              latest = Math.max(latest, at);
              model.read({ isLeft, key, at, n }, driver.watermark);
              driver.pipe(isLeft ? lefts : rights, { n, at }, { key });
            } else if (step.do === 'advance') {
              // Past what was read: an input that is read again after being complete would move the watermark by itself.
              driver.advanceWatermarkTo(Math.max(latest, driver.watermark) + step.by);
            } else {
              dropped += driver.metrics.dropped.get('window-closed') ?? 0;
              driver.crash(step.how);
            }
            model.advance(driver.watermark);
          }
          driver.advanceWatermarkTo(Infinity);
          model.advance(Infinity);
          const results = driver
            .read(joined)
            .map(({ key, value }) => `${key} ${value.left ?? '-'} ${value.right ?? '-'}`);
          expect(results).toEqual(model.results);
          expect(driver.readDeadLetters()).toEqual([]);
          dropped += driver.metrics.dropped.get('window-closed') ?? 0;
          expect(dropped).toBe(model.dropped);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('the unmatched side', () => {
  const windows = JoinWindows.ofTimeDifferenceAndGrace(10, 5);

  test('comes once its window has closed by the watermark, not before, also without another record', () => {
    const driver = new TopologyTestDriver(topology('left-join', windows));
    driver.pipe(lefts, { n: 1, at: 100 }, { key: 'k' });
    driver.advanceWatermarkTo(114);
    expect(driver.read(joined)).toEqual([]);
    driver.advanceWatermarkTo(115);
    expect(driver.read(joined).map(({ value }) => value)).toEqual([{ left: 1, right: null }]);
    driver.advanceWatermarkTo(Infinity);
    expect(driver.read(joined)).toEqual([]);
  });

  test('does not come as well as a match', () => {
    const driver = new TopologyTestDriver(topology('outer-join', windows));
    driver.pipe(lefts, { n: 1, at: 100 }, { key: 'k' });
    driver.pipe(rights, { n: 2, at: 110 }, { key: 'k' });
    driver.pipe(rights, { n: 3, at: 111 }, { key: 'k' });
    driver.advanceWatermarkTo(Infinity);
    expect(driver.read(joined).map(({ value }) => value)).toEqual([
      { left: 1, right: 2 },
      { left: null, right: 3 },
    ]);
  });
});

test('nothing is left behind once all windows have closed', () => {
  const driver = new TopologyTestDriver(
    topology('outer-join', JoinWindows.ofTimeDifferenceWithNoGrace(10)),
  );
  for (let i = 0; i < 20; i++)
    driver.pipe(i % 2 ? lefts : rights, { n: i, at: 100 + i * 7 }, { key: `k${i % 3}` });
  driver.advanceWatermarkTo(Infinity);
  expect(driver.storeEntries('lefts-outer-join-1')).toEqual([]);
});

type Disturbance = { readonly do: 'commit' } | { readonly do: 'crash'; readonly how: CrashOptions };
type Fact = { readonly do: 'pipe'; readonly isLeft: boolean; readonly key: string } & Side;

/** Histories in which nothing is late, however they are read: event times go back by less than the lateness. */
const punctual: fc.Arbitrary<(Fact | Disturbance)[]> = fc
  .array(
    fc.oneof(
      {
        weight: 8,
        arbitrary: fc.record({
          do: fc.constant('pipe' as const),
          isLeft: fc.boolean(),
          key: fc.constantFrom('a', 'b'),
          passed: fc.nat({ max: 4 }),
          ahead: fc.nat({ max: LATENESS - 1 }),
        }),
      },
      { weight: 2, arbitrary: fc.record({ do: fc.constant('commit' as const) }) },
      {
        weight: 2,
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
    let now = 100;
    return drawn.map((step, n): Fact | Disturbance => {
      if (step.do !== 'pipe') return step;
      now += step.passed;
      return { do: 'pipe', isLeft: step.isLeft, key: step.key, n, at: now + step.ahead };
    });
  });

test('a run with crashes at any point, in the middle of a commit too, gives what one without them gives', () => {
  const windows = JoinWindows.ofTimeDifferenceAndGrace(4, 1);
  const play = (history: readonly (Fact | Disturbance)[], autoCommit: boolean) => {
    const options = { autoCommit, allowedLatenessMs: LATENESS };
    const driver = new TopologyTestDriver(topology('outer-join', windows), options);
    for (const step of history) {
      if (step.do === 'commit') driver.commit();
      else if (step.do === 'crash') driver.crash(step.how);
      else driver.pipe(step.isLeft ? lefts : rights, { n: step.n, at: step.at }, { key: step.key });
    }
    driver.commit();
    driver.advanceWatermarkTo(Infinity);
    driver.commit();
    expect(driver.storeEntries('lefts-outer-join-1')).toEqual([]);
    return driver
      .read(joined)
      .map(({ key, value }) => `${key} ${value.left ?? '-'} ${value.right ?? '-'}`)
      .sort();
  };
  fc.assert(
    fc.property(punctual, (history) => {
      const facts = history.filter((step) => step.do === 'pipe');
      expect(play(history, false)).toEqual(play(facts, true));
    }),
    { numRuns: 300 },
  );
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TopologyTestDriver, type CrashOptions } from '../driver/topology-test-driver.ts';
import { TopologyError } from '../errors.ts';
import { describe as describeTopology } from '../graph/describe.ts';
import { partitionsOf } from '../graph/partitions.ts';
import type { Topic } from '../serde/serde.ts';
import { numberSerde, stringSerde, windowedSerde } from '../serde/serdes.ts';
import type { Windowed } from '../processor/windowed.ts';
import { jsonSerde } from '../testing/topics.ts';
import { StreamsBuilder } from './streams-builder.ts';
import { JoinWindows, TimeWindows } from './windows.ts';

interface Sale {
  readonly shop: string;
  readonly item: number;
  readonly at: number;
}

interface Shop {
  readonly name: string;
  readonly at: number;
}

const sales: Topic<Sale> = {
  name: 'sales',
  value: jsonSerde<Sale>(),
  eventTime: ({ at }) => at,
};
const shops: Topic<Shop> = { name: 'shops', value: jsonSerde<Shop>(), eventTime: ({ at }) => at };
const perItem: Topic<number, number> = { name: 'per-item', key: numberSerde, value: numberSerde };
const named: Topic<string> = { name: 'named', value: stringSerde };
const perWindow: Topic<number, Windowed<string>> = {
  name: 'per-window',
  key: windowedSerde(stringSerde, 10),
  value: numberSerde,
};

/** Counts by item, which is no sale's key; joins with the shops; counts per shop and window. */
function topology() {
  const builder = new StreamsBuilder('app');
  const all = builder.stream(sales);
  all
    .groupBy((sale) => sale.item, { name: 'by-item', key: numberSerde })
    .count({ name: 'items' })
    .toStream()
    .to(perItem);
  const byShop = all.selectKey((sale) => sale.shop).repartition({ name: 'by-shop' });
  byShop
    .leftJoin(builder.table(shops), (sale, shop) => `${sale.item} ${shop?.name ?? '-'}`)
    .to(named);
  byShop
    .groupByKey()
    .windowedBy(TimeWindows.ofSizeAndGrace(10, 5))
    .count({ name: 'windows' })
    .suppress()
    .toStream()
    .to(perWindow);
  return builder.build();
}

describe('a stream whose key has changed', () => {
  test('goes through a repartition topic to be grouped or joined, in sub-topologies of their own', () => {
    const { subTopologies } = topology();
    const shape = subTopologies.map(({ id, sources, sinks, stores }) => [
      id,
      sources.map((s) => s.topic.name),
      sinks.map((s) => s.topic.name),
      stores.map((s) => s.name),
    ]);
    expect(shape).toEqual([
      [0, ['sales'], ['by-item', 'by-shop'], []],
      [1, ['by-item'], ['per-item'], ['items']],
      [2, ['shops', 'by-shop'], ['named', 'per-window'], ['shops-table', 'windows']],
    ]);
    expect(describeTopology(topology())).toContain(
      'Sink: by-item-repartition-sink (topic: by-item-repartition)',
    );
  });

  test('arrives with its key, time and headers', () => {
    const driver = new TopologyTestDriver(topology());
    driver.pipe(shops, { name: 'Corner', at: 1 }, { key: 's1' });
    driver.pipe(sales, { shop: 's1', item: 7, at: 10 }, { key: 'x', headers: { trace: 't' } });
    driver.pipe(sales, { shop: 's2', item: 7, at: 12 }, { key: 'y' });
    expect(driver.read(perItem)).toEqual([
      { key: 7, value: 1, headers: { trace: 't' } },
      { key: 7, value: 2, headers: {} },
    ]);
    expect(driver.read(named).map(({ key, value }) => [key, value])).toEqual([
      ['s1', '7 Corner'],
      ['s2', '7 -'],
    ]);
    driver.advanceWatermarkTo(24);
    expect(driver.read(perWindow)).toEqual([]);
    driver.advanceWatermarkTo(25);
    expect(driver.read(perWindow).map(({ key, value }) => [key.key, key.window, value])).toEqual([
      ['s1', { start: 10, end: 20 }, 1],
      ['s2', { start: 10, end: 20 }, 1],
    ]);
    expect(driver.readDeadLetters()).toEqual([]);
  });

  test('takes deletions along', () => {
    const builder = new StreamsBuilder('app');
    const seen: unknown[] = [];
    builder
      .table(shops)
      .toStream()
      .selectKey((_shop, key) => `of ${key}`)
      .repartition({ name: 'moved' })
      .peek((shop, key) => seen.push([key, shop]))
      .to({ ...shops, name: 'out' });
    const driver = new TopologyTestDriver(builder.build());
    driver.pipe(shops, null, { key: 's1', timestamp: 5 });
    expect(seen).toEqual([['of s1', null]]);
    expect(driver.read({ ...shops, name: 'out' }).map(({ value }) => value)).toEqual([null]);
  });

  test('that is kept by key in a processor goes through one too', () => {
    const builder = new StreamsBuilder('app');
    const store = builder.store('per-shop', numberSerde);
    builder
      .stream(sales)
      .selectKey((sale) => sale.shop)
      .process('sum', {
        store,
        onRecord: (record, sum, context) => context.put((sum ?? 0) + record.value.item),
      });
    const driver = new TopologyTestDriver(builder.build());
    driver.pipe(sales, { shop: 's1', item: 2, at: 1 }, { key: 'x' });
    driver.pipe(sales, { shop: 's1', item: 3, at: 2 }, { key: 'y' });
    expect(driver.storeEntries('per-shop')).toEqual([['s1', 5]]);
    expect(() => driver.pipe(shops, { name: 'x', at: 1 }, { key: 'k' })).toThrow(
      "topology 'app' does not read 'shops'",
    );
  });

  test('is not repartitioned for a step that keeps nothing per key', () => {
    const builder = new StreamsBuilder('app');
    builder
      .stream(sales)
      .selectKey((sale) => sale.shop)
      .filter((sale) => sale.item > 0)
      .to({ ...sales, name: 'out' });
    expect(builder.build().subTopologies.length).toBe(1);
  });

  test('needs a serde for its values when they were mapped, and says so', () => {
    const builder = new StreamsBuilder('app');
    const mapped = builder
      .stream(sales)
      .selectKey((sale) => sale.shop)
      .mapValues((sale) => sale.item);
    expect(() => mapped.groupByKey()).toThrow(TopologyError);
    expect(() => mapped.groupByKey()).toThrow(
      /groupByKey of the stream from 'sales' goes through .* give it, as groupByKey\(…, { value: serde }\)/,
    );
    mapped.groupByKey({ value: numberSerde }).count();
    expect(builder.build().subTopologies.length).toBe(2);
  });
});

describe('partitions', () => {
  const counts = (given: Record<string, number>) => new Map(Object.entries(given));

  test('of repartition topics are those of what they are read with, else of what writes them', () => {
    const { tasks, repartitionTopics } = partitionsOf(
      topology(),
      'app',
      counts({ sales: 3, shops: 5 }),
    );
    expect(tasks).toEqual([3, 3, 5]);
    expect([...repartitionTopics]).toEqual([
      ['app-by-item-repartition', 3],
      ['app-by-shop-repartition', 5],
    ]);
  });

  test('are what the user says, where nothing else counts', () => {
    const builder = new StreamsBuilder('app');
    const wide = builder.stream(sales).repartition({ name: 'wide', partitions: 8 });
    wide
      .selectKey((sale) => sale.shop)
      .groupByKey({ name: 'again' })
      .count();
    const { tasks } = partitionsOf(builder.build(), 'app', counts({ sales: 2 }));
    expect(tasks).toEqual([2, 8, 8]);
  });

  test('of topics that are read together must be equal', () => {
    const builder = new StreamsBuilder('app');
    builder
      .stream(sales)
      .join(builder.table(shops), () => 'x', {})
      .to(named);
    expect(() => partitionsOf(builder.build(), 'app', counts({ sales: 3, shops: 5 }))).toThrow(
      /must have the same number of partitions \(shops: 5, sales: 3\); .* repartition\(\)/,
    );
  });
});

test('streams and tables of two builders do not mix', () => {
  const [one, other] = [new StreamsBuilder('one'), new StreamsBuilder('other')];
  const [stream, elsewhere] = [one.stream(sales), other.stream(sales)];
  const windows = JoinWindows.ofTimeDifferenceWithNoGrace(1);
  const message = /of one StreamsBuilder, and these are of two; make both with the same one/;
  expect(() => stream.merge(elsewhere)).toThrow(message);
  expect(() => stream.join(elsewhere, () => 1, windows)).toThrow(message);
  expect(() => stream.join(other.table(shops), () => 1)).toThrow(message);
});

test('generated names stay when an unrelated step is added', () => {
  const names = (grown: boolean) => {
    const builder = new StreamsBuilder('app');
    if (grown)
      builder
        .table(shops)
        .toStream()
        .filter(() => true)
        .groupByKey()
        .count();
    const stream = builder.stream(sales).filter(() => true);
    if (grown) stream.mapValues((sale) => sale).peek(() => undefined);
    stream.groupByKey().count();
    stream
      .selectKey((sale) => sale.shop)
      .groupByKey()
      .reduce((a) => a);
    return builder.build();
  };
  const [before, after] = [names(false), names(true)];
  const stores = before.stores.map(({ name }) => name);
  expect(stores).toEqual(['sales-count-1', 'sales-groupByKey-1-reduce-1']);
  expect(after.stores.map(({ name }) => name)).toEqual(expect.arrayContaining(stores));
  expect(describeTopology(before)).toContain("Warning: store 'sales-count-1' has a generated name");
});

type Step =
  | { readonly do: 'sale'; readonly sale: Sale; readonly key: string }
  | { readonly do: 'shop'; readonly shop: Shop; readonly key: string }
  | { readonly do: 'commit' }
  | { readonly do: 'crash'; readonly how: CrashOptions };

const LATENESS = 5;

/** Histories in which nothing is late however they are read, and no shop changes when something is sold there. */
const histories = fc
  .array(
    fc.oneof(
      {
        weight: 10,
        arbitrary: fc.record({
          do: fc.constant('sale' as const),
          key: fc.constantFrom('x', 'y', 'z'),
          shop: fc.constantFrom('s1', 's2'),
          item: fc.constantFrom(1, 2),
          passed: fc.nat({ max: 4 }),
          ahead: fc.nat({ max: 2 }),
        }),
      },
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
    { maxLength: 50, size: 'max' },
  )
  .map((drawn) => {
    let now = 100;
    return drawn.map((step): Step => {
      if (step.do !== 'sale') return step;
      now += step.passed;
      const { shop, item, key, ahead } = step;
      return { do: 'sale', key, sale: { shop, item, at: now + ahead } };
    });
  });

test('over all sub-topologies, a run with crashes at any point gives what one without them gives', () => {
  fc.assert(
    fc.property(histories, (history) => {
      const facts = history.filter((step) => step.do === 'sale');
      expect(play(history, false)).toEqual(play(facts, true));
    }),
    { numRuns: 200 },
  );
});

/** Everything that came of it. What a count went through depends on the order of equals: so the results, sorted. */
function play(history: readonly Step[], autoCommit: boolean) {
  const driver = new TopologyTestDriver(topology(), { autoCommit, allowedLatenessMs: LATENESS });
  driver.pipe(shops, { name: 'Corner', at: 1 }, { key: 's1' });
  driver.commit();
  for (const step of history) {
    if (step.do === 'sale') driver.pipe(sales, step.sale, { key: step.key });
    else if (step.do === 'commit') driver.commit();
    else if (step.do === 'crash') driver.crash(step.how);
  }
  driver.commit();
  driver.advanceWatermarkTo(Infinity);
  driver.commit();
  const lines = (results: readonly { readonly key: unknown; readonly value: unknown }[]) =>
    results.map(({ key, value }) => JSON.stringify([key, value])).sort();
  expect(driver.storeEntries('windows')).toEqual([]);
  return {
    items: driver.storeEntries('items'),
    perItem: lines(driver.read(perItem)),
    named: lines(driver.read(named)),
    perWindow: lines(driver.read(perWindow)),
    dead: driver.readDeadLetters(),
  };
}

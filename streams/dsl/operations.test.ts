import { describe, expect, expectTypeOf, test } from 'vitest';
import { TopologyTestDriver } from '../driver/topology-test-driver.ts';
import { TopologyError } from '../errors.ts';
import type { Windowed } from '../processor/windowed.ts';
import { numberSerde, stringSerde } from '../serde/serdes.ts';
import type { Topic } from '../serde/serde.ts';
import { jsonSerde } from '../testing/topics.ts';
import type { KStream } from './kstream.ts';
import { StreamsBuilder } from './streams-builder.ts';
import { JoinWindows, TimeWindows } from './windows.ts';

interface Order {
  readonly at: number;
  readonly total: number;
  readonly items: readonly string[];
}

const orders: Topic<Order> = {
  name: 'orders',
  value: jsonSerde<Order>(),
  eventTime: ({ at }) => at,
};
const texts: Topic<string> = { name: 'texts', value: stringSerde };
const numbers: Topic<number> = { name: 'numbers', value: numberSerde };
const byNumber: Topic<string, number> = { name: 'by-number', key: numberSerde, value: stringSerde };

const order = (at: number, total: number, ...items: string[]): Order => ({ at, total, items });

/** What comes out as texts when these orders go in, under the key `k` unless it is given. */
function texted(
  build: (input: KStream<string, Order>) => KStream<string, string>,
  ...input: (Order | [string, Order])[]
): string[] {
  const builder = new StreamsBuilder('app');
  build(builder.stream(orders)).to(texts);
  const driver = new TopologyTestDriver(builder.build());
  for (const each of input) {
    const [key, value] = Array.isArray(each) ? each : ['k', each];
    driver.pipe(orders, value, { key });
  }
  expect(driver.readDeadLetters()).toEqual([]);
  return driver.read(texts).map(({ key, value }) => `${key}:${value}`);
}

describe('stateless steps', () => {
  test('map makes a key and a value', () => {
    const out = texted(
      (s) => s.map((o, key) => ({ key: o.items[0]!, value: `${key}${o.total}` })),
      order(1, 5, 'a'),
    );
    expect(out).toEqual(['a:k5']);
  });

  test('flatMap makes any number of them', () => {
    const build = (s: KStream<string, Order>) =>
      s.flatMap((o) => o.items.map((item, i) => ({ key: item, value: `${i}` })));
    expect(texted(build, order(1, 5, 'a', 'b'), order(2, 5))).toEqual(['a:0', 'b:1']);
  });

  test('selectKey changes the key', () => {
    const build = (s: KStream<string, Order>) =>
      s.selectKey((o) => o.items[0]!).mapValues((o) => `${o.total}`);
    expect(texted(build, order(1, 5, 'a'))).toEqual(['a:5']);
  });

  test('peek looks, and changes nothing', () => {
    const seen: string[] = [];
    const build = (s: KStream<string, Order>) =>
      s.peek((o, key) => seen.push(`${key}${o.total}`)).mapValues((o) => `${o.total}`);
    expect(texted(build, order(1, 5))).toEqual(['k:5']);
    expect(seen).toEqual(['k5']);
  });

  test('branch sends each record to the first that accepts it', () => {
    const build = (s: KStream<string, Order>) => {
      const { large, small } = s.branch({
        large: (o) => o.total > 10,
        small: (o) => o.total > 1,
      });
      return large.mapValues(() => 'large').merge(small.mapValues(() => 'small'));
    };
    expect(texted(build, order(1, 20), order(2, 5), order(3, 1))).toEqual(['k:large', 'k:small']);
  });
});

describe('aggregations', () => {
  test('count, reduce and aggregate fold by key', () => {
    const builder = new StreamsBuilder('app');
    const totals = builder.stream(orders).mapValues((o) => o.total, { value: numberSerde });
    const grouped = totals.groupByKey();
    const lines = [
      grouped
        .count()
        .toStream()
        .mapValues((n) => `count ${n}`),
      grouped
        .reduce((a, b) => Math.max(a, b))
        .toStream()
        .mapValues((n) => `max ${n}`),
      grouped
        .aggregate(
          () => '',
          (key, n, all) => `${all}${key}${n}`,
          { value: stringSerde },
        )
        .toStream(),
    ];
    lines.reduce((a, b) => a.merge(b)).to(texts);
    const driver = new TopologyTestDriver(builder.build());
    driver.pipe(orders, order(1, 5), { key: 'a' });
    driver.pipe(orders, order(2, 7), { key: 'b' });
    driver.crash({ disk: 'lost' });
    driver.pipe(orders, order(3, 3), { key: 'a' });
    expect(driver.read(texts).map(({ key, value }) => `${key}: ${value}`)).toEqual([
      'a: count 1',
      'a: max 5',
      'a: a5',
      'b: count 1',
      'b: max 7',
      'b: b7',
      'a: count 2',
      'a: max 5',
      'a: a5a3',
    ]);
  });

  test('windowed count and reduce', () => {
    const builder = new StreamsBuilder('app');
    const windowed = builder
      .stream(orders)
      .mapValues((o) => o.total, { value: numberSerde })
      .groupByKey()
      .windowedBy(TimeWindows.ofSizeWithNoGrace(10));
    const text =
      (what: string) =>
      (n: number, { key, window }: Windowed<string>) => ({
        key,
        value: `${what} ${n} from ${window.start}`,
      });
    const say = (what: string) => (n: number, key: Windowed<string>) => text(what)(n, key);
    windowed.count().suppress().toStream().map(say('count')).to(texts);
    windowed
      .reduce((a, b) => a + b)
      .toStream()
      .map(say('sum'))
      .to(texts);
    const driver = new TopologyTestDriver(builder.build());
    driver.pipe(orders, order(1, 5), { key: 'a' });
    driver.pipe(orders, order(9, 7), { key: 'a' });
    driver.pipe(orders, order(10, 1), { key: 'a' });
    driver.advanceWatermarkTo(10);
    expect(driver.read(texts).map(({ value }) => value)).toEqual([
      'sum 5 from 0',
      'sum 12 from 0',
      'sum 1 from 10',
      'count 2 from 0',
    ]);
  });

  test('of mapped values say which serde is missing', () => {
    const builder = new StreamsBuilder('app');
    const mapped = builder.stream(orders).mapValues((o) => o.total);
    expect(() => mapped.groupByKey().reduce((a) => a)).toThrow(TopologyError);
    const windows = JoinWindows.ofTimeDifferenceWithNoGrace(1);
    expect(() => mapped.join(builder.stream(texts), () => 1, windows)).toThrow(
      "join keeps values of the stream from 'orders' whose serde is not known since they were mapped: give it, as { value: serde }",
    );
  });
});

describe('a table', () => {
  const prices: Topic<number> = { name: 'prices', value: numberSerde };

  function priced(kind: 'join' | 'leftJoin') {
    const builder = new StreamsBuilder('app');
    const stream = builder.stream(orders);
    const table = builder.table(prices);
    const join = (o: Order, price: number | undefined, key: string) => `${key} ${o.total} ${price}`;
    (kind === 'join' ? stream.join(table, join) : stream.leftJoin(table, join)).to(texts);
    table
      .toStream()
      .mapValues((price) => `${price}`)
      .to({ ...texts, name: 'changes' });
    return new TopologyTestDriver(builder.build());
  }

  const read = (driver: TopologyTestDriver, topic = texts) =>
    driver.read(topic).map(({ value }) => value);

  test('is looked up as it stands, and a record without a value deletes', () => {
    const driver = priced('leftJoin');
    driver.pipe(orders, order(1, 5), { key: 'a' });
    driver.pipe(prices, 10, { key: 'a', timestamp: 2 });
    driver.pipe(orders, order(3, 5), { key: 'a' });
    driver.crash({ disk: 'lost' });
    driver.pipe(prices, 20, { key: 'a', timestamp: 4 });
    driver.pipe(orders, order(5, 5), { key: 'a' });
    driver.pipe(prices, null, { key: 'a', timestamp: 6 });
    driver.pipe(orders, order(7, 5), { key: 'a' });
    expect(read(driver)).toEqual(['a 5 undefined', 'a 5 10', 'a 5 20', 'a 5 undefined']);
    expect(read(driver, { ...texts, name: 'changes' })).toEqual(['10', '20', 'null']);
    expect(driver.readDeadLetters()).toEqual([]);
  });

  test('that has no such key drops the record of an inner join', () => {
    const driver = priced('join');
    driver.pipe(orders, order(1, 5), { key: 'a' });
    driver.pipe(prices, 10, { key: 'a', timestamp: 2 });
    driver.pipe(orders, order(3, 6), { key: 'a' });
    expect(read(driver)).toEqual(['a 6 10']);
  });

  test('is taken at the record’s place in the order of event time, whatever came first', () => {
    const driver = priced('leftJoin');
    // A crash with nothing committed: both topics are there to be read from their starts.
    const late = new TopologyTestDriver(topologyOfPriced(), { autoCommit: false });
    late.pipe(orders, order(10, 1), { key: 'a' });
    late.pipe(orders, order(20, 2), { key: 'a' });
    late.pipe(orders, order(30, 3), { key: 'a' });
    late.pipe(prices, 100, { key: 'a', timestamp: 10 });
    late.pipe(prices, 200, { key: 'a', timestamp: 25 });
    late.crash();
    late.commit();
    expect(read(late)).toEqual(['1 100', '2 100', '3 200']);
    expect(read(driver)).toEqual([]);
  });

  function topologyOfPriced() {
    const builder = new StreamsBuilder('app');
    builder
      .stream(orders)
      .leftJoin(builder.table(prices), (o, price) => `${o.total} ${price}`)
      .to(texts);
    return builder.build();
  }

  test('can be an aggregation', () => {
    const builder = new StreamsBuilder('app');
    const input = builder.stream(orders);
    const counts = input.groupByKey().count({ name: 'counts' });
    input.join(counts, (o, n) => `${o.total} of ${n}`).to(texts);
    const driver = new TopologyTestDriver(builder.build());
    driver.pipe(orders, order(1, 5), { key: 'a' });
    driver.pipe(orders, order(2, 6), { key: 'a' });
    expect(read(driver)).toEqual(['5 of 1', '6 of 2']);
  });
});

// Checked by the compiler: nothing of this runs.
/* eslint-disable @typescript-eslint/no-unsafe-class-instance-assignment -- that is what is to be refused */
describe('types', () => {
  const unused = (_check: () => void) => undefined;
  const builder = new StreamsBuilder('types');
  const stream = builder.stream(orders);
  const windows = JoinWindows.ofTimeDifferenceWithNoGrace(1);

  test('of keys follow the topic and the steps', () => {
    unused(() => {
      expectTypeOf(builder.stream(byNumber)).toEqualTypeOf<KStream<number, string>>();
      expectTypeOf(stream.selectKey((o) => o.total, { key: numberSerde })).toEqualTypeOf<
        KStream<number, Order>
      >();
      // @ts-expect-error numbers as keys need a serde
      stream.selectKey((o) => o.total);
      // @ts-expect-error numbers as keys need a serde
      stream.groupBy((o) => o.total);
      // @ts-expect-error a serde of other keys
      stream.selectKey((o) => o.total, { key: stringSerde });
      // @ts-expect-error a topic with numbers as keys has their serde
      const keyless: Topic<string, number> = { name: 'x', value: stringSerde };
      return keyless;
    });
  });

  test('of keys are those of the topic that is written, and of the stream that is joined', () => {
    unused(() => {
      const numbered = stream.map((o) => ({ key: o.total, value: 'x' }), { key: numberSerde });
      numbered.to(byNumber);
      // @ts-expect-error the topic's keys are strings
      numbered.to(texts);
      // @ts-expect-error the topic's keys are numbers
      stream.mapValues(() => 'x').to(byNumber);
      // @ts-expect-error orders have strings as keys
      numbered.join(stream, () => 1, windows);
      // @ts-expect-error the table has strings as keys
      numbered.join(builder.table(texts), () => 1);
      // @ts-expect-error other keys
      stream.merge(numbered);
    });
  });

  test('of values are those of the serde, joiner and store', () => {
    unused(() => {
      // @ts-expect-error the values are orders
      stream.groupByKey({ value: stringSerde });
      stream.groupByKey().aggregate(
        () => 0,
        (_k, o, sum) => sum + o.total,
        // @ts-expect-error the sums are numbers
        { value: stringSerde },
      );
      stream.leftJoin(
        stream,
        (one, other) => {
          expectTypeOf(one).toEqualTypeOf<Order>();
          expectTypeOf(other).toEqualTypeOf<Order | undefined>();
          return 1;
        },
        windows,
      );
      expectTypeOf(
        stream.outerJoin(stream, (one, _other, key) => ({ one, key }), windows),
      ).toEqualTypeOf<KStream<string, { one: Order | undefined; key: string }>>();
      // @ts-expect-error counts are numbers
      stream.groupByKey().count().toStream().to(texts);
      stream.groupByKey().count().toStream().to(numbers);
      const counts = stream.groupByKey().windowedBy(TimeWindows.ofSizeWithNoGrace(1)).count();
      // @ts-expect-error windowed keys are no strings
      counts.toStream().to(numbers);
    });
  });

  test('of branches are narrowed by their guards', () => {
    const isText = (value: string | number): value is string => typeof value === 'string';
    unused(() => {
      const mixed = stream.mapValues((o): string | number => o.total);
      const { text, rest } = mixed.branch({ text: isText, rest: () => true });
      expectTypeOf(text).toEqualTypeOf<KStream<string, string>>();
      expectTypeOf(rest).toEqualTypeOf<KStream<string, string | number>>();
    });
  });

  test('of stores are those of their handles', () => {
    unused(() => {
      const counts = builder.store('counts', numberSerde, { key: numberSerde });
      const windowed = builder.windowStore('windowed', stringSerde, {
        windowMs: 1,
        retentionMs: 1,
      });
      stream.process<never>('p', {
        stores: [counts, windowed],
        onRecord(record, context) {
          context.store(counts).put(1, 2);
          // @ts-expect-error its keys are numbers
          context.store(counts).get('one');
          expectTypeOf(context.store(windowed).get('k', 0)).toEqualTypeOf<string | undefined>();
          // @ts-expect-error nothing is sent on
          context.forward(record);
        },
      });
      // @ts-expect-error the stream's keys are strings, the store's numbers
      stream.process('q', { store: counts, onRecord: () => undefined });
    });
  });
});

import { describe, expect, test } from 'vitest';
import { TopologyTestDriver } from '../driver/topology-test-driver.ts';
import { StreamsBuilder } from '../dsl/streams-builder.ts';
import { numberSerde } from '../serde/serdes.ts';
import { pingTopic, type Ping } from '../testing/topics.ts';

const input = pingTopic('in');
const out = pingTopic('out');
const aside = pingTopic('aside');

describe('what is sent on', () => {
  test('goes to the children that are named, with the headers and time that are given', () => {
    const builder = new StreamsBuilder('app');
    const routed = builder.stream(input).process<Ping>('route', {
      onRecord({ key, value, headers }, context) {
        const record = { key, value, headers: { ...headers, by: 'route' }, timestamp: 7 };
        context.forward(record, value.act === 'aside' ? 'aside' : 'out');
      },
    });
    const times: number[] = [];
    routed
      .process<Ping>('out', {
        onRecord(record, context) {
          times.push(record.timestamp);
          context.forward(record);
        },
      })
      .to(out);
    routed.to(aside, { name: 'aside' });
    const driver = new TopologyTestDriver(builder.build());
    driver.pipe(input, { id: 'k', at: 1 }, { headers: { trace: 'x' } });
    driver.pipe(input, { id: 'k', at: 2, act: 'aside' });
    expect(driver.read(out).map(({ headers }) => headers)).toEqual([{ trace: 'x', by: 'route' }]);
    expect(driver.read(aside).map(({ headers }) => headers)).toEqual([{ by: 'route' }]);
    expect(times).toEqual([7]);
  });

  test('by a keyed processor too', () => {
    const builder = new StreamsBuilder('app');
    const store = builder.store('seen', numberSerde);
    const routed = builder.stream(input).process<number, Ping>('route', {
      store,
      onRecord({ value }, _seen, context) {
        context.forward(value, { to: 'aside', headers: { by: 'route' } });
      },
    });
    routed.to(out);
    routed.to(aside, { name: 'aside' });
    const driver = new TopologyTestDriver(builder.build());
    driver.pipe(input, { id: 'k', at: 1 });
    expect([driver.read(out).length, driver.read(aside).length]).toEqual([0, 1]);
  });

  test('to nobody stops the task, and says who there is', () => {
    const builder = new StreamsBuilder('app');
    builder
      .stream(input)
      .process<Ping>('route', { onRecord: (record, context) => context.forward(record, 'nobody') })
      .to(out);
    const driver = new TopologyTestDriver(builder.build());
    expect(() => driver.pipe(input, { id: 'k', at: 1 })).toThrow(
      "processor 'route' has no child 'nobody', it has out-sink; name the next step so",
    );
  });
});

test('a record says where it is from', () => {
  const builder = new StreamsBuilder('app');
  const seen: unknown[] = [];
  builder.stream(input).process<never>('look', {
    onRecord: ({ topic, partition, offset, timestamp, headers }) =>
      void seen.push([topic, partition, offset, timestamp, headers]),
  });
  const driver = new TopologyTestDriver(builder.build());
  driver.pipe(input, { id: 'k', at: 5 });
  driver.pipe(input, { id: 'k', at: 6 }, { headers: { a: 'b' } });
  expect(seen).toEqual([
    ['in', 0, 0, 5, {}],
    ['in', 0, 1, 6, { a: 'b' }],
  ]);
});

describe('a punctuation', () => {
  /** Counts pings per key; every 100 ms sends on and forgets what it has. */
  function topology(fails = false) {
    const builder = new StreamsBuilder('app');
    const counts = builder.store('counts', numberSerde);
    builder
      .stream(input)
      .process<number, Ping>('count', {
        store: counts,
        onRecord: (_record, count, context) => context.put((count ?? 0) + 1),
        every: {
          ms: 100,
          run(context, now) {
            for (const [key, count] of context.store(counts).all()) {
              context.store(counts).delete(key);
              context.forward({ key, value: { id: key, at: now, act: `${count}` } });
            }
            if (fails) throw new Error('told to');
          },
        },
      })
      .to(out);
    return builder.build();
  }

  test('runs by the wall clock, once for all that were missed, and is committed', () => {
    const driver = new TopologyTestDriver(topology(), { wallClock: 1000 });
    driver.pipe(input, { id: 'a', at: 1 });
    driver.pipe(input, { id: 'a', at: 2 });
    driver.pipe(input, { id: 'b', at: 2 });
    driver.advanceWallClockTo(1099);
    expect(driver.read(out)).toEqual([]);
    driver.advanceWallClockTo(1100);
    expect(driver.read(out).map(({ value }) => value)).toEqual([
      { id: 'a', at: 1100, act: '2' },
      { id: 'b', at: 1100, act: '1' },
    ]);
    driver.pipe(input, { id: 'a', at: 3 });
    driver.advanceWallClockTo(1999);
    driver.advanceWallClockTo(2000);
    expect(driver.read(out).map(({ value }) => value)).toEqual([{ id: 'a', at: 1999, act: '1' }]);
    driver.crash();
    expect(driver.storeEntries('counts')).toEqual([]);
  });

  test('that throws is a dead letter, and nothing of it is kept', () => {
    const driver = new TopologyTestDriver(topology(true), { wallClock: 1000 });
    driver.pipe(input, { id: 'a', at: 1 });
    driver.advanceWallClockTo(1100);
    expect(driver.read(out)).toEqual([]);
    expect(driver.storeEntries('counts')).toEqual([['a', 1]]);
    expect(driver.readDeadLetters()).toMatchObject([
      {
        key: null,
        value: null,
        headers: { '__streams.errors.kind': 'punctuate', '__streams.errors.node': 'count' },
      },
    ]);
  });

  test('waits for a clock: one that stands at infinity is none', () => {
    const driver = new TopologyTestDriver(topology());
    driver.pipe(input, { id: 'a', at: 1 });
    expect(driver.storeEntries('counts')).toEqual([['a', 1]]);
  });
});

test('timers of a store’s entries run for each at its instant, those of one instant by key', () => {
  const builder = new StreamsBuilder('app');
  const due = builder.store('due', numberSerde);
  builder
    .stream(input)
    .process<Ping>('remind', {
      timers: {
        store: due,
        at: (at: number) => at,
        onTimer(key: string, at, _state, context) {
          context.store(due).delete(key);
          context.forward({ key: 'all', value: { id: 'all', at, act: key } });
        },
      },
      onRecord({ value }, context) {
        for (const each of value.act!.split(' ')) context.store(due).put(each, value.at + 10);
      },
    })
    .to(out);
  const driver = new TopologyTestDriver(builder.build(), { allowedLatenessMs: 0 });
  driver.pipe(input, { id: 'k', at: 1, act: 'c a' });
  driver.pipe(input, { id: 'k', at: 1, act: 'b' });
  driver.crash({ disk: 'lost' });
  driver.advanceWatermarkTo(10);
  expect(driver.read(out)).toEqual([]);
  driver.advanceWatermarkTo(11);
  expect(driver.read(out).map(({ value }) => value.act)).toEqual(['a', 'b', 'c']);
});

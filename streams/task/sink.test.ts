import { expect, test } from 'vitest';
import { TopologyTestDriver } from '../driver/topology-test-driver.ts';
import { StreamsBuilder } from '../dsl/streams-builder.ts';
import type { Topic } from '../serde/serde.ts';
import { numberSerde, stringSerde } from '../serde/serdes.ts';
import { jsonSerde, pingTopic, type Ping } from '../testing/topics.ts';

const input = pingTopic('in');

function deadLetter(driver: TopologyTestDriver): unknown[] {
  return driver
    .readDeadLetters()
    .map(({ headers }) => ['kind', 'message'].map((name) => headers[`__streams.errors.${name}`]));
}

test('a result under another key than its own is a dead letter, and nothing of its record is kept', () => {
  const builder = new StreamsBuilder('app');
  const out = pingTopic('out');
  builder
    .stream(input)
    .process<number, Ping>('rename', {
      store: builder.store('seen', jsonSerde<number>()),
      onRecord(record, seen = 0, context) {
        context.put(seen + 1);
        context.count('seen');
        context.drop('odd');
        context.forward({ ...record.value, id: record.value.act ?? record.key, at: seen });
      },
    })
    .to(out);
  const driver = new TopologyTestDriver(builder.build());
  driver.pipe(input, { id: 'k', at: 1, act: 'other' });
  driver.pipe(input, { id: 'k', at: 2 });
  driver.pipe(input, { id: 'k', at: 3, act: 'other' });
  expect(driver.read(out).map(({ value }) => value)).toEqual([{ id: 'k', at: 0 }]);
  const message = `can't be written to 'out': the key "k" is not the value's own, "other"; select it, or change keyOf`;
  expect(deadLetter(driver)).toEqual([
    ['produce', message],
    ['produce', message],
  ]);
  expect([...driver.metrics.events, ...driver.metrics.dropped]).toEqual([
    ['seen', 1],
    ['odd', 1],
  ]);
});

test('keys that are no strings are written by their serde, and compared by their bytes', () => {
  const numbers: Topic<{ readonly n: number }, number> = {
    name: 'numbers',
    key: numberSerde,
    value: jsonSerde(),
    keyOf: ({ n }) => n,
  };
  const builder = new StreamsBuilder('app');
  builder
    .stream(input)
    .map((ping) => ({ key: ping.at, value: { n: Number(ping.act) } }), { key: numberSerde })
    .to(numbers);
  const driver = new TopologyTestDriver(builder.build());
  driver.pipe(input, { id: 'k', at: 5, act: '5' });
  driver.pipe(input, { id: 'k', at: 5, act: '6' });
  expect(driver.read(numbers)).toEqual([{ key: 5, value: { n: 5 }, headers: {} }]);
  expect(deadLetter(driver)).toMatchObject([['produce', expect.stringContaining('the key 5 is')]]);
});

test('a topic whose values do not say their key takes any; null deletes', () => {
  const texts: Topic<string> = { name: 'texts', value: stringSerde };
  const builder = new StreamsBuilder('app');
  builder
    .stream(input)
    .mapValues(({ act }) => act ?? null)
    .to(texts);
  const driver = new TopologyTestDriver(builder.build());
  driver.pipe(input, { id: 'k', at: 5, act: 'a' });
  driver.pipe(input, { id: 'k', at: 6 });
  expect(driver.read(texts).map(({ key, value }) => [key, value])).toEqual([
    ['k', 'a'],
    ['k', null],
  ]);
});

import { describe, expect, test } from 'vitest';
import { StreamsBuilder } from '../dsl/streams-builder.ts';
import { StreamsException } from '../errors.ts';
import { jsonSerde, pingTopic } from '../testing/topics.ts';
import type { NewTopic } from './kafka/kafka.ts';
import { LeapingClock } from './testing/clocks.ts';
import { answer, collectingLogger, kafkaError, stubKafka } from './testing/stub-kafka.ts';
import { prepareTopics } from './topics.ts';

/** Reads orders and payments together, keeps counts, writes alerts. */
function topology() {
  const builder = new StreamsBuilder('test');
  const counts = builder.store('counts', jsonSerde<number>());
  const both = builder.stream(pingTopic('orders')).merge(builder.stream(pingTopic('payments')));
  both.process('count', { store: counts, onRecord: () => undefined });
  both.to(pingTopic('alerts'));
  return builder.build();
}

/** A cluster with these topics; `appear` adds more while the application waits. */
function preparing(
  existing: Record<string, number>,
  appear: (pauses: number, topics: Map<string, number>) => void = () => undefined,
  of = topology(),
) {
  const topics = new Map(Object.entries(existing));
  const created: NewTopic[] = [];
  const stop = new AbortController();
  const clock = new LeapingClock((pauses) => {
    appear(pauses, topics);
    if (pauses >= 100) stop.abort();
  });
  const kafka = stubKafka({
    partitionCounts: (names) =>
      answer(() => new Map([...topics].filter(([name]) => names.includes(name)))),
    createTopics: (all) =>
      answer(() => {
        created.push(...all);
        for (const { name, partitions } of all) {
          if (!topics.has(name)) topics.set(name, partitions);
        }
      }),
  });
  const logger = collectingLogger();
  const run = () => prepareTopics(of, 'app', { kafka, clock, logger, signal: stop.signal });
  return { run, created, clock, logger, stop };
}

const EXTERNAL = { orders: 3, payments: 3, alerts: 5 };

test('makes a changelog for each store, and a place for dead letters', async () => {
  const { run, created } = preparing(EXTERNAL);
  const prepared = await run();
  expect(created).toEqual([
    {
      name: 'app-counts-changelog',
      partitions: 3,
      config: { 'cleanup.policy': 'compact', 'message.timestamp.type': 'CreateTime' },
    },
    {
      name: 'app-dead-letter',
      partitions: 3,
      config: { 'retention.ms': '-1', 'message.timestamp.type': 'LogAppendTime' },
    },
  ]);
  expect(prepared!.tasks).toEqual([3]);
});

test('knows the partition count of every topic that is written', async () => {
  const prepared = await preparing(EXTERNAL).run();
  expect(Object.fromEntries(prepared!.partitionCounts)).toMatchObject({
    alerts: 5,
    'app-counts-changelog': 3,
    'app-dead-letter': 3,
  });
});

test('makes repartition topics, as wide as what writes to them, and changelogs as wide as their sub-topology', async () => {
  const builder = new StreamsBuilder('test');
  builder
    .stream(pingTopic('orders'))
    .groupBy((ping) => ping.act ?? '', { name: 'by-act' })
    .count({ name: 'counts' });
  builder.stream(pingTopic('payments')).groupByKey().count({ name: 'payment-counts' });
  const { run, created } = preparing({ orders: 3, payments: 4 }, undefined, builder.build());
  expect((await run())!.tasks).toEqual([3, 3, 4]);
  expect(created.map(({ name, partitions }) => [name, partitions])).toEqual([
    ['app-counts-changelog', 3],
    ['app-payment-counts-changelog', 4],
    ['app-by-act-repartition', 3],
    ['app-dead-letter', 4],
  ]);
  expect(created[2]!.config).toEqual({
    'retention.ms': '604800000',
    'message.timestamp.type': 'LogAppendTime',
  });
});

describe('a topic that is missing', () => {
  test('is waited for, in silence while it may be on its way', async () => {
    const { run, logger, created } = preparing({ orders: 3 }, (pauses, topics) => {
      if (pauses === 5) topics.set('payments', 3).set('alerts', 1);
      if (pauses < 5) expect(created).toEqual([]);
    });
    expect((await run())!.tasks).toEqual([3]);
    expect(logger.warnings).toEqual([]);
  });

  test('is named once when it does not come, and again when others are missing', async () => {
    const { run, logger } = preparing({ orders: 3 }, (pauses, topics) => {
      if (pauses === 30) topics.set('payments', 3);
      if (pauses === 60) topics.set('alerts', 1);
    });
    expect((await run())!.tasks).toEqual([3]);
    expect(logger.warnings.map(([fields]) => fields)).toEqual([
      { missing: 'payments, alerts' },
      { missing: 'alerts' },
    ]);
  });

  test('is waited for no longer than the application runs', async () => {
    const { run, created } = preparing({ orders: 3 });
    expect(await run()).toBeUndefined();
    expect(created).toEqual([]);
  });

  test('may be one that was just made', async () => {
    const made = preparing(EXTERNAL);
    expect((await made.run())!.tasks).toEqual([3]);
    expect(made.clock.pauses).toEqual([]);
  });
});

describe('topics that do not fit together', () => {
  test('are named with their counts, and nothing is made', async () => {
    const { run, created } = preparing({ ...EXTERNAL, payments: 4 });
    const error = await run().catch((e: unknown) => e as Error);
    expect(error).toBeInstanceOf(StreamsException);
    expect((error as Error).message).toContain('(orders: 3, payments: 4)');
    expect(created).toEqual([]);
  });

  test('are those that are read: what is written may have any number', async () => {
    expect(await preparing({ ...EXTERNAL, alerts: 1 }).run()).toBeDefined();
  });

  test('may be a changelog of the time before the sources were made anew', async () => {
    const error = await preparing({ ...EXTERNAL, 'app-counts-changelog': 2 })
      .run()
      .catch((e: unknown) => e as Error);
    expect(error).toBeInstanceOf(StreamsException);
    expect((error as Error).message).toContain("'app-counts-changelog' has 2 partitions");
    expect((error as Error).message).toContain('the sources have 3');
  });

  test('are not the dead letters', async () => {
    const prepared = await preparing({ ...EXTERNAL, 'app-dead-letter': 1 }).run();
    expect(prepared!.partitionCounts.get('app-dead-letter')).toBe(1);
  });
});

test('what Kafka answers reaches the caller', async () => {
  const error = kafkaError('TOPIC_AUTHORIZATION_FAILED');
  const kafka = stubKafka({ partitionCounts: () => Promise.reject(error) });
  const { signal } = new AbortController();
  const context = { kafka, clock: new LeapingClock(), logger: collectingLogger(), signal };
  await expect(prepareTopics(topology(), 'app', context)).rejects.toBe(error);
});

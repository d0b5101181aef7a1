/** Several sub-topologies over a model of Kafka, without a group: every task at once, fed and committed by hand. */
import { expect, test } from 'vitest';
import { JoinWindows, jsonSerde, numberSerde, StreamsBuilder, type Topic } from '#streams';
import { ActiveTask } from '#streams/runtime/active-task';
import { BrokerRefusals } from '#streams/runtime/broker-refusals';
import { KafkaError } from '#streams/runtime/kafka/kafka';
import { partitionFor } from '#streams/runtime/kafka/partitioner';
import { resolveConfig } from '#streams/runtime/settings';
import { prepareTopics } from '#streams/runtime/topics';
import { MemoryBackend } from '#streams/state/memory-backend';
import { ModelBroker } from './broker/model-broker.ts';
import { ModelClient } from './broker/model-client.ts';
import type { Faults } from './faults.ts';
import { Random } from './random.ts';
import { Scheduler } from './scheduler.ts';
import { SimClock } from './sim-clock.ts';
import { SimProcess } from './sim-process.ts';
import { Trace } from './trace.ts';

interface Sale {
  readonly item: number;
  readonly customer: string;
  readonly at: number;
}

const START = Date.parse('2024-02-01T12:00:00.000Z');
const sales: Topic<Sale> = { name: 'sales', value: jsonSerde(), eventTime: ({ at }) => at };
const names: Topic<Sale> = { ...sales, name: 'names' };
const counts: Topic<number, number> = { name: 'counts', key: numberSerde, value: numberSerde };
const pairs: Topic<number> = { name: 'pairs', value: numberSerde };

/** Counts items; pairs a customer's sales with names: both keys are not those of the sales. */
function topology() {
  const builder = new StreamsBuilder('shop');
  const all = builder.stream(sales);
  const byItem = all.groupBy((sale) => sale.item, { name: 'by-item', key: numberSerde });
  byItem.count({ name: 'items' }).toStream().to(counts);
  const windows = JoinWindows.ofTimeDifferenceAndGrace(1000, 0);
  all
    .selectKey((sale) => sale.customer)
    .leftJoin(builder.stream(names), (sale, name) => (name ? sale.item : -sale.item), windows, {
      name: 'named',
    })
    .to(pairs);
  return builder.build();
}

const peace: Faults = {
  fate: () => ({ sendMs: 1, answerMs: 1, loss: 'none', lossMs: 0, lateMs: 0 }),
  strike: () => undefined,
  fetchLimit: () => 1000,
  isCrowdedOut: () => false,
  isMetadataStale: () => false,
  markerDelayMs: () => 1,
  openDelayMs: () => 1,
  isRegistryAway: () => false,
  isSecretive: () => false,
};

test('repartition topics are made, written and read in transactions, and restarts go on', async () => {
  const random = new Random(1);
  const scheduler = new Scheduler(random, START);
  const trace = new Trace(scheduler, 0);
  const broker = new ModelBroker({
    scheduler,
    random,
    trace,
    faults: peace,
    observer: {
      onCommitted: () => undefined,
      onProducer: () => undefined,
      onOffsets: () => undefined,
      onAssigned: () => undefined,
      onBroken: (reason) => expect.unreachable(reason),
    },
    brokers: 1,
    lastEpoch: 1000,
    initialDelayMs: 0,
  });
  for (const [name, partitions] of [
    ['sales', 2],
    ['names', 3],
    ['counts', 1],
    ['pairs', 1],
  ] as const)
    broker.createTopic(name, partitions);
  const shop = topology();
  const process = new SimProcess('p1');
  const kafka = new ModelClient(broker, process);
  const clock = new SimClock(scheduler, process);
  const config = resolveConfig({ applicationId: 'app', kafka, clock, stateDir: '' });
  const { signal } = new AbortController();

  const write = (topic: Topic<Sale>, partition: number, key: string, sale: Sale) => {
    const record = { key: Buffer.from(key), value: topic.value.encode(sale), headers: {} };
    broker.cluster.topics.get(topic.name)![partition]!.append([record], scheduler.now);
  };
  const read = (topic: string) =>
    broker.cluster.topics
      .get(topic)![0]!
      .committed(0, Infinity)
      .map(({ key, value }) => ({
        key: key!,
        value: numberSerde.decode(value!),
      }));

  const run = async () => {
    const topics = (await prepareTopics(shop, 'app', { ...config, kafka, signal }))!;
    expect(topics.tasks).toEqual([2, 2, 3]);
    expect(topics.partitionCounts.get('app-named-left-repartition')).toBe(3);
    const backends = new Map<string, MemoryBackend>();
    const openBackend = (id: string) => {
      backends.set(id, new MemoryBackend());
      return Promise.resolve(backends.get(id)!);
    };
    const tasks: ActiveTask[] = [];
    for (const [id, partitions] of topics.tasks.entries()) {
      for (let partition = 0; partition < partitions; partition++) {
        const options = {
          ...{ config, kafka, topics, refusals: new BrokerRefusals({ ...config, kafka }) },
          topology: shop.subTopologies[id]!,
          member: () => undefined,
        };
        tasks.push(await ActiveTask.open({ ...options, openBackend, partition }, signal));
      }
    }
    expect(tasks.map(({ task }) => task.id)).toEqual([
      '0_0',
      '0_1',
      '1_0',
      '1_1',
      '2_0',
      '2_1',
      '2_2',
    ]);
    for (let round = 0; round < 6; round++) {
      for (const active of tasks) {
        for (const { topic, partition, offset } of active.task.fetchPositions) {
          const at = { topic, partition, offset };
          const [answer] = await kafka.fetch(await kafka.leader(at), [at], 1);
          if (!answer || answer.error) throw answer?.error ?? new KafkaError('NETWORK', topic);
          const endedAt = answer.nextOffset >= answer.lastStableOffset ? clock.now() : undefined;
          active.task.addRecords(topic, answer.records, answer.nextOffset, endedAt);
        }
        active.task.process(1000, clock.now());
        await active.maybeCommit(clock.now());
      }
      await clock.sleep(5000);
    }
  };
  const done = async (work: Promise<void>) => {
    let isDone = false;
    const all = work.finally(() => (isDone = true));
    await scheduler.runUntil(() => isDone, START + 3_600_000);
    await all;
  };

  write(sales, 0, 'x', { item: 7, customer: 'ann', at: START });
  write(sales, 1, 'y', { item: 7, customer: 'bob', at: START + 10 });
  const partition = partitionFor(Buffer.from('ann'), 3);
  write(names, partition, 'ann', { item: 0, customer: 'ann', at: START + 5 });
  await done(run());
  write(sales, 1, 'z', { item: 7, customer: 'ann', at: START + 20_000 });
  // New disks: everything comes back from the changelogs.
  await done(run());

  expect(read('counts').map(({ key, value }) => [numberSerde.decode(key), value])).toEqual([
    [7, 1],
    [7, 2],
    [7, 3],
  ]);
  expect(
    read('pairs')
      .map(({ key, value }) => `${key.toString()} ${value}`)
      .sort(),
  ).toEqual(['ann -7', 'ann 7', 'bob -7']);
});

/** Several sub-topologies over a model of Kafka, without a group: every task at once, fed and committed by hand. */
import { expect, test } from 'vitest';
import { JoinWindows, jsonSerde, numberSerde, StreamsBuilder, type Topic } from '#streams';
import { ActiveTask } from '#streams/runtime/active-task';
import { BrokerRefusals } from '#streams/runtime/broker-refusals';
import { KafkaError } from '#streams/runtime/kafka/kafka';
import { partitionFor } from '#streams/runtime/kafka/partitioner';
import { Listeners } from '#streams/runtime/listeners';
import { silentLogger } from '#streams/runtime/logger';
import { Restores } from '#streams/runtime/restores';
import { resolveConfig } from '#streams/runtime/settings';
import { prepareTopics } from '#streams/runtime/topics';
import { MemoryBackend } from '#streams/state/memory-backend';
import { QuietCluster } from './quiet-cluster.ts';

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

test('repartition topics are made, written and read in transactions, and restarts go on', async () => {
  const cluster = new QuietCluster({ sales: 2, names: 3, counts: 1, pairs: 1 });
  const shop = topology();
  const { kafka, clock } = cluster.process();
  const config = resolveConfig({ applicationId: 'app', kafka, clock, stateDir: '' });
  const { signal } = new AbortController();

  const write = (topic: Topic<Sale>, partition: number, key: string, sale: Sale) =>
    cluster.write(topic.name, key, topic.value.encode(sale), partition);
  const read = (topic: string) =>
    cluster.committed(topic).map(({ key, value }) => ({
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
        const options = { topology: shop.subTopologies[id]!, config, kafka, topics, partition };
        const told = {
          restores: new Restores(config),
          standbyUpdates: new Listeners<never>(silentLogger),
          refusals: new BrokerRefusals({ ...config, kafka }),
          member: () => undefined,
        };
        tasks.push(await ActiveTask.open({ ...options, ...told, openBackend }, signal));
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
  write(sales, 0, 'x', { item: 7, customer: 'ann', at: START });
  write(sales, 1, 'y', { item: 7, customer: 'bob', at: START + 10 });
  const partition = partitionFor(Buffer.from('ann'), 3);
  write(names, partition, 'ann', { item: 0, customer: 'ann', at: START + 5 });
  await cluster.done(run());
  write(sales, 1, 'z', { item: 7, customer: 'ann', at: START + 20_000 });
  // New disks: everything comes back from the changelogs.
  await cluster.done(run());

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

/** Errors under a real broker: what it answers, and what that costs. */
import { Registry } from 'prom-client';
import { expect, inject, test } from 'vitest';
import {
  KafkaStreams,
  numberSerde,
  registerMetrics,
  stringSerde,
  StreamsBuilder,
  StreamsException,
  type StreamsConfig,
  type Topic,
  type Topology,
} from '#streams';
import type { JoinRequest, Kafka } from '#streams/runtime/kafka/kafka';
import { KafkaJsKafka } from '#streams/runtime/kafka/kafkajs-kafka';
import { overriding } from '../simulation/overriding.ts';
import { eventually, TestKafka } from '../support/kafka.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** A topic of hits that are counted per key. */
async function counting(kafka: TestKafka) {
  const hits: Topic<string> = { name: `${kafka.name}-hits`, value: stringSerde };
  const counts: Topic<number> = { name: `${kafka.name}-counts`, value: numberSerde };
  await kafka.admin.createTopics({
    waitForLeaders: true,
    topics: [hits, counts].map(({ name }) => ({ topic: name, numPartitions: 2 })),
  });
  const topology = (onHit: (hit: string) => void = () => undefined): Topology => {
    const builder = new StreamsBuilder('counting');
    builder.stream(hits).peek(onHit).groupByKey().count({ name: 'n' }).toStream().to(counts);
    return builder.build();
  };
  return {
    topology,
    hit: (key: string, value: string) =>
      kafka.write([{ topic: hits as never, key, value: Buffer.from(value) }]),
    counted: async () => {
      const records = await kafka.readAll(counts.name);
      return records.map(({ key, value }) => `${key!.toString()} ${numberSerde.decode(value!)}`);
    },
    counts,
  };
}

function port(): Kafka {
  return new KafkaJsKafka({ brokers: inject('addresses')['KAFKA_BROKERS']!.split(',') });
}

function start(topology: Topology, config: StreamsConfig): KafkaStreams {
  const app = new KafkaStreams(topology, { allowedLatenessMs: 0, ...config });
  app.start();
  return app;
}

test('a transaction that takes longer than it may costs its task a restart, and nothing else', async () => {
  await using kafka = await TestKafka.open(1);
  await using state = await temporaryFolder();
  const { topology, hit, counted, counts } = await counting(kafka);
  const client = port();
  const joins: JoinRequest[] = [];
  let isSlow = true;
  const app = start(topology(), {
    applicationId: kafka.name,
    stateDir: state.path,
    transactionTimeoutMs: 1000,
    kafka: overriding(client, {
      joinGroup(request) {
        joins.push(request);
        return client.joinGroup(request);
      },
      async endTxn(producer, outcome) {
        if (isSlow) {
          isSlow = false;
          const partitions = [0, 1].map((partition) => ({ topic: counts.name, partition }));
          // The marker of the abort is the first that anybody sees of the transaction.
          await eventually('the broker to give the transaction up', async () =>
            (await client.listOffsets(partitions, 'latest')).some((end) => end > 0),
          );
        }
        return client.endTxn(producer, outcome);
      },
    }),
  });
  await eventually('it to run', () => app.state === 'RUNNING');
  joins.length = 0;
  await hit('a', 'first');
  await eventually('the count', async () => (await counted()).length > 0);
  await hit('a', 'second');
  await eventually('the next count', async () => (await counted()).length > 1);
  expect(await counted()).toEqual(['a 1', 'a 2']);
  const status = await app.status();
  expect([...status.uncaughtErrors]).toEqual([['task-migrated', 1]]);
  expect(joins).toEqual([]);

  const registry = new Registry();
  registerMetrics(() => app.status(), registry);
  const { values } = await registry.getSingleMetric('kafka_streams_task_state_size_bytes')!.get();
  expect(values).toHaveLength(2);
  for (const { value } of values) expect(value).toBeGreaterThan(0);
  await app.close();
});

test('an application that is shut down ends on each instance, and can be started again', async () => {
  await using kafka = await TestKafka.open(1);
  await using one = await temporaryFolder();
  await using two = await temporaryFolder();
  const { topology, hit, counted } = await counting(kafka);
  const strict = topology((value) => {
    if (value === 'poison') throw new StreamsException('a hit that must not be passed over');
  });
  const instances = [one, two].map((folder) =>
    start(strict, {
      applicationId: kafka.name,
      stateDir: folder.path,
      kafka: port(),
      onUncaughtError: { processing: 'shutdown-application' },
    }),
  );
  await eventually('both to have a task', () =>
    instances.every((app) => app.state === 'RUNNING' && app.tasks().length === 1),
  );
  await hit('a', 'fine');
  await hit('a', 'poison');
  await eventually('both to have ended', () => instances.every((app) => app.state === 'ERROR'));
  const reasons = instances.map((app) => app.error!.message).sort();
  expect(reasons[0]).toBe('a hit that must not be passed over');
  expect(reasons[1]).toContain('has shut the application down: a hit that must not be passed over');
  await Promise.all(instances.map((app) => app.close()));

  const again = start(topology(), {
    applicationId: kafka.name,
    stateDir: one.path,
    kafka: port(),
  });
  await eventually('both counts', async () => (await counted()).length === 2);
  expect(await counted()).toEqual(['a 1', 'a 2']);
  await again.close();
});

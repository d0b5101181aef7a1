/** What is told of restores and replicas, over a model of Kafka. */
import { Registry } from 'prom-client';
import { describe, expect, test } from 'vitest';
import {
  numberSerde,
  registerMetrics,
  StreamsBuilder,
  type KafkaStreams,
  type RestoreStatus,
  type StandbyUpdate,
  type Topic,
  type Topology,
} from '#streams';
import { KafkaError } from '#streams/runtime/kafka/kafka';
import { collectingLogger } from '#streams/runtime/testing/stub-kafka';
import { overriding } from './overriding.ts';
import { QuietCluster, type StartedInstance } from './quiet-cluster.ts';

const hits: Topic<number> = { name: 'hits', value: numberSerde };
const counts: Topic<number> = { name: 'counts', value: numberSerde };
const CHANGELOG = 'app-counts-changelog';

/** Counts hits per key. */
function counting(): Topology {
  const builder = new StreamsBuilder('counting');
  builder.stream(hits).groupByKey().count({ name: 'counts' }).toStream().to(counts);
  return builder.build();
}

/** Writes hits of so many keys, and waits for their counts. */
async function count(cluster: QuietCluster, keys: number): Promise<void> {
  const before = cluster.committed('counts').length;
  for (let i = 0; i < keys; i++) cluster.write('hits', `key-${i}`, numberSerde.encode(i));
  await cluster.until('the counts', () => cluster.committed('counts').length === before + keys);
}

const running = (cluster: QuietCluster, { app }: StartedInstance) =>
  cluster.until('it to run', () => app.state === 'RUNNING');

const closing = (cluster: QuietCluster, ...instances: StartedInstance[]) =>
  cluster.done(Promise.all(instances.map(({ app }) => app.close())));

function kill(...instances: StartedInstance[]): void {
  for (const { process } of instances) process.isDead = true;
}

type Told = [event: string, restore: RestoreStatus, records?: number];

function restoresOf(app: KafkaStreams): Told[] {
  const told: Told[] = [];
  app.onRestore({
    onRestoreStart: (restore) => told.push(['start', restore]),
    onBatchRestored: (restore, records) => told.push(['batch', restore, records]),
    onRestoreEnd: (restore) => told.push(['end', restore]),
    onRestoreSuspended: (restore) => told.push(['suspended', restore]),
  });
  return told;
}

async function metric(app: KafkaStreams, name: string): Promise<number | undefined> {
  const registry = new Registry();
  registerMetrics(() => app.status(), registry);
  const { values } = await registry.getSingleMetric(name)!.get();
  return values.find(({ labels }) => labels['task'] === '0_0')?.value;
}

describe('a restore', () => {
  test('on a new disk is told from its start over each batch to its end', async () => {
    const cluster = new QuietCluster({ hits: 1, counts: 1 });
    const first = cluster.start(counting());
    await count(cluster, 50);
    await closing(cluster, first);
    cluster.faults.fetchLimit = () => 10;
    const second = cluster.start(counting());
    const told = restoresOf(second.app);
    await running(cluster, second);

    const [start, ...rest] = told;
    const end = rest.pop()!;
    const facts = { task: '0_0', store: 'counts', topic: CHANGELOG, partition: 0, from: 0 };
    const held = cluster.broker.cluster.topics.get(CHANGELOG)![0]!.lastStableOffset;
    expect(start).toEqual([
      'start',
      { ...facts, end: held, position: 0, records: 0, percent: 0, remainingMs: undefined },
    ]);
    expect(rest.length).toBeGreaterThan(4);
    expect(rest.every(([event]) => event === 'batch')).toBe(true);
    const positions = rest.map(([, { position }]) => position);
    expect(positions).toEqual([...positions].sort((a, b) => a - b));
    const read = rest.reduce((sum, [, , records]) => sum + records!, 0);
    // 50 counts, and the layout of the store.
    expect(read).toBe(51);
    expect(end).toEqual([
      'end',
      { ...facts, end: held, position: held, records: read, percent: 100, remainingMs: 0 },
    ]);
    await closing(cluster, second);
  });

  test('with nothing to read starts and ends', async () => {
    const cluster = new QuietCluster({ hits: 1, counts: 1 });
    const instance = cluster.start(counting());
    const told = restoresOf(instance.app);
    await running(cluster, instance);
    expect(told.map(([event, { from, end, percent }]) => [event, from, end, percent])).toEqual([
      ['start', 0, 0, 100],
      ['end', 0, 0, 100],
    ]);
    await closing(cluster, instance);
  });

  test('after kill -9 reads the tail only: two metrics show it', async () => {
    const cluster = new QuietCluster({ hits: 1, counts: 1 });
    const first = cluster.start(counting());
    await count(cluster, 500);
    kill(first);
    const second = cluster.start(counting(), { disk: first.disk });
    await running(cluster, second);
    const held = await metric(second.app, 'kafka_streams_task_changelog_records');
    const read = await metric(second.app, 'kafka_streams_task_restore_total');
    expect(held).toBeGreaterThanOrEqual(501);
    expect(read).toBeLessThan(10);
    await closing(cluster, second);

    const third = cluster.start(counting());
    await running(cluster, third);
    expect(await metric(third.app, 'kafka_streams_task_restore_total')).toBe(501);
    await closing(cluster, third);
  });

  test('that takes long shows how far it is, and says so every few seconds', async () => {
    const cluster = new QuietCluster({ hits: 1, counts: 1 });
    const first = cluster.start(counting());
    await count(cluster, 400);
    await closing(cluster, first);
    cluster.faults.fetchLimit = () => 10;
    const fate = cluster.faults.fate('fetch');
    cluster.faults.fate = () => ({ ...fate, answerMs: 500 });
    const logged: Record<string, unknown>[] = [];
    const logger = { ...collectingLogger() };
    logger.info = (fields, message) => {
      if (message === 'restoring state') logged.push({ ...fields });
    };
    const second = cluster.start(counting(), { logger });
    const told = restoresOf(second.app);
    await cluster.until('half of it', () => (told.at(-1)?.[1].percent ?? 0) >= 50);

    expect(second.app.state).toBe('REBALANCING');
    expect(second.app.tasks()).toEqual([]);
    const { restoring } = await second.app.status();
    const { streams } = second.app.health();
    expect(streams).toMatchObject({ status: 'DOWN', details: { restoring } });
    const [{ percent, position, end, records, remainingMs }] = restoring as [RestoreStatus];
    expect(percent).toBe(Math.floor((100 * position) / end));
    const remaining = await metric(second.app, 'kafka_streams_task_restore_remaining_records');
    expect(remaining).toBe(end - position);
    expect(await metric(second.app, 'kafka_streams_task_restore_total')).toBe(records);
    const at = cluster.now;
    await running(cluster, second);
    expect(remainingMs! / (cluster.now - at)).toBeGreaterThan(0.7);
    expect(remainingMs! / (cluster.now - at)).toBeLessThan(1.3);
    // About 20 seconds.
    expect(logged.length).toBeGreaterThan(2);
    expect(logged.length).toBeLessThan(6);
    expect(logged[0]).toMatchObject({ task: '0_0', topic: CHANGELOG, end });
    expect(second.app.health()['streams']!.details).not.toHaveProperty('restoring');
    expect(await metric(second.app, 'kafka_streams_task_restore_remaining_records')).toBe(0);
    await closing(cluster, second);
  });

  test('that is interrupted is told to be suspended, and goes on from there', async () => {
    const cluster = new QuietCluster({ hits: 1, counts: 1 });
    const first = cluster.start(counting());
    await count(cluster, 50);
    await closing(cluster, first);
    cluster.faults.fetchLimit = () => 10;
    const second = cluster.start(counting());
    const told = restoresOf(second.app);
    await cluster.until('some of it', () => told.length >= 3);
    await closing(cluster, second);
    expect(told.filter(([event]) => event === 'end')).toEqual([]);
    const [event, { position }] = told.at(-1)!;
    expect(event).toBe('suspended');
    expect((await second.app.status()).restoring).toEqual([]);

    const third = cluster.start(counting(), { disk: second.disk });
    const toldThen = restoresOf(third.app);
    await running(cluster, third);
    expect(toldThen[0]![1].from).toBe(position);
    await closing(cluster, third);
  });

  test('of which one store can not be read at all leaves none under way', async () => {
    const cluster = new QuietCluster({ hits: 1, counts: 1 });
    const builder = new StreamsBuilder('two');
    const all = builder.stream(hits).groupByKey();
    for (const name of ['one', 'two']) all.count({ name }).toStream().to(counts);
    const instance = cluster.start(builder.build(), {
      kafkaOf: (kafka) =>
        overriding(kafka, {
          listOffsets: (partitions, at) =>
            partitions[0]!.topic === 'app-two-changelog'
              ? Promise.reject(new KafkaError('TOPIC_AUTHORIZATION_FAILED', 'no right to read'))
              : kafka.listOffsets(partitions, at),
        }),
    });
    const told = restoresOf(instance.app);
    await cluster.until('the error', () => instance.app.state === 'ERROR');
    expect(told.map(([event, { store }]) => `${event} ${store}`)).toEqual([
      'start one',
      'suspended one',
    ]);
    expect((await instance.app.status()).restoring).toEqual([]);
    await closing(cluster, instance);
  });

  test('goes on when a listener throws, and so do the other listeners', async () => {
    const cluster = new QuietCluster({ hits: 1, counts: 1 });
    const errors: string[] = [];
    const logger = { ...collectingLogger() };
    logger.error = (_fields, message) => errors.push(message);
    const instance = cluster.start(counting(), { logger });
    instance.app.onRestore({
      onRestoreStart: () => {
        throw new Error('nobody listens');
      },
    });
    instance.app.onState(() => {
      throw new Error('nobody looks');
    });
    const told = restoresOf(instance.app);
    await running(cluster, instance);
    expect(told.map(([event]) => event)).toEqual(['start', 'end']);
    expect(errors).toContain('a listener has thrown: nobody listens');
    expect(errors).toContain('a listener has thrown: nobody looks');
    await closing(cluster, instance);
  });
});

describe('a replica', () => {
  type Updated = [event: string, update: StandbyUpdate, records?: number];

  function updatesOf(app: KafkaStreams): Updated[] {
    const told: Updated[] = [];
    app.onStandbyUpdate({
      onUpdateStart: (update) => told.push(['start', update]),
      onBatchLoaded: (update, records) => told.push(['batch', update, records]),
      onUpdateSuspended: (update, reason) => told.push([reason, update]),
    });
    return told;
  }

  async function replicating() {
    const cluster = new QuietCluster({ hits: 1, counts: 1 });
    const first = cluster.start(counting(), { standbyReplicas: 1 });
    await count(cluster, 20);
    const second = cluster.start(counting(), { standbyReplicas: 1 });
    const told = updatesOf(second.app);
    await cluster.until('the replica to have it all', () => told.length >= 2);
    return { cluster, first, second, told };
  }

  test('is told to follow, batch by batch, and to be promoted', async () => {
    const { cluster, first, second, told } = await replicating();
    await count(cluster, 5);
    await cluster.until('the next batch', () => told.length >= 3);
    kill(first);
    await cluster.until('the takeover', () => second.app.tasks().length === 1);
    expect(told[0]![0]).toBe('start');
    expect(told[0]![1]).toMatchObject({ task: '0_0', store: 'counts', topic: CHANGELOG });
    expect(told.at(-1)![0]).toBe('promoted');
    const batches = told.filter(([event]) => event === 'batch');
    expect(batches.reduce((sum, [, , records]) => sum + records!, 0)).toBe(26);
    expect(batches.every(([, { position, end }]) => position <= end)).toBe(true);
    await closing(cluster, second);
  });

  test('shows what it has read, and how far it is behind', async () => {
    const { cluster, first, second } = await replicating();
    await cluster.pass(1000);
    expect(second.app.standbys()).toEqual([{ task: '0_0', lag: 0, updated: 21 }]);
    expect(await metric(second.app, 'kafka_streams_standby_task_update_total')).toBe(21);
    expect(await metric(second.app, 'kafka_streams_standby_task_records_lag')).toBe(0);
    await closing(cluster, first, second);
  });

  test('is told when it is given up', async () => {
    const { cluster, first, second, told } = await replicating();
    await closing(cluster, second);
    expect(told.at(-1)![0]).toBe('migrated');
    await closing(cluster, first);
  });
});

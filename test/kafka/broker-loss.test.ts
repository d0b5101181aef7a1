import { afterAll, beforeAll, expect, inject, onTestFailed, test } from 'vitest';
import type { AvroTopic } from '#schemas';
import { KafkaStreams, type Topology } from '#streams';
import { deadLetterTopic } from '#streams/graph/topology';
import { KafkaJsKafka } from '#streams/runtime/kafka/kafkajs-kafka';
import { defaultAlertSettings, kafkaAlert } from '#topology/kafka-alert';
import { BrokerCluster, coordinator, inSync } from '../support/broker-cluster.ts';
import { storeContents } from '../support/disk-state.ts';
import { eventually, TestKafka } from '../support/kafka.ts';
import { committedOutcome, undisturbedOutcome } from '../support/outcome.ts';
import { SteeredClock } from '../support/steered-clock.ts';
import { tapped, type Tap } from '../support/tapped-kafka.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { TrafficFlow } from '../support/traffic-flow.ts';

const BROKERS = [1, 2, 3];
const PARTITIONS = 4;
const GRACE_MS = 1500;
const START = Date.parse('2024-02-01T12:00:00.000Z');
const RECORDS = 50_000;
/** Committed since a broker went: more than what was under way. */
const PROGRESS = 4000;
const LOG_LINES = 100;

let cluster: BrokerCluster;
beforeAll(async () => {
  cluster = await BrokerCluster.start();
}, 180_000);
afterAll(() => cluster[Symbol.asyncDispose]());

/** Kills a broker at a certain point of a transaction. */
type Trap = (kill: (broker: number) => void) => Tap;

test('only a leader answers a fetch', async () => {
  await using kafka = await TestKafka.open(1, { ...inject('addresses'), ...cluster.addresses });
  await inSync(kafka);
  const brokers = kafka.env['KAFKA_BROKERS']!.split(',');
  const port = new KafkaJsKafka({ brokers, retry: { retries: 0 } });
  const at = { topic: kafka.topics.alertRaised.name, partition: 0, offset: 0 };
  const leader = await port.leader(at);
  for (const broker of BROKERS) {
    const [answer] = await port.fetch(broker, [at], 10);
    expect(answer?.error?.type).toBe(broker === leader ? undefined : 'NOT_LEADER_FOR_PARTITION');
  }
  await port.close();
});

test('three brokers, one after the other killed in the middle of transactions: nothing lost, nothing doubled', async () => {
  const addresses = { ...inject('addresses'), ...cluster.addresses };
  await using kafka = await TestKafka.open(PARTITIONS, addresses);
  // Others' topics, each on one broker only: what becomes of them is nobody's business here.
  await kafka.admin.createTopics({
    topics: BROKERS.map((broker) => ({
      topic: `${kafka.name}-on-${broker}`,
      replicaAssignment: [{ partition: 0, replicas: [broker] }],
    })),
  });
  const topology = kafkaAlert({ ...defaultAlertSettings, graceMs: GRACE_MS, topics: kafka.topics });
  const clock = new SteeredClock(START);
  await using one = await Instance.start(kafka, topology, clock);
  await using other = await Instance.start(kafka, topology, clock);
  const instances = [one, other];
  await eventually('both to have half of the tasks', () =>
    instances.every(({ tasks }) => tasks.length === PARTITIONS / 2),
  );
  const flow = new TrafficFlow(kafka, { seed: 46, speed: 25, piece: 1000, clock });

  const lose = async (trap: Trap) => {
    await inSync(kafka);
    let killed: number | undefined;
    const tap = trap((broker) => {
      if (killed !== undefined) return;
      killed = broker;
      cluster.kill(broker);
    });
    for (const instance of instances)
      instance.tap = (call, goOn) => (killed === undefined ? tap(call, goOn) : goOn());
    const broker = await eventually('a transaction to get there', () => {
      for (const instance of instances) instance.failEnded();
      return killed;
    });
    const { committed } = await kafka.progress();
    await eventually('commits while the broker is away', async () => {
      for (const instance of instances) instance.failEnded();
      return (await kafka.progress()).committed > committed + PROGRESS;
    });
    await cluster.restart(broker);
  };

  // Its records are written, and its commit is still to come.
  await lose((kill) => async (call, goOn) => {
    const answer = await goOn();
    if (call.name === 'produce') kill(call.args[1]);
    return answer;
  });
  // Whether they are written nobody gets to know.
  await lose((kill) => (call, goOn) => {
    const answer = goOn();
    if (call.name === 'produce') kill(call.args[1]);
    return answer;
  });
  // The transaction coordinator: whether it has committed nobody gets to know.
  const id = `${kafka.name}-0_1`;
  const ofTransaction = await coordinator(kafka.admin, 'transaction', id);
  await lose((kill) => (call, goOn) => {
    const answer = goOn();
    if (call.name === 'endTxn' && call.args[0].transactionalId === id) kill(ofTransaction);
    return answer;
  });
  // The group's coordinator, which the offsets are for.
  const ofGroup = await coordinator(kafka.admin, 'group', kafka.name);
  await lose((kill) => (call, goOn) => {
    if (call.name === 'sendOffsetsToTxn') kill(ofGroup);
    return goOn();
  });

  await flow.end(RECORDS);
  const expected = undisturbedOutcome(flow.written, kafka.topics, { graceMs: GRACE_MS });
  clock.moveTo(clock.now() + 60_000);
  await eventually(
    'everything to be processed',
    async () => {
      for (const instance of instances) instance.failEnded();
      const { committed, end } = await kafka.progress();
      if (committed < end) return false;
      const { alerts, resolved } = await committedOutcome(kafka);
      return alerts.length >= expected.alerts.length && resolved.length >= expected.resolved.length;
    },
    { everyMs: 500 },
  );
  const owned = instances.map(({ tasks }) => tasks);
  for (const instance of instances) await instance.close();
  expect(await committedOutcome(kafka)).toEqual(expected);
  expect(await kafka.readAll(deadLetterTopic(kafka.name))).toEqual([]);
  expect(owned.flat()).toHaveLength(PARTITIONS);
  for (const [i, instance] of instances.entries()) {
    for (const task of owned[i]!) await expectStateOfChangelog(instance, kafka, topology, task);
  }
}, 300_000);

/** What is on the disk is what the changelog comes to. */
async function expectStateOfChangelog(
  { stateDir }: Instance,
  kafka: TestKafka,
  topology: Topology,
  task: string,
): Promise<void> {
  for (const store of await storeContents(kafka, topology, stateDir, task)) {
    expect(store.disk.length).toBeGreaterThan(0);
    expect(store.disk).toEqual(store.changelog);
    expect(store.checkpoint).toBeLessThanOrEqual(store.end);
  }
}

/** The application in this process, with a tap on what it asks of Kafka. */
class Instance implements AsyncDisposable {
  tap: Tap = (_call, goOn) => goOn();
  readonly stateDir: string;
  readonly #app: KafkaStreams;
  readonly #resources: AsyncDisposableStack;

  private constructor(app: KafkaStreams, stateDir: string, resources: AsyncDisposableStack) {
    this.#app = app;
    this.stateDir = stateDir;
    this.#resources = resources;
  }

  static async start(kafka: TestKafka, topology: Topology, clock: SteeredClock): Promise<Instance> {
    const resources = new AsyncDisposableStack();
    const { path: stateDir } = resources.use(await temporaryFolder());
    const log: string[] = [];
    onTestFailed(() => void process.stderr.write(`${log.slice(-LOG_LINES).join('\n')}\n`));
    const line = (fields: object, message: string) =>
      void log.push(`${new Date().toISOString()} ${message} ${JSON.stringify(fields)}`);
    const brokers = kafka.env['KAFKA_BROKERS']!.split(',');
    const port = new KafkaJsKafka({ brokers, clientId: kafka.name, retry: { retries: 0 } });
    const app: KafkaStreams = new KafkaStreams(topology, {
      applicationId: kafka.name,
      kafka: tapped(port, (call, goOn) => instance.tap(call, goOn)),
      stateDir,
      serde: (topic) => kafka.registry.serde(topic as AvroTopic<unknown>),
      clock,
      commitIntervalMs: 1,
      logger: { debug: line, info: line, warn: line, error: line },
    });
    const instance: Instance = new Instance(app, stateDir, resources);
    app.start();
    return instance;
  }

  get tasks(): string[] {
    return this.#app.tasks().map(({ task }) => task);
  }

  failEnded(): void {
    if (this.#app.error) throw this.#app.error;
  }

  close(): Promise<void> {
    return this.#app.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
    await this.#resources.disposeAsync();
  }
}

/** How long a takeover takes, in virtual time: what is left is what the runtime itself waits for. */
import { expect, test } from 'vitest';
import { jsonSerde, StreamsBuilder, type Topic } from '#streams';
import { ModelBroker } from './broker/model-broker.ts';
import { NO_FAULTS, type Faults } from './faults.ts';
import { Fleet } from './fleet.ts';
import { Random } from './random.ts';
import { Scheduler } from './scheduler.ts';
import { Trace } from './trace.ts';

const START = Date.parse('2024-02-01T12:00:00.000Z');
const SESSION_TIMEOUT_MS = 10_000;
/** Heartbeats, a rebalance, and opening a warm task. */
const OVERHEAD_MS = 600;
const PARTITIONS = 4;
const SEEDS = 20;

const clicks: Topic<number> = { name: 'clicks', value: jsonSerde(), eventTime: (at) => at };

/** Nothing goes wrong; but what has piled up meanwhile takes its time to be fetched. */
const calm: Faults = {
  ...NO_FAULTS,
  fate: (api) => ({ ...NO_FAULTS.fate(api), answerMs: api === 'fetch' ? 50 : 1 }),
  fetchLimit: () => 5,
};

function topology() {
  const builder = new StreamsBuilder('clicks');
  builder.stream(clicks).groupByKey().count({ name: 'counts' });
  return builder.build();
}

/** @returns ms from the death of one of two instances to the other one's first commit of each of its tasks */
async function takeover(seed: number): Promise<number> {
  const random = new Random(seed);
  const scheduler = new Scheduler(random, START);
  const trace = new Trace(scheduler, 0);
  /** By client, the transactional ids under which it has committed. */
  const commits = new Map<string, Set<string>>();
  const broker = new ModelBroker({
    scheduler,
    random,
    trace,
    faults: calm,
    observer: {
      onCommitted: ({ client, transactionalId }) => {
        commits.set(client, (commits.get(client) ?? new Set()).add(transactionalId));
      },
      onProducer: () => undefined,
      onOffsets: () => undefined,
      onAssigned: () => undefined,
      onBroken: (reason) => expect.unreachable(reason),
    },
    brokers: 1,
    lastEpoch: 1000,
    initialDelayMs: 0,
  });
  broker.createTopic('clicks', PARTITIONS);
  const fleet = new Fleet({
    broker,
    random,
    topology: topology(),
    config: { applicationId: 'app', sessionTimeoutMs: SESSION_TIMEOUT_MS, standbyReplicas: 1 },
    soil: () => undefined,
    fail: (reason) => expect.unreachable(reason),
    sabotage: {},
    hasSchemas: false,
  });
  const write = () => {
    const record = { key: Buffer.from('k'), value: Buffer.from(String(scheduler.now)) };
    for (const log of broker.cluster.topics.get('clicks')!)
      log.append([{ ...record, headers: {} }], scheduler.now);
    scheduler.after(100, write);
  };
  const until = async (isDone: () => boolean) => {
    expect(await scheduler.runUntil(isDone, scheduler.now + 60_000)).toBe(true);
  };
  write();
  fleet.start();
  fleet.start();
  const half = PARTITIONS / 2;
  await until(() => fleet.apps.every((app) => app.tasks().length === half));
  await until(() => fleet.apps.every((app) => app.standbys().length === half));
  const wait = scheduler.now + random.int(0, SESSION_TIMEOUT_MS);
  await until(() => scheduler.now >= wait);

  const [victim, survivor] = fleet.processes;
  victim!.isDead = true;
  const killedAt = scheduler.now;
  await until(() => commits.get(survivor!.name)?.size === PARTITIONS);
  return scheduler.now - killedAt;
}

test(`a warm takeover takes at most the session timeout and ${OVERHEAD_MS} ms`, async () => {
  const all: number[] = [];
  for (let seed = 1; seed <= SEEDS; seed++) all.push(await takeover(seed));
  expect(Math.max(...all)).toBeLessThan(SESSION_TIMEOUT_MS + OVERHEAD_MS);
  // One that is over before the session is would have taken what another one may still run.
  expect(Math.min(...all)).toBeGreaterThan(SESSION_TIMEOUT_MS - OVERHEAD_MS);
}, 60_000);

import { createServer } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import kafkajs from 'kafkajs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createLogger } from '#kit';
import { SchemaRegistry, type OrderStatusChanged } from '#schemas';
import { TaskMigrated } from '../../streams/errors.ts';
import type { Kafka } from '#streams/runtime/kafka/kafka';
import { KafkaJsKafka } from '#streams/runtime/kafka/kafkajs-kafka';
import { readDeadLetter } from '#streams/task/dead-letter';
import {
  GroupConsumer,
  type ConsumePartition,
} from '../../services/kit/consumer/group-consumer.ts';
import { PartitionTransactions } from '../../services/kit/consumer/partition-transactions.ts';
import { eventually, TestKafka, type TestRecord } from '../support/kafka.ts';
import { freePort } from '../support/service-process.ts';
import { tapped } from '../support/tapped-kafka.ts';

const PARTITIONS = 4;
const logger = createLogger({ name: 'test', level: 'silent' });
const T0 = Date.UTC(2026, 10, 1);

let kafka: TestKafka;
let closers: (() => Promise<void>)[];

beforeEach(async () => {
  kafka = await TestKafka.open(PARTITIONS);
  closers = [];
  await kafka.makeTopics([{ name: letters(), partitions: PARTITIONS }]);
});
afterEach(async () => {
  for (const close of closers.reverse()) await close();
  await kafka[Symbol.asyncDispose]();
});

test('records that can not be read are dead letters with their reason; all others are read, in their order', async () => {
  const seen: string[] = [];
  await start(committing((orderNos) => seen.push(...orderNos)));
  const keys = Array.from({ length: 60 }, (_, i) => `o-${i % 6}-${i}`);
  const poison = (key: string, value: TestRecord['value']): TestRecord => ({
    ...order(key),
    value,
  });
  const wrongKey = { ...order('o-1-x'), key: 'another' };
  await kafka.write([
    ...keys.slice(0, 30).map(order),
    poison('bad-bytes', Buffer.from('no Avro')),
    poison('bad-null', null),
    wrongKey,
    ...keys.slice(30).map(order),
  ]);
  await eventually('the others to be read', () => seen.length >= keys.length);
  expect(seen.toSorted()).toEqual(keys.toSorted());

  const found = await eventually('the dead letters', async () => {
    const all = await kafka.readAll(letters());
    return all.length >= 3 && all.map((record) => readDeadLetter(record.partition, record)!);
  });
  expect(found.map(({ key }) => key!.toString()).sort()).toEqual([
    'another',
    'bad-bytes',
    'bad-null',
  ]);
  for (const letter of found) {
    expect(letter).toMatchObject({
      kind: 'deserialize',
      origin: { topic: kafka.topics.orderStatusChanged.name },
    });
    expect(letter.reason).not.toBe('');
  }
});

test('a consumer that fails is begun again where it says; health is DOWN until it gets on', async () => {
  const begun: number[] = [];
  const seen: string[] = [];
  let isBroken = true;
  const work = committing((orderNos) => {
    if (isBroken) throw new Error('the other end is away');
    seen.push(...orderNos);
  });
  const consumer = await start((assigned) => {
    begun.push(assigned.partition);
    return work(assigned);
  });
  await eventually('it to be in the group', () => consumer.partitions.length === PARTITIONS);
  expect(consumer.health.consumer.status).toBe('UP');
  await kafka.write([order('o-1')]);
  await eventually('it to be DOWN', () => consumer.health.consumer.status === 'DOWN');
  const tried = begun.length;
  const isDown = new Set<string>();
  await eventually('it to be tried again', () => {
    isDown.add(consumer.health.consumer.status);
    return begun.length >= tried + 3;
  });
  // Not better as long as the record that it fails for is before it.
  expect([...isDown]).toEqual(['DOWN']);
  const { details } = consumer.health.consumer;
  // The others have nothing to do, and are well.
  expect(details).toMatchObject({ failures: [{ reason: 'the other end is away' }] });

  isBroken = false;
  await eventually('the record', () => seen.length > 0);
  await eventually('it to be UP', () => consumer.health.consumer.status === 'UP');
  expect(seen).toEqual(['o-1']);
  await kafka.write([order('o-1'), order('o-2')]);
  await eventually('what comes then', () => seen.length === 3);
  expect(seen.toSorted()).toEqual(['o-1', 'o-1', 'o-2']);
});

test('a failure with nothing to be read is over once it has begun again', async () => {
  let failures = 2;
  const work = committing(() => undefined);
  const consumer = await start(async (assigned) => {
    // One partition, in the midst of waiting for records.
    if (assigned.partition > 0 || failures-- <= 0) return work(assigned);
    const waiting = assigned.read(new Map())[Symbol.asyncIterator]().next();
    waiting.catch(() => undefined);
    await delay(300);
    throw new Error('gone while nothing came');
  });
  await eventually('it to be DOWN', () => consumer.health.consumer.status === 'DOWN');
  await eventually('it to be UP', () => failures < 0 && consumer.health.consumer.status === 'UP');
});

test('an answer without news is no batch: nothing is written down while nothing comes', async () => {
  let batches = 0;
  let polls = 0;
  const counted = tapped(port(), ({ name }, goOn) => {
    if (name === 'fetch') polls++;
    return goOn();
  });
  await start(
    committing(() => batches++),
    { broker: counted },
  );
  await kafka.write([order('o-1')]);
  await eventually('the record', () => batches > 0);
  const [seen, from] = [batches, polls];
  await eventually('some answers without news', () => polls > from + 5);
  // The end of the writer's transaction may come by itself: it moves the offset once.
  expect(batches).toBeLessThanOrEqual(seen + 1);
  const settled = batches;
  await eventually('some more', () => polls > from + 10);
  expect(batches).toBe(settled);
});

test('a registry that is away is waited for: nothing is lost, nothing becomes a dead letter', async () => {
  const seen: string[] = [];
  const port = await freePort();
  const schemas = new SchemaRegistry({ url: `http://127.0.0.1:${port}` });
  const work = committing((orderNos) => seen.push(...orderNos));
  const consumer = await start(work, { schemas });
  await kafka.write([order('o-1'), order('o-2')]);
  await eventually('it to be DOWN', () => consumer.health.schemaRegistry.status === 'DOWN');
  expect(seen).toEqual([]);

  const real = kafka.env['SCHEMA_REGISTRY_URL']!;
  const registry = createServer((request, response) => {
    void fetch(`${real}${request.url}`).then(async (answer) => {
      response.writeHead(answer.status, { 'content-type': 'application/json' });
      response.end(await answer.text());
    });
  }).listen(port, '127.0.0.1');
  closers.push(async () => {
    registry.closeAllConnections();
    await promisify(registry.close.bind(registry))();
  });
  await eventually('the records', () => seen.length === 2);
  await eventually('it to be UP', () => consumer.health.schemaRegistry.status === 'UP');
  expect(await kafka.readAll(letters())).toEqual([]);
  expect(consumer.deadLetters).toBe(0);
});

test('partitions move between members, and none is consumed by two at a time; each record counts once', async () => {
  const holders = new Map<number, string>();
  const overlaps: string[] = [];
  const counted: string[] = [];
  const member = (name: string): ConsumePartition => {
    const work = committing((orderNos) => counted.push(...orderNos));
    return async (assigned) => {
      const { partition } = assigned;
      const holder = holders.get(partition);
      if (holder !== undefined) overlaps.push(`${partition}: ${holder} and ${name}`);
      holders.set(partition, name);
      try {
        await work(assigned);
        // It takes its time to end: whoever comes next has to wait for that.
        await delay(150);
      } finally {
        holders.delete(partition);
      }
    };
  };
  const keys: string[] = [];
  const write = async (count: number): Promise<void> => {
    const more = Array.from({ length: count }, (_, i) => `o-${keys.length + i}`);
    keys.push(...more);
    await kafka.write(more.map(order));
  };
  const one = await start(member('one'));
  await eventually('one to have all', () => one.partitions.length === PARTITIONS);
  await write(100);
  const other = await start(member('other'));
  const isShared = () => one.partitions.length === 2 && other.partitions.length === 2;
  await eventually('two to share', async () => {
    await write(5);
    return isShared();
  });
  expect([...one.partitions, ...other.partitions].sort()).toEqual([0, 1, 2, 3]);
  await one.close();
  await eventually('the other to have all', async () => {
    await write(5);
    return other.partitions.length === PARTITIONS;
  });
  const third = await start(member('third'));
  await eventually('two to share again', () => third.partitions.length === 2);
  await write(20);
  await eventually('every record', () => counted.length >= keys.length);
  expect(overlaps).toEqual([]);
  expect(counted.toSorted()).toEqual(keys.toSorted());
}, 120_000);

test('a former owner can not commit any more once another one has begun', async () => {
  const { signal } = new AbortController();
  const topic = kafka.topics.orderStatusChanged.name;
  const former = transactions(0);
  expect(await former.begin(signal)).toEqual(new Map());
  await former.commit([], new Map([[topic, 5]]));
  const next = transactions(0);
  expect(await next.begin(signal)).toEqual(new Map([[topic, 5]]));
  const late = { topic: letters(), partition: 0, key: null, value: Buffer.from('x'), headers: {} };
  await expect(former.commit([late], new Map([[topic, 9]]))).rejects.toThrow(TaskMigrated);
  await next.commit([], new Map([[topic, 6]]));
  expect(await transactions(0).begin(signal)).toEqual(new Map([[topic, 6]]));
  expect(await kafka.readAll(letters())).toEqual([]);
  // Another partition is nobody's concern.
  expect(await transactions(1).begin(signal)).toEqual(new Map());
});

function letters(): string {
  return `${kafka.name}-dead-letter`;
}

function order(orderNo: string): TestRecord {
  const value: OrderStatusChanged = {
    orderNo,
    status: 'PENDING',
    paymentStatus: null,
    updatedAt: T0,
    paymentExpiresAt: null,
    reason: null,
  };
  return { topic: kafka.topics.orderStatusChanged, key: orderNo, value };
}

function port(): KafkaJsKafka {
  const brokers = kafka.env['KAFKA_BROKERS']!.split(',');
  const opened = new KafkaJsKafka({
    brokers,
    logLevel: kafkajs.logLevel.NOTHING,
    retry: { retries: 0 },
  });
  closers.push(() => opened.close());
  return opened;
}

function transactions(partition: number): PartitionTransactions {
  return new PartitionTransactions({
    groupId: kafka.name,
    partition,
    topics: [kafka.topics.orderStatusChanged.name],
    kafka: port(),
    partitionCounts: new Map([[letters(), PARTITIONS]]),
    logger,
  });
}

/** Tells `onOrders` of each batch, then commits how far it came. */
function committing(onOrders: (orderNos: readonly string[]) => void): ConsumePartition {
  return async (assigned) => {
    const own = transactions(assigned.partition);
    for await (const batch of assigned.read(await own.begin(assigned.signal))) {
      onOrders(batch.records.map(({ value }) => (value as OrderStatusChanged).orderNo));
      await own.commit(batch.letters, batch.positions);
    }
  };
}

async function start(
  consume: ConsumePartition,
  {
    schemas = kafka.registry,
    broker = port(),
  }: { readonly schemas?: SchemaRegistry; readonly broker?: Kafka } = {},
): Promise<GroupConsumer> {
  const consumer = new GroupConsumer({
    groupId: kafka.name,
    instanceId: `instance-${closers.length}`,
    kafka: broker,
    schemas,
    topics: [kafka.topics.orderStatusChanged],
    consume,
    logger,
  });
  const ended = consumer.run();
  closers.push(async () => {
    await consumer.close();
    await ended;
  });
  await eventually('it to be in the group', () => consumer.health.kafka.status === 'UP');
  return consumer;
}

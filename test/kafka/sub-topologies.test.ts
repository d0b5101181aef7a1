import { expect, inject, test } from 'vitest';
import { partitionFor } from '#streams/runtime/kafka/partitioner';
import { stringSerde, windowedSerde, numberSerde } from '#streams';
import { eventually } from '../support/kafka.ts';
import { ShopInstance } from '../support/shop-instance.ts';
import type { ShopStatus } from '../support/shop-process.ts';
import {
  shopOutcome,
  shopRecords,
  shopRepartitionTopics,
  shopTopics,
  type ShopOutcome,
  type ShopRecord,
} from '../support/shop.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { TestBroker } from '../support/test-broker.ts';

const PARTITIONS = 2;
/** Three sub-topologies. */
const TASKS = 3 * PARTITIONS;
const START = Date.parse('2024-02-01T12:00:00.000Z');
const SALES = 40_000;
/** Records of a piece; some seconds of event time. */
const PIECE = 4000;
/** More than three pieces: no task is ahead of another one by more than two. */
const ALLOWED_LATENESS_MS = 60_000;
const HOUR_MS = 3_600_000;
const NOBODY = 'nobody';

test('joins and windows behind repartition topics, one of two instances killed on the way: each result once', async () => {
  await using broker = new TestBroker(inject('addresses')['KAFKA_BROKERS']!.split(','));
  await using folderA = await temporaryFolder();
  await using folderB = await temporaryFolder();
  const topics = shopTopics(broker.name);
  await broker.makeTopics(
    Object.values(topics).map(({ name }) => ({
      name,
      partitions: PARTITIONS,
      config: { 'message.timestamp.type': 'LogAppendTime', 'retention.ms': '-1' },
    })),
  );
  const inputs = [topics.sales.name, topics.payments.name];
  await using running = new AsyncDisposableStack();
  const start = (stateDir: string) =>
    running.use(
      new ShopInstance({
        applicationId: broker.name,
        brokers: inject('addresses')['KAFKA_BROKERS']!.split(','),
        stateDir,
        allowedLatenessMs: ALLOWED_LATENESS_MS,
        sessionTimeoutMs: 6000,
        start: START,
      }),
    );
  let instances = [start(folderA.path), start(folderB.path)];
  let now = START;
  const status = (): Promise<ShopStatus[]> => Promise.all(instances.map((each) => each.at(now)));
  const shared = (what: string, count: number) =>
    eventually(what, async () => (await status()).every(({ tasks }) => tasks.length === count));
  const processed = async (count: number) => {
    await eventually('a piece to be processed', async () => {
      await status();
      return (await broker.progressOf(inputs)).committed >= count;
    });
  };
  await shared('the tasks to be shared', TASKS / 2);

  const records = shopRecords(47, SALES, START);
  const ends: number[] = [];
  for (let i = 0; i < records.length; i += PIECE) {
    // The one before the last piece is done: nobody falls behind further than the allowed lateness covers.
    const before = ends.at(-2);
    if (before !== undefined) await processed(before);
    const piece = records.slice(i, i + PIECE);
    await broker.writeRecords(piece.map((record) => encoded(record, topics)));
    ends.push((await broker.progressOf(inputs)).end);
    now = piece.at(-1)!.value.at;
    await status();
    if (ends.length === 5) {
      await instances[0]!.end('SIGKILL');
      instances = [instances[1]!];
    }
    if (ends.length === 12) {
      await shared('the other one to have all tasks', TASKS);
      instances = [start(folderA.path), instances[0]!];
      await shared('the tasks to be shared again', TASKS / 2);
    }
  }

  // Behind these records everything is visible: a transaction begins only when the one before it is complete.
  const nobody = nobodysRecords(now + 1);
  await broker.writeRecords(nobody.map((record) => encoded(record, topics)));
  const all = [...inputs, ...shopRepartitionTopics(broker.name)];
  await eventually('everything to be processed', async () => {
    await status();
    const { committed, end } = await broker.progressOf(all);
    return committed === end;
  });
  now += HOUR_MS;
  const expected = shopOutcome(records);
  await eventually('all windows to be closed', async () => {
    for (const { late, dropped, deadLetters } of await status())
      expect({ late, dropped, deadLetters }).toEqual({ late: 0, dropped: 0, deadLetters: 0 });
    const found = await outcome(broker, topics);
    return (
      found.paid.length >= expected.paid.length &&
      found.perMinute.length >= expected.perMinute.length
    );
  });
  for (const instance of instances) expect(await instance.end('SIGTERM')).toBe(0);
  expect(await outcome(broker, topics)).toEqual(expected);
}, 180_000);

/** A sale and a payment for each partition, of a customer whom nobody asks for. */
function nobodysRecords(at: number): ShopRecord[] {
  const perPartition = new Map<string, ShopRecord>();
  for (let i = 0; perPartition.size < 2 * PARTITIONS; i++) {
    const orderNo = `${NOBODY}-${i}`;
    const sale = { orderNo, customer: NOBODY, at };
    const payment = { id: orderNo, orderNo, amount: 1, at };
    const partition = partitionFor(Buffer.from(orderNo), PARTITIONS);
    perPartition.set(`sale ${partition}`, { kind: 'sale', value: sale });
    perPartition.set(`payment ${partition}`, { kind: 'payment', value: payment });
  }
  return [...perPartition.values()];
}

function encoded(record: ShopRecord, topics: ReturnType<typeof shopTopics>) {
  const isSale = record.kind === 'sale';
  return {
    topic: isSale ? topics.sales.name : topics.payments.name,
    key: Buffer.from(isSale ? record.value.orderNo : record.value.id),
    value: Buffer.from(JSON.stringify(record.value)),
    headers: {},
  };
}

async function outcome(
  broker: TestBroker,
  topics: ReturnType<typeof shopTopics>,
): Promise<ShopOutcome> {
  const numbers = async (topic: string, keyOf: (key: Buffer) => string) => {
    const lines = (await broker.readAll(topic)).map(
      ({ key, value }) => `${keyOf(key!)} ${numberSerde.decode(value!)}`,
    );
    return lines.filter((line) => !line.startsWith(NOBODY)).sort();
  };
  const windowed = windowedSerde(stringSerde, 60_000);
  return {
    paid: await numbers(topics.paid.name, String),
    perMinute: await numbers(topics.perMinute.name, (bytes) => {
      const { key, window } = windowed.decode(bytes);
      return `${key}@${window.start}`;
    }),
  };
}

import { execFile } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { applyMigrations, createLogger, openDatabase } from '#kit';
import { topics, type AccountEvent, type AvroTopic } from '#schemas';
import { readDeadLetter } from '#streams/task/dead-letter';
import { accountsProjection } from '../../services/projections/accounts.ts';
import { offsetMigrations } from '../../services/projections/offsets.ts';
import { project } from '../../services/projections/project.ts';
import { eventually, TestKafka, type TestRecord } from '../support/kafka.ts';
import { ownDatabase, type OwnDatabase } from '../support/own-database.ts';
import {
  dropReadModels,
  expectedReadModels,
  foundReadModels,
  projectedOffsets,
  untilCaughtUp,
} from '../support/read-models.ts';
import { ServiceProcess } from '../support/service-process.ts';
import { makeShopTopics, shopEvents } from '../support/shop-events.ts';
import { temporaryFolder, type TemporaryFolder } from '../support/temporary-folder.ts';

const LONG = 'y'.repeat(201);

let server: OwnDatabase;
let url: string;
beforeAll(async () => {
  server = await ownDatabase();
  ({ url } = server);
});
afterAll(() => server[Symbol.asyncDispose]());

let kafka: TestKafka;
let state: TemporaryFolder;
let env: Record<string, string>;
let running: ServiceProcess[];

beforeEach(async () => {
  kafka = await TestKafka.open(6);
  state = await temporaryFolder();
  env = { ...kafka.env, MYSQL_URL: url, STATE_DIR: `${state.path}/one` };
  running = [];
  await dropReadModels(kafka, url);
  await makeShopTopics(kafka);
});
afterEach(async () => {
  // So that they leave their groups: the next test would wait for the session to end.
  await Promise.all(running.map((service) => service.end('SIGTERM')));
  await kafka[Symbol.asyncDispose]();
  await state[Symbol.asyncDispose]();
});

test('killed again and again on the way: every table is what the topics say, each offset their end', async () => {
  const records = shopEvents(kafka, { orders: 400, seed: 1 });
  expect(records.length).toBeGreaterThan(3000);
  const part = Math.ceil(records.length / 5);
  for (let from = 0; from < records.length; from += part) {
    await kafka.write(records.slice(from, from + part));
    const before = await projectedOffsets(url);
    const service = await start();
    await eventually('some of it to be projected', async () => {
      return (await projectedOffsets(url)) > before;
    });
    await service.end('SIGKILL');
  }
  await up(await start());
  await expectTables();
}, 120_000);

test('two instances share the partitions; when one is killed the other has them all', async () => {
  const one = await start();
  const other = await start({ STATE_DIR: `${state.path}/other` });
  const group = 'projection-orders';
  await eventually('the partitions to be shared', async () => {
    const [some, rest] = [await partitionsOf(one, group), await partitionsOf(other, group)];
    return some.length > 0 && rest.length > 0 && some.length + rest.length === 6;
  });
  const [some, rest] = [await partitionsOf(one, group), await partitionsOf(other, group)];
  expect([...some, ...rest].sort()).toEqual([0, 1, 2, 3, 4, 5]);

  const writing = kafka.write(shopEvents(kafka, { orders: 100, seed: 2 }));
  await eventually('some of it to be projected', async () => (await projectedOffsets(url)) > 0);
  await one.end('SIGKILL');
  await writing;
  await kafka.write(shopEvents(kafka, { orders: 100, seed: 3 }));
  await eventually('the other one to have taken over', async () => {
    return (await partitionsOf(other, group)).length === 6;
  });
  await expectTables();
}, 120_000);

test('what the tables do not take is a dead letter with its reason, and holds up nothing', async () => {
  const { orderStatusChanged, paymentStatusObserved } = kafka.topics;
  const key = `${kafka.name}-${LONG}`;
  const name = (suffix: string) => `${kafka.name}-${suffix}`;
  const at = Date.UTC(2026, 10, 1);
  // Each is fine as an event; a column is too short for it.
  const bad = [
    letter('accounts', topics.accountEvent, {
      accountId: name('bad'),
      type: 'REGISTERED',
      email: 'a@example.jp',
      displayName: LONG,
      roles: [],
      version: 1,
      occurredAt: at,
    }),
    letter('orders', orderStatusChanged, {
      orderNo: key,
      status: 'PENDING',
      paymentStatus: null,
      updatedAt: at,
      paymentExpiresAt: null,
      reason: null,
    }),
    letter('orders', topics.orderCreated, {
      orderNo: name('bad-line'),
      accountId: 'a',
      lines: [
        { sku: 'tea', quantity: 1, unitPrice: 1 },
        { sku: LONG, quantity: 1, unitPrice: 1 },
      ],
      totalAmount: 2,
      createdAt: at,
    }),
    letter('orders', paymentStatusObserved, {
      orderNo: name('bad-event'),
      status: 'COMPLETED',
      eventId: LONG,
      occurredAt: at,
      source: 'WEBHOOK',
    }),
    letter('stock', topics.storageEvent, {
      commandId: 'c',
      sku: key,
      type: 'RESERVED',
      orderNo: null,
      quantity: 1,
      reason: null,
      available: 1,
      reserved: 1,
      sold: 1,
      version: 1,
      occurredAt: at,
    }),
  ];
  const good = shopEvents(kafka, { orders: 40, seed: 4 });
  const poison: TestRecord = {
    topic: orderStatusChanged,
    key: name('poison'),
    value: Buffer.from('not Avro'),
  };
  // In the midst of the others: they are of one batch.
  const middle = good.length / 2;
  const between = [...bad.map(({ record }) => record), poison];
  await kafka.write([...good.slice(0, middle), ...between, ...good.slice(middle)]);
  const service = await start();
  await up(service);
  await untilCaughtUp(kafka, url);

  for (const { projection, record } of bad) {
    const [found, ...more] = await lettersOf(projection, record.key);
    expect(found, record.key).toMatchObject({
      kind: 'process',
      node: record.topic.name,
      origin: { topic: record.topic.name },
    });
    expect(found!.reason).not.toBe('');
    expect(more).toEqual([]);
  }
  const [unreadable] = await lettersOf('orders', poison.key!);
  expect(unreadable).toMatchObject({ kind: 'deserialize' });

  const expected = await expectedReadModels(kafka);
  const isGood = (row: object) => !JSON.stringify(row).match(/-bad"|-bad-|y{191}/);
  const found = await foundReadModels(url, kafka.name);
  for (const [table, rows] of Object.entries(expected))
    expect(found[table as keyof typeof found], table).toEqual(rows.filter(isGood));
  expect((await service.health())?.status).toBe('UP');
});

test('a dead letter that could not be written is written by whoever goes on', async () => {
  const database = openDatabase({ url, connections: 2 });
  await applyMigrations(url, offsetMigrations);
  await applyMigrations(url, accountsProjection.migrations);
  const key = `${kafka.name}-bad`;
  const value: AccountEvent = {
    accountId: key,
    type: 'REGISTERED',
    email: 'a@example.jp',
    displayName: LONG,
    roles: [],
    version: 1,
    occurredAt: 1,
  };
  const raw = { key: Buffer.from(key), value: null, offset: 0, timestamp: 1, headers: {} };
  const at = { topic: topics.accountEvent.name, partition: 0, offset: 0 };
  const record = { ...at, key, value, timestamp: 1, headers: {}, raw };
  const batch = { records: [record], letters: [], positions: new Map([[at.topic, 1]]) };
  const stop = new AbortController();
  const offered: (string | undefined)[] = [];
  const transactions = () => ({
    begin: () => Promise.resolve(new Map()),
    commit(letters: readonly { key: Buffer | null }[]) {
      offered.push(...letters.map((letter) => letter.key?.toString()));
      return offered.length === 1 ? Promise.reject(new Error('broker away')) : Promise.resolve();
    },
  });
  const work = project(
    {
      projection: accountsProjection,
      database,
      logger: createLogger({ name: 'test', level: 'silent' }),
      watchMs: 60_000,
      sleep: () => new Promise(() => undefined),
      onBatch: () => stop.abort(),
    },
    { groupId: 'projection-accounts', transactions: transactions as never },
  );
  const run = () =>
    work({
      partition: 0,
      signal: stop.signal,
      async *read(positions) {
        await Promise.resolve();
        if ((positions.get(at.topic) ?? 0) === 0) yield batch;
      },
    });
  await expect(run()).rejects.toThrow('broker away');
  await run();
  expect(offered).toEqual([key, key]);
  await run();
  expect(offered).toHaveLength(2);
  await database.close();
});

describe('npm run rebuild', () => {
  test('gives the same tables, while events flow', async () => {
    await kafka.write(shopEvents(kafka, { orders: 100, seed: 5 }));
    await up(await start());
    await untilCaughtUp(kafka, url);

    const stop = new AbortController();
    const flow = (async () => {
      for (let seed = 100; !stop.signal.aborted; seed++) {
        await kafka.write(shopEvents(kafka, { orders: 100, seed }).slice(0, 50));
        await delay(20);
      }
    })();
    const { code, stdout } = await rebuild(['orders', 'alerts']);
    stop.abort();
    await flow;
    expect(code, stdout).toBe(0);
    const told = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { projection: string; tables: string[] });
    expect(told.map(({ projection }) => projection)).toEqual(['orders', 'alerts']);
    expect(told[0]!.tables).toContain('order_status_history');
    await expectTables();
  }, 120_000);

  test('says what it can do, and refuses names that it does not know', async () => {
    const help = await rebuild(['--help']);
    expect([help.code, help.stdout]).toEqual([0, expect.stringMatching(/^Usage: /)]);
    for (const names of [['order'], ['orders', 'nothing'], [], ['--colour']]) {
      const refused = await rebuild(names);
      expect([refused.code, refused.stdout], names.join(' ')).toEqual([2, '']);
      expect(refused.stderr).not.toMatch(/^\s+at /m);
    }
  });
});

async function start(more: Readonly<Record<string, string>> = {}): Promise<ServiceProcess> {
  const service = await ServiceProcess.start({ ...env, ...more }, 'projections');
  running.push(service);
  return service;
}

function up(service: ServiceProcess): Promise<true> {
  return eventually('the service to be up', async () => {
    if (service.hasEnded) throw new Error(service.log);
    return (await service.health())?.status === 'UP';
  });
}

async function expectTables(): Promise<void> {
  await untilCaughtUp(kafka, url);
  const expected = await expectedReadModels(kafka);
  const found = await foundReadModels(url, kafka.name);
  for (const [table, rows] of Object.entries(expected)) {
    expect(rows.length, table).toBeGreaterThan(0);
    expect(found[table as keyof typeof found], table).toEqual(rows);
  }
}

/** The partition numbers that an instance has of a group. */
async function partitionsOf(service: ServiceProcess, group: string): Promise<number[]> {
  const metrics = await service.metrics().catch(() => '');
  const lines = metrics.matchAll(
    new RegExp(`^kafka_consumer_records_lag\\{group="${group}",.*partition="(\\d+)"`, 'gm'),
  );
  return [...new Set([...lines].map(([, partition]) => Number(partition)))];
}

function letter<V>(projection: string, topic: AvroTopic<V>, value: V) {
  const record = { topic: topic as AvroTopic<unknown>, key: topic.keyOf(value), value };
  return { projection, record } satisfies { projection: string; record: TestRecord };
}

async function lettersOf(projection: string, key: string) {
  const all = await kafka.readAll(`projection-${projection}-dead-letter`);
  const own = all.filter((record) => record.key?.toString() === key);
  return own.map((record) => readDeadLetter(record.partition, record)!);
}

function rebuild(
  args: readonly string[],
): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ['services/projections/rebuild-main.ts', ...args],
      { env: { ...process.env, ...env } },
      (error, stdout, stderr) => {
        resolve({ code: error ? Number(error.code) : 0, stdout, stderr });
      },
    );
  });
}

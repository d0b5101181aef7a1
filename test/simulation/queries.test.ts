/** Instances over a model of Kafka that are asked for what the others have, while they come, die, and come back elsewhere. */
import { expect, test } from 'vitest';
import {
  jsonSerde,
  KafkaStreams,
  numberSerde,
  StoreNotAvailable,
  StreamsBuilder,
  type QueryTransport,
  type Topic,
} from '#streams';
import type { Clock } from '#streams/runtime/clock';
import { partitionFor } from '#streams/runtime/kafka/partitioner';
import type { StateBackend } from '#streams/state/backend';
import { ModelBroker } from './broker/model-broker.ts';
import { ModelClient } from './broker/model-client.ts';
import { Disk } from './disk.ts';
import { NO_FAULTS } from './faults.ts';
import { ProcessBackend } from './process-backend.ts';
import { Random } from './random.ts';
import { Scheduler } from './scheduler.ts';
import { SimClock } from './sim-clock.ts';
import { SimProcess } from './sim-process.ts';
import { Trace } from './trace.ts';

interface Sale {
  readonly customer: string;
  readonly at: number;
}

const START = Date.parse('2024-02-01T12:00:00.000Z');
const PARTITIONS = 4;
const sales: Topic<Sale> = { name: 'sales', value: jsonSerde(), eventTime: ({ at }) => at };
const totals: Topic<number> = { name: 'totals', value: numberSerde };
const customers = Array.from({ length: 20 }, (_, i) => `customer-${String(i).padStart(2, '0')}`);

/** Counts sales per customer; they are keyed otherwise, so the counts are in a sub-topology of their own. */
function topology() {
  const builder = new StreamsBuilder('shop');
  const counts = builder
    .stream(sales)
    .groupBy((sale) => sale.customer, { name: 'by-customer' })
    .count({ name: 'counts' });
  counts.toStream().to(totals);
  return { topology: builder.build(), counts: counts.store };
}

const ALL = {
  kind: 'range',
  store: 'counts',
  from: Buffer.alloc(0),
  to: null,
  limit: 1000,
} as const;

interface Instance {
  readonly process: SimProcess;
  readonly app: KafkaStreams;
  readonly disk: Disk;
}

class Shop {
  readonly scheduler: Scheduler;
  readonly broker: ModelBroker;
  /** By address; the dead ones do not answer. */
  readonly instances = new Map<string, Instance>();
  readonly #shop = topology();
  #sales = 0;

  constructor() {
    const random = new Random(1);
    const scheduler = (this.scheduler = new Scheduler(random, START));
    this.broker = new ModelBroker({
      scheduler,
      random,
      trace: new Trace(scheduler, 0),
      faults: NO_FAULTS,
      observer: {
        onCommitted: () => undefined,
        onProducer: () => undefined,
        onOffsets: () => undefined,
        onAssigned: () => undefined,
        onBroken: (reason) => expect.unreachable(reason),
      },
      brokers: 1,
      lastEpoch: 1000,
      initialDelayMs: 100,
    });
    this.broker.createTopic('sales', PARTITIONS);
    this.broker.createTopic('totals', 1);
  }

  start(address: string, disk = new Disk(address)): void {
    const process = new SimProcess(address);
    const clock = new SimClock(this.scheduler, process);
    const app = new KafkaStreams(this.#shop.topology, {
      applicationId: 'shop',
      kafka: new ModelClient(this.broker, process),
      clock,
      stateDir: address,
      applicationServer: address,
      queryTransport: this.#network,
      standbyReplicas: 1,
      sessionTimeoutMs: 2000,
      openInstance: () =>
        Promise.resolve({
          id: disk.instanceId,
          localTasks: () => Promise.resolve([...disk.folders.keys()]),
          openBackend: (taskId) => {
            const backend = new ProcessBackend(disk.folder(taskId), process, NO_FAULTS);
            return Promise.resolve(slowToClose(backend, clock));
          },
          close: () => Promise.resolve(),
        }),
    });
    this.instances.set(address, { process, app, disk });
    this.scheduler.after(0, () => {
      app.start();
    });
  }

  /** As `kill -9`. @returns what is left */
  kill(address: string): Disk {
    const { process, disk } = this.instances.get(address)!;
    process.isDead = true;
    this.instances.delete(address);
    return disk;
  }

  /** One sale of each customer, and they are counted. */
  async sell(): Promise<void> {
    for (const customer of customers) {
      const value = sales.value.encode({ customer, at: this.scheduler.now });
      const key = `sale-${this.#sales++}`;
      const log =
        this.broker.cluster.topics.get('sales')![partitionFor(Buffer.from(key), PARTITIONS)]!;
      log.append([{ key: Buffer.from(key), value, headers: {} }], this.scheduler.now);
    }
    await this.until('the sales to be counted', () => {
      const { processed } = this.#progress();
      return processed === this.#sales;
    });
    await this.pass(1000);
  }

  /** Until each task runs, and everybody knows where. */
  async settled(): Promise<void> {
    const runs = (host: string | undefined, task: string) =>
      this.instances
        .get(host ?? '')
        ?.app.tasks()
        .some((each) => each.task === task) ?? false;
    await this.until('everybody to be settled', () =>
      [...this.instances].every(
        ([address, { app }]) =>
          app.state === 'RUNNING' &&
          customers
            .map((customer) => this.store(address).ownerOf(customer))
            .every(({ host, task }) => runs(host, task)),
      ),
    );
  }

  async pass(ms: number): Promise<void> {
    const end = this.scheduler.now + ms;
    await this.scheduler.runUntil(() => this.scheduler.now >= end, end);
  }

  /** Meanwhile everybody is asked for everything all the time: no question may meet what is closed. */
  async until(what: string, isDone: () => boolean): Promise<void> {
    const deadline = this.scheduler.now + 60_000;
    const answers: Promise<unknown>[] = [];
    const faults: unknown[] = [];
    const done = await this.scheduler.runUntil(() => {
      for (const { app } of this.instances.values())
        for (let partition = 0; partition < PARTITIONS; partition++) {
          const task = `1_${partition}`;
          const answer = app.answerQuery({ task, query: ALL, allowStale: true });
          answers.push(answer.catch((error: unknown) => faults.push(error)));
        }
      return isDone();
    }, deadline);
    await Promise.all(answers);
    expect(faults).toEqual([]);
    if (!done) expect.unreachable(`waited in vain for ${what}`);
  }

  store(address: string) {
    return this.instances.get(address)!.app.store(this.#shop.counts);
  }

  #progress(): { processed: number } {
    const records = this.broker.cluster.topics.get('totals')![0]!.committed();
    return { processed: records.length };
  }

  /** Neither side gets the other's objects. */
  get #network(): QueryTransport {
    return {
      ask: async (host, request) => {
        const there = this.instances.get(host);
        if (!there) throw new Error(`nobody answers at ${host}`);
        return structuredClone(await there.app.answerQuery(structuredClone(request)));
      },
    };
  }
}

test('any instance answers for any key, and for all of them', async () => {
  const shop = new Shop();
  shop.start('a:1');
  shop.start('b:1');
  await shop.settled();
  await shop.sell();
  await shop.sell();

  for (const address of ['a:1', 'b:1']) {
    const store = shop.store(address);
    const hosts = new Set<string | undefined>();
    for (const customer of customers) {
      const { value, origin } = await store.get(customer);
      const { host, task, standbys } = store.ownerOf(customer);
      expect([value, origin.isActive, origin.lag]).toEqual([2, true, 0]);
      expect([origin.host, origin.task]).toEqual([host, task]);
      expect([host, ...standbys].sort()).toEqual(['a:1', 'b:1']);
      hosts.add(host);
    }
    expect(hosts).toEqual(new Set(['a:1', 'b:1']));
    const some = await collect(store.range('customer-03', 'customer-10'));
    expect(some.map(({ key, value }) => [key, value])).toEqual(
      customers.slice(3, 11).map((customer) => [customer, 2]),
    );
    const all = await collect(store.all());
    expect(all.map(({ key }) => key)).toEqual(customers);
    const here = await collect(store.all({ local: true }));
    expect(here.length).toBeGreaterThan(0);
    expect(here.map(({ key }) => key)).toEqual(
      customers.filter((customer) => store.ownerOf(customer).host === address),
    );
  }
  expect((await shop.store('a:1').get('nobody')).value).toBe(undefined);
});

test('when the owner dies its standby answers, as old as it says, until it is the owner', async () => {
  const shop = new Shop();
  shop.start('a:1');
  shop.start('b:1');
  await shop.settled();
  await shop.sell();
  const store = shop.store('a:1');
  const lost = customers.filter((customer) => store.ownerOf(customer).host === 'b:1');
  expect(lost.length).toBeGreaterThan(0);
  shop.kill('b:1');

  for (const customer of lost) {
    await expect(store.get(customer)).rejects.toThrow(StoreNotAvailable);
    await expect(store.get(customer)).rejects.toThrow(/b:1: nobody answers/);
    const { value, origin } = await store.get(customer, { allowStale: true });
    expect([value, origin.isActive, origin.host, origin.lag]).toEqual([1, false, 'a:1', 0]);
    expect(origin.asOf).toBeGreaterThan(shop.scheduler.now - 1000);
  }
  await expect(collect(store.all())).rejects.toThrow(StoreNotAvailable);
  const stale = await collect(store.all({ allowStale: true }));
  expect(stale.map(({ key, value }) => [key, value])).toEqual(customers.map((c) => [c, 1]));

  await shop.settled();
  await shop.sell();
  for (const customer of customers) {
    const { value, origin } = await store.get(customer);
    expect([value, origin.isActive]).toEqual([2, true]);
  }
});

test('one that comes back at another address is found there', async () => {
  const shop = new Shop();
  shop.start('a:1');
  shop.start('b:1');
  await shop.settled();
  await shop.sell();
  // Within its session, as the static member that it was.
  shop.start('b:2', shop.kill('b:1'));
  await shop.settled();
  const hosts = () => new Set(customers.map((each) => shop.store('a:1').ownerOf(each).host));
  for (const customer of customers) {
    const { value, origin } = await shop.store('a:1').get(customer);
    expect([value, origin.isActive]).toEqual([1, true]);
  }
  expect(hosts()).toEqual(new Set(['a:1', 'b:2']));
});

test('one that joins takes tasks over, and nobody is asked for what is being closed', async () => {
  const shop = new Shop();
  shop.start('a:1');
  shop.start('b:1');
  await shop.settled();
  await shop.sell();
  shop.start('c:1');
  await shop.settled();
  for (const address of ['a:1', 'b:1', 'c:1']) {
    const all = await collect(shop.store(address).all());
    expect(all.map(({ value }) => value)).toEqual(customers.map(() => 1));
    expect(new Set(all.map(({ origin }) => origin.host)).size).toBeGreaterThan(1);
  }
});

test('one that does not run can not be asked', async () => {
  const shop = new Shop();
  shop.start('a:1');
  expect(() => shop.store('a:1').ownerOf('customer-00')).toThrow(/is CREATED/);
  await expect(shop.store('a:1').get('customer-00')).rejects.toThrow(StoreNotAvailable);
  await expect(collect(shop.store('a:1').all({ local: true }))).rejects.toThrow(StoreNotAvailable);
  await shop.settled();
  const { app } = shop.instances.get('a:1')!;
  let isClosed = false;
  void app.close().then(() => (isClosed = true));
  await shop.until('the stop', () => isClosed);
  await expect(shop.store('a:1').get('customer-00')).rejects.toThrow(/NOT_RUNNING/);
  const query = { kind: 'get', store: 'counts', key: Buffer.from('a') } as const;
  const answer = await app.answerQuery({ task: '1_0', query, allowStale: true });
  expect(answer.status).toBe('not-available');
});

/** As RocksDB: reading what is being closed can take the process down. */
function slowToClose(backend: StateBackend, clock: Clock): StateBackend {
  let isClosed = false;
  const checked = <T>(value: T): T => {
    if (isClosed) throw new Error('used after it was closed');
    return value;
  };
  return {
    getMany: (column, keys) => checked(backend).getMany(column, keys),
    scan: (column, from, limit) => checked(backend).scan(column, from, limit),
    batch: () => checked(backend).batch(),
    clear: (column) => {
      checked(backend).clear(column);
    },
    sizeBytes: () => checked(backend).sizeBytes(),
    close: async () => {
      isClosed = true;
      await clock.sleep(50);
    },
  };
}

async function collect<T>(entries: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const entry of entries) all.push(entry);
  return all;
}

import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Producer } from 'kafkajs';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { createLogger, createPublisher } from '#kit';
import { topics } from '#schemas';
import { redisCache, type RedisCache } from '../../../bff/cache/redis-cache.ts';
import { Sessions } from '../../../bff/sessions.ts';
import { startInfra, type Infra } from '../../../services/launcher/infra.ts';
import { testFolder } from '../../../services/launcher/test-folder.ts';
import { ServiceProcess } from '../../support/service-process.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import type { Bed, Inputs } from '../bed.ts';
import type { BenchOptions } from '../options.ts';
import { checkPushes, type Appended } from '../push/push-check.ts';
import { StatusStorm } from '../push/status-storm.ts';
import { Watchers } from '../push/watchers.ts';
import { percentile } from '../statistics.ts';
import type { Measurement, RunResult } from './measurement.ts';

const SOCKETS = 500;
/** Changes of these first seconds do not count: compilers and caches are cold. */
const WARM_UP_MS = 5000;
const LAST_PUSHES_MS = 15_000;
const LOOK_MS = 50;
const READY_MS = 120_000;

/**
 * One BFF with 500 open sockets while statuses change: from the append of a change to its arrival at the page that waits for it.
 * The read models follow meanwhile, and the BFF's own poll reads them. All on one machine, so on one clock.
 */
export class PushLatency implements Measurement {
  readonly name = 'push';
  readonly figures = [
    { name: 'push p50 ms', digits: 0 },
    { name: 'push p95 ms', digits: 0 },
    { name: 'push p99 ms', digits: 0 },
    { name: 'push max ms', digits: 0 },
    { name: 'pushes', digits: 0 },
    { name: 'changes/s', digits: 0 },
  ];
  readonly threads = [1];
  readonly isOursAlone = true;
  readonly #bed: Bed;
  readonly #liveMs: number;
  readonly #logger = createLogger({ name: 'bench', level: 'silent' });

  constructor(bed: Bed, options: BenchOptions) {
    this.#bed = bed;
    this.#liveMs = options.liveSeconds * 1000;
  }

  async prepare(): Promise<void> {
    await this.#bed.makeTopics([topics.orderCreated]);
  }

  async run(): Promise<RunResult> {
    await using ends = new AsyncDisposableStack();
    const infra: Infra = await startInfra({
      dataDir: testFolder(),
      components: ['mysql', 'redis'],
      temporary: true,
      purpose: 'start',
    });
    ends.defer(() => infra.stop());
    const inputs = await this.#bed.inputs();
    ends.defer(() => this.#bed.removeInputs(inputs));
    const cache = redisCache({ url: infra.addresses['REDIS_URL']!, logger: this.#logger });
    ends.defer(() => cache.close());
    const secret = randomUUID();
    const state = ends.use(await temporaryFolder());
    const env = {
      ...infra.addresses,
      KAFKA_BROKERS: this.#bed.addresses.brokers,
      SCHEMA_REGISTRY_URL: this.#bed.addresses.registry,
      ORDER_TOPIC: inputs.orders.name,
      PAYMENT_TOPIC: inputs.payments.name,
      CHANNEL_SECRET: secret,
      STATE_DIR: state.path,
      LOG_LEVEL: 'warn',
    };
    const projections = ends.use(await ServiceProcess.start(env, 'projections'));
    const bff = ends.use(await ServiceProcess.start(env, 'bff', 'bff/main.ts'));
    const { orderNos } = new StatusStorm(SOCKETS, Date.now());
    await this.#order(orderNos, infra.addresses['MYSQL_URL']!, [projections, bff]);
    return await this.#measure(inputs, orderNos, bff, cache, secret);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Runs have removed what they made.
  }

  async #measure(
    inputs: Inputs,
    orderNos: readonly string[],
    bff: ServiceProcess,
    cache: RedisCache,
    secret: string,
  ): Promise<RunResult> {
    using watchers = new Watchers(bff.address, new Sessions(cache, Date.now), secret);
    await watchers.open(orderNos, accountOf);
    const storm = new StatusStorm(orderNos.length, Date.now());
    const countsFrom = storm.nextAt + WARM_UP_MS;
    const producer = await this.#bed.broker.producer();
    const written = await this.#write(producer, inputs, storm).finally(() => producer.disconnect());
    const deadline = Date.now() + LAST_PUSHES_MS;
    while (watchers.received < written && Date.now() < deadline) await delay(LOOK_MS);

    const appended = await this.#appended(inputs);
    const { fault } = checkPushes(appended, watchers.pushes);
    const counting = appended.filter(({ appendedAt }) => appendedAt >= countsFrom);
    const { latencies } = checkPushes(counting, watchers.pushes);
    const lost = watchers.lost.length > 0 ? `sockets were closed: ${watchers.lost.join()}` : fault;
    return {
      values: {
        'push p50 ms': percentile(latencies, 0.5),
        'push p95 ms': percentile(latencies, 0.95),
        'push p99 ms': percentile(latencies, 0.99),
        'push max ms': percentile(latencies, 1),
        pushes: latencies.length,
        'changes/s': (1000 * written) / (WARM_UP_MS + this.#liveMs),
      },
      fault: lost,
    };
  }

  /** Orders in the read model, of which nothing has happened yet. */
  async #order(
    orderNos: readonly string[],
    mysqlUrl: string,
    services: readonly ServiceProcess[],
  ): Promise<void> {
    const { addresses, registry: schemas, progress } = this.#bed;
    const publisher = createPublisher({
      kafka: { brokers: addresses.brokers.split(','), ssl: false },
      schemas,
      clientId: 'bench',
      logger: this.#logger,
    });
    const lines = [{ sku: 'A', quantity: 1, unitPrice: 100 }];
    const created = { lines, totalAmount: 100, createdAt: Date.now() };
    await publisher.publish(
      orderNos.map((orderNo) => ({
        topic: topics.orderCreated,
        value: { ...created, orderNo, accountId: accountOf(orderNo) },
      })),
    );
    await publisher.close();
    progress.show('  services are starting');
    const deadline = Date.now() + READY_MS;
    for (;;) {
      const ended = services.find(({ hasEnded }) => hasEnded);
      if (ended) throw new Error(`a service has ended:\n${ended.log}`);
      const isUp = await Promise.all(
        services.map(async (each) => (await each.health())?.status === 'UP'),
      );
      if (isUp.every(Boolean) && (await rowsOf(mysqlUrl)) >= orderNos.length) return;
      if (Date.now() > deadline)
        throw new Error(`the services are not up after ${READY_MS / 1000} s:\n${services[1]!.log}`);
      await delay(LOOK_MS);
    }
  }

  async #write(producer: Producer, { orders }: Inputs, storm: StatusStorm): Promise<number> {
    const serde = this.#bed.registry.serde(orders);
    const end = storm.nextAt + WARM_UP_MS + this.#liveMs;
    let written = 0;
    for (let now = Date.now(); now < end; now = Date.now()) {
      const changes = storm.until(now);
      const messages = changes.map((change) => ({
        key: change.orderNo,
        value: serde.encode(change),
      }));
      if (messages.length > 0) await producer.send({ topic: orders.name, messages, acks: -1 });
      written += messages.length;
      this.#bed.progress.show(`  storm: ${String(Math.ceil((end - now) / 1000))} s left`);
      await delay(Math.max(0, storm.nextAt - Date.now()));
    }
    return written;
  }

  async #appended({ orders }: Inputs): Promise<Appended[]> {
    const { broker, registry } = this.#bed;
    const serde = registry.serde(orders);
    const records = await broker.reader(orders.name).readTo(await broker.ends([orders.name]));
    const appended: Appended[] = [];
    for (const { value, timestamp } of records) {
      await serde.load(value!);
      const { orderNo, updatedAt } = serde.decode(value!);
      appended.push({ orderNo, updatedAt, appendedAt: timestamp });
    }
    return appended;
  }
}

function accountOf(orderNo: string): string {
  return `acc-${orderNo}`;
}

/** 0 while the table is not there yet. */
async function rowsOf(mysqlUrl: string): Promise<number> {
  const connection = await createConnection(mysqlUrl);
  try {
    const [rows] = await connection.query<RowDataPacket[]>(
      'SELECT COUNT(*) AS count FROM orders WHERE account_id IS NOT NULL',
    );
    return Number(rows[0]!['count']);
  } catch (error) {
    if ((error as { code?: string }).code === 'ER_NO_SUCH_TABLE') return 0;
    throw error;
  } finally {
    await connection.end();
  }
}

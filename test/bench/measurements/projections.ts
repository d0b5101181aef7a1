import { setTimeout as delay } from 'node:timers/promises';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { createLogger, createPublisher, type Publication } from '#kit';
import { topics } from '#schemas';
import { startInfra, type Infra } from '../../../services/launcher/infra.ts';
import { testFolder } from '../../../services/launcher/test-folder.ts';
import { ServiceProcess } from '../../support/service-process.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import type { Bed } from '../bed.ts';
import type { Measurement, RunResult } from './measurement.ts';

const EVENTS = 100_000;
const STATUSES = ['PENDING', 'WAITING_PAYMENT', 'PAID'] as const;
const EVENTS_PER_ORDER = 1 + STATUSES.length;
const PIECE = 2000;
const LOOK_MS = 50;

/** How quickly a backlog of events becomes rows: orders with two lines and their history, in an empty database. */
export class Projections implements Measurement {
  readonly name = 'projections';
  readonly figures = [{ name: 'events/s', digits: 0 }];
  readonly threads = [1];
  readonly isOursAlone = true;
  readonly #bed: Bed;
  #topic = topics.orderStatusChanged;
  #others = topics.paymentStatusObserved;
  #infra: Infra | undefined;

  constructor(bed: Bed) {
    this.#bed = bed;
  }

  async prepare(): Promise<void> {
    const { orders, payments } = await this.#bed.inputs();
    this.#topic = orders;
    this.#others = payments;
    await this.#bed.makeTopics([topics.orderCreated]);
    const { addresses, registry: schemas, progress } = this.#bed;
    const publisher = createPublisher({
      kafka: { brokers: addresses.brokers.split(','), ssl: false },
      schemas,
      clientId: 'bench',
      logger: createLogger({ name: 'bench', level: 'silent' }),
    });
    const created = await this.#bed.broker.ends([topics.orderCreated.name]);
    const isLoaded = created.some((end) => end > 0);
    for (let order = 0; order < EVENTS / EVENTS_PER_ORDER && !isLoaded; order += PIECE) {
      const orderNos = Array.from({ length: PIECE }, (_, i) => `ORD-BENCH-${order + i}`);
      await publisher.publish(orderNos.flatMap((orderNo) => this.#eventsOf(orderNo)));
      progress.show(`  ${order * EVENTS_PER_ORDER} events`);
    }
    await publisher.close();
  }

  async run(): Promise<RunResult> {
    // A database of its own for each run: nothing is there, and nothing is warm.
    this.#infra = await startInfra({
      dataDir: testFolder(),
      components: ['mysql'],
      temporary: true,
      purpose: 'start',
    });
    const url = this.#infra.addresses['MYSQL_URL']!;
    await using state = await temporaryFolder();
    const { addresses } = this.#bed;
    await using service = await ServiceProcess.start(
      {
        KAFKA_BROKERS: addresses.brokers,
        SCHEMA_REGISTRY_URL: addresses.registry,
        ORDER_TOPIC: this.#topic.name,
        PAYMENT_TOPIC: this.#others.name,
        MYSQL_URL: url,
        STATE_DIR: state.path,
        LOG_LEVEL: 'warn',
      },
      'projections',
    );
    const rate = await this.#rate(url, service);
    await service.end('SIGTERM');
    await this.#infra.stop();
    return { values: { 'events/s': rate } };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#infra?.stop();
  }

  /** From the first look that sees rows to the one that sees all: what came before the first is left out. */
  async #rate(url: string, service: ServiceProcess): Promise<number> {
    const connection = await createConnection(url);
    try {
      let first: { readonly at: number; readonly done: number } | undefined;
      for (;;) {
        if (service.hasEnded) throw new Error(`projections has ended:\n${service.log}`);
        const done = await doneOf(connection);
        const at = performance.now();
        if (done > 0) first ??= { at, done };
        this.#bed.progress.show(`  ${done} of ${EVENTS} events`);
        if (first && done >= EVENTS) return (1000 * (done - first.done)) / (at - first.at);
        await delay(LOOK_MS);
      }
    } finally {
      await connection.end();
    }
  }

  #eventsOf(orderNo: string): Publication[] {
    const at = Date.now();
    const line = { quantity: 1, unitPrice: 100 };
    const lines = ['A', 'B'].map((sku) => ({ sku, ...line }));
    const created = { orderNo, accountId: 'ann', lines, totalAmount: 200, createdAt: at };
    const facts = { paymentStatus: null, paymentExpiresAt: null, reason: null };
    return [
      { topic: topics.orderCreated, value: created },
      ...STATUSES.map((status, i) => ({
        topic: this.#topic,
        value: { orderNo, status, updatedAt: at + i, ...facts },
      })),
    ];
  }
}

/** Offsets that are done; 0 while the table is not there yet. */
async function doneOf(connection: Awaited<ReturnType<typeof createConnection>>): Promise<number> {
  try {
    const [rows] = await connection.query<RowDataPacket[]>(
      "SELECT COALESCE(SUM(next_offset), 0) AS done FROM projection_offsets WHERE projection = 'orders'",
    );
    return Number(rows[0]!['done']);
  } catch (error) {
    if ((error as { code?: string }).code === 'ER_NO_SUCH_TABLE') return 0;
    throw error;
  }
}

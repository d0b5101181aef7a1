import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { renamed, SchemaRegistry, topics, type AvroTopic } from '#schemas';
import { NO_HEADERS } from '../../streams/processor/record.ts';
import type { OutputRecord } from '../../streams/task/commit.ts';
import type { TrafficRecord } from '../support/traffic.ts';
import { BenchBroker } from './broker.ts';
import type { Contender } from './contender.ts';
import type { Progress } from './progress.ts';
import { Stage } from './stage.ts';

/** The two topics that applications read. */
export interface Inputs {
  readonly orders: typeof topics.orderStatusChanged;
  readonly payments: typeof topics.paymentStatusObserved;
}

export interface Addresses {
  readonly brokers: string;
  readonly registry: string;
}

const PIECE = 20_000;

/** What measurements have in common: brokers, a registry, names of their own, and a folder. */
export class Bed implements AsyncDisposable {
  readonly addresses: Addresses;
  readonly broker: BenchBroker;
  readonly registry: SchemaRegistry;
  readonly progress: Progress;
  readonly #name: string;
  readonly #folder: string;
  readonly #removeFolder = () => rmSync(this.#folder, { recursive: true, force: true });
  #made = 0;

  private constructor(addresses: Addresses, broker: BenchBroker, name: string, progress: Progress) {
    this.addresses = addresses;
    this.broker = broker;
    this.#name = name;
    this.progress = progress;
    this.registry = new SchemaRegistry({ url: addresses.registry });
    this.#folder = mkdtempSync(join(tmpdir(), 'kafka-alert-bench-'));
    // Also when there is no time for more.
    process.once('exit', this.#removeFolder);
  }

  static open(addresses: Addresses, progress: Progress): Bed {
    const name = `bench-${randomUUID().slice(0, 8)}`;
    return new Bed(addresses, new BenchBroker(addresses.brokers, name), name, progress);
  }

  /** Makes input topics, with their schemas. */
  async inputs(): Promise<Inputs> {
    const name = this.#nextName('in');
    const orders = renamed(topics.orderStatusChanged, `${name}-orders`);
    const payments = renamed(topics.paymentStatusObserved, `${name}-payments`);
    await this.makeTopics([orders, payments]);
    return { orders, payments };
  }

  async removeInputs({ orders, payments }: Inputs): Promise<void> {
    for (const { name } of [orders, payments]) await this.broker.deleteTopics(name);
  }

  /** Gives an application an identity, output topics and a folder. */
  stage(
    contender: Contender,
    inputs: Inputs,
    settings: { readonly threads: number; readonly lateness: number },
  ): Promise<Stage> {
    const application = this.#nextName(contender.name);
    const stateDir = join(this.#folder, application);
    mkdirSync(stateDir);
    return Stage.make(this, contender, inputs, { ...settings, application, stateDir });
  }

  async makeTopics(made: readonly AvroTopic<unknown>[]): Promise<void> {
    await this.broker.makeTopics(made);
    for (const topic of made) await this.registry.register(topic);
  }

  /**
   * Writes records in their order; they can be read when it resolves.
   * @param total how many there are, if it is to be told how far that is
   * @returns how many there were
   */
  async write(inputs: Inputs, records: Iterable<TrafficRecord>, total?: number): Promise<number> {
    let written = 0;
    let piece: OutputRecord[] = [];
    const flush = async () => {
      await this.broker.write(piece);
      written += piece.length;
      piece = [];
      if (total !== undefined) this.progress.show(`  writing: ${percent(written, total)}`);
    };
    const encode = this.encoder(inputs);
    for (const record of records) {
      piece.push(encode(record));
      if (piece.length === PIECE) await flush();
    }
    if (piece.length > 0) await flush();
    await this.broker.hasSettled([inputs.orders.name, inputs.payments.name]);
    return written;
  }

  /** Makes bytes of records, in the contract's encoding. */
  encoder({ orders, payments }: Inputs): (record: TrafficRecord) => OutputRecord {
    const orderSerde = this.registry.serde(orders);
    const paymentSerde = this.registry.serde(payments);
    return (record) => ({
      topic: record.kind === 'order' ? orders.name : payments.name,
      key: Buffer.from(record.value.orderNo),
      value:
        record.kind === 'order'
          ? orderSerde.encode(record.value)
          : paymentSerde.encode(record.value),
      headers: NO_HEADERS,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.broker.deleteTopics(this.#name);
    await this.broker[Symbol.asyncDispose]();
    process.off('exit', this.#removeFolder);
    this.#removeFolder();
  }

  #nextName(what: string): string {
    return `${this.#name}-${what}-${++this.#made}`;
  }
}

export function percent(done: number, total: number): string {
  return `${Math.min(100, Math.floor((100 * done) / total))}%`;
}

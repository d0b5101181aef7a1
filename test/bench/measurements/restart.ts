import { partitionFor } from '#streams/runtime/kafka/partitioner';
import type { Bed, Inputs } from '../bed.ts';
import { PARTITIONS } from '../broker.ts';
import type { Contender } from '../contender.ts';
import { openOrders, order } from '../load.ts';
import type { BenchOptions } from '../options.ts';
import type { Stage } from '../stage.ts';
import type { Measurement, RunResult } from './measurement.ts';

const LATENESS_MS = 5000;
const RESTORED = 'kafka_streams_task_restore_total';
const CHANGELOG = 'kafka_streams_task_changelog_records';

interface Restart {
  readonly firstMs: number;
  readonly allMs: number;
  readonly metrics: ReadonlyMap<string, number> | undefined;
}

/**
 * A restart with much state: from the start of the process to the commit of the first record that was written while it was
 * down, after `kill -9` and after a stop.
 */
export class RestartWithState implements Measurement {
  readonly name = 'restart';
  readonly figures = [
    { name: 'kill -9: first s', digits: 2 },
    { name: 'kill -9: all s', digits: 2 },
    { name: 'kill -9: read', digits: 0 },
    { name: 'kill -9: changelog', digits: 0 },
    { name: 'stop: first s', digits: 2 },
    { name: 'stop: all s', digits: 2 },
    { name: 'stop: read', digits: 0 },
  ];
  readonly threads = [1];
  readonly #bed: Bed;
  readonly #keys: number;
  readonly #stages = new Map<Contender, Stage>();
  #inputs: Inputs | undefined;
  #written = 0;

  constructor(bed: Bed, options: BenchOptions) {
    this.#bed = bed;
    this.#keys = options.keys;
  }

  async prepare(): Promise<void> {
    this.#inputs = await this.#bed.inputs();
    await this.#bed.write(this.#inputs, openOrders(this.#keys, Date.now()), this.#keys);
  }

  /** The first run of a contender builds its state; all of them use it. */
  async run(contender: Contender, threads: number): Promise<RunResult> {
    const inputs = this.#inputs!;
    const stage =
      this.#stages.get(contender) ??
      (await this.#bed.stage(contender, inputs, { threads, lateness: LATENESS_MS }));
    this.#stages.set(contender, stage);

    await using working = await stage.start();
    await stage.isCaughtUp(working);
    // What was committed last may not be on the disk yet: without something of the kind, a kill would be a stop.
    const busy = Math.ceil(this.#keys / 100);
    await this.#bed.write(inputs, openOrders(busy, Date.now()));
    await stage.isCaughtUp(working);
    await working.end('SIGKILL');
    const afterKill = await this.#restart(stage, inputs);
    const afterStop = await this.#restart(stage, inputs);
    return {
      values: {
        'kill -9: first s': afterKill.firstMs / 1000,
        'kill -9: all s': afterKill.allMs / 1000,
        'kill -9: read': afterKill.metrics?.get(RESTORED) ?? null,
        'kill -9: changelog': afterKill.metrics?.get(CHANGELOG) ?? null,
        'stop: first s': afterStop.firstMs / 1000,
        'stop: all s': afterStop.allMs / 1000,
        'stop: read': afterStop.metrics?.get(RESTORED) ?? null,
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const stage of this.#stages.values()) await stage[Symbol.asyncDispose]();
    if (this.#inputs) await this.#bed.removeInputs(this.#inputs);
  }

  /** One new order in each partition. */
  async #writeToEach(inputs: Inputs): Promise<void> {
    const wanted = new Set(Array.from({ length: PARTITIONS }, (_, partition) => partition));
    const records = [];
    while (wanted.size > 0) {
      const orderNo = `ORD-NEW-${String(++this.#written)}`;
      if (!wanted.delete(partitionFor(Buffer.from(orderNo), PARTITIONS))) continue;
      records.push(order(orderNo, 'WAITING_PAYMENT', Date.now()));
    }
    await this.#bed.write(inputs, records);
  }

  /** Writes a record to each partition, starts, waits until they are committed, and stops. */
  async #restart(stage: Stage, inputs: Inputs): Promise<Restart> {
    await this.#writeToEach(inputs);
    const targets = await stage.targets();
    const before = await stage.committed();
    const fresh = targets.flatMap((target, i) => (target > before[i]! ? [i] : []));
    await using application = await stage.start();
    let firstMs: number | undefined;
    let allMs = 0;
    await stage.hasCommitted(application, targets, {
      everyMs: 10,
      seen: (offsets, at) => {
        allMs = at - application.startedAt;
        if (fresh.some((i) => offsets[i]! >= targets[i]!)) firstMs ??= allMs;
      },
    });
    const metrics = await stage.metrics([RESTORED, CHANGELOG]);
    await application.end('SIGTERM');
    return { firstMs: firstMs ?? allMs, allMs, metrics };
  }
}

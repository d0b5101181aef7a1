import { setTimeout as delay } from 'node:timers/promises';
import type { Bed } from '../bed.ts';
import type { Contender } from '../contender.ts';
import { openOrders } from '../load.ts';
import type { BenchOptions } from '../options.ts';
import { ProcessMeter } from '../process-meter.ts';
import { ApplicationEnded } from '../stage.ts';
import type { Measurement, RunResult } from './measurement.ts';

const ORDERS = 10_000;
/** What starting has left to be done is done by then. */
const SETTLING_MS = 5000;
const MIB = 2 ** 20;

/** What an application needs that has caught up, and is sent nothing. */
export class Idle implements Measurement {
  readonly name = 'idle';
  readonly figures = [
    { name: 'CPU % of a core', digits: 2 },
    { name: 'resident MiB', digits: 0 },
    { name: 'other cores', digits: 2 },
  ];
  readonly threads = [1];
  readonly #bed: Bed;
  readonly #seconds: number;

  constructor(bed: Bed, options: BenchOptions) {
    this.#bed = bed;
    this.#seconds = options.idleSeconds;
  }

  async prepare(): Promise<void> {
    // Each run has topics of its own.
  }

  async run(contender: Contender, threads: number): Promise<RunResult> {
    const inputs = await this.#bed.inputs();
    await using stage = await this.#bed.stage(contender, inputs, { threads, lateness: 5000 });
    await this.#bed.write(inputs, openOrders(ORDERS, Date.now()));
    await using application = await stage.start();
    await stage.isCaughtUp(application);
    await delay(SETTLING_MS);
    using meter = new ProcessMeter(application.pid);
    const before = meter.read();
    const start = performance.now();
    this.#bed.progress.show(`  idle for ${String(this.#seconds)} s`);
    await delay(this.#seconds * 1000);
    const ms = performance.now() - start;
    const after = meter.read();
    if (application.hasEnded) throw new ApplicationEnded(contender.name, application);
    await application.end('SIGTERM');
    await this.#bed.removeInputs(inputs);
    return {
      values: {
        'CPU % of a core': (100 * (after.cpuMs - before.cpuMs)) / ms,
        'resident MiB': after.residentBytes / MIB,
        'other cores': (after.otherCpuMs - before.otherCpuMs) / ms,
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Runs have removed what they made.
  }
}

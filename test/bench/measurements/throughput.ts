import { percent, type Bed, type Inputs } from '../bed.ts';
import type { Contender } from '../contender.ts';
import { loadBlocks, type AlertIds } from '../load.ts';
import type { BenchOptions } from '../options.ts';
import { ProcessMeter } from '../process-meter.ts';
import { steadyRate, type Sample } from '../statistics.ts';
import type { Measurement, RunResult } from './measurement.ts';

const LATENESS_MS = 5000;
const MIB = 2 ** 20;

/** Catching up with topics that are full: an application that has never run before, from its start to its last commit. */
export class Throughput implements Measurement {
  readonly name = 'throughput';
  readonly figures = [
    { name: 'records/s', digits: 0 },
    { name: 'all s', digits: 1 },
    { name: 'first commit s', digits: 2 },
    { name: 'CPU µs/record', digits: 1 },
    { name: 'CPU cores', digits: 2 },
    { name: 'other cores', digits: 2 },
    { name: 'peak MiB', digits: 0 },
    { name: 'alerts', digits: 0 },
  ];
  readonly threads: readonly number[];
  readonly #bed: Bed;
  readonly #orders: number;
  readonly #expected = { raised: [] as string[], resolved: [] as string[] };
  #inputs: Inputs | undefined;
  #records = 0;

  constructor(bed: Bed, options: BenchOptions) {
    this.#bed = bed;
    this.#orders = options.orders;
    this.threads = options.threads;
  }

  async prepare(): Promise<void> {
    this.#inputs = await this.#bed.inputs();
    let orders = 0;
    for (const { records, expected, orders: more } of loadBlocks(this.#orders)) {
      this.#records += await this.#bed.write(this.#inputs, records);
      this.#expected.raised.push(...expected.raised);
      this.#expected.resolved.push(...expected.resolved);
      orders += more;
      this.#bed.progress.show(`  writing the load: ${percent(orders, this.#orders)}`);
    }
  }

  async run(contender: Contender, threads: number): Promise<RunResult> {
    const settings = { threads, lateness: LATENESS_MS };
    await using stage = await this.#bed.stage(contender, this.#inputs!, settings);
    const targets = await stage.targets();
    const offsets = targets.reduce((sum, target) => sum + target, 0);
    await using application = await stage.start();
    using meter = new ProcessMeter(application.pid);
    const samples: Sample[] = [{ atMs: application.startedAt, done: 0 }];
    await stage.hasCommitted(application, targets, {
      everyMs: 100,
      seen: (committed, atMs) => {
        // Offsets count markers, too: some of thousands, and taken for records evenly.
        const share = committed.reduce((sum, offset) => sum + offset, 0) / offsets;
        samples.push({ atMs, done: Math.min(1, share) * this.#records });
        this.#bed.progress.show(`  processing: ${percent(share, 1)}`);
      },
    });
    const usage = meter.read();
    const allMs = samples.at(-1)!.atMs - application.startedAt;
    const firstCommit = samples.find(({ done }) => done > 0)!;
    const expected: AlertIds = this.#expected;
    return {
      values: {
        'records/s': steadyRate(samples, this.#records) ?? null,
        'all s': allMs / 1000,
        'first commit s': (firstCommit.atMs - application.startedAt) / 1000,
        'CPU µs/record': (1000 * usage.cpuMs) / this.#records,
        'CPU cores': usage.cpuMs / allMs,
        'other cores': usage.otherCpuMs / allMs,
        'peak MiB': usage.peakBytes / MIB,
        alerts: expected.raised.length,
      },
      fault: await stage.outcomeFault(application, expected),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#inputs) await this.#bed.removeInputs(this.#inputs);
  }
}

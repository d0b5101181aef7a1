import { setTimeout as delay } from 'node:timers/promises';
import type { Producer } from 'kafkajs';
import type { Bed, Inputs } from '../bed.ts';
import type { Contender } from '../contender.ts';
import { LiveTraffic } from '../live-traffic.ts';
import { openOrders } from '../load.ts';
import type { BenchOptions } from '../options.ts';
import type { Stage } from '../stage.ts';
import { percentile } from '../statistics.ts';
import type { Measurement, RunResult } from './measurement.ts';

/** Alerts of these first seconds do not count: compilers and caches are cold. */
const WARM_UP_MS = 5000;
const LAST_ALERTS_MS = 15_000;

interface Arrival {
  readonly appendedAt: number;
  readonly seenAt: number;
}

/** Live traffic: from the append of the record that makes a rule true at once to its alert. All on one machine, so on one clock. */
export class Latency implements Measurement {
  readonly name = 'latency';
  readonly figures = [
    { name: 'visible p50 ms', digits: 0 },
    { name: 'visible p99 ms', digits: 0 },
    { name: 'visible max ms', digits: 0 },
    { name: 'append p50 ms', digits: 0 },
    { name: 'append p99 ms', digits: 0 },
    { name: 'append max ms', digits: 0 },
    { name: 'alerts', digits: 0 },
    { name: 'records/s', digits: 0 },
  ];
  readonly threads = [1];
  readonly #bed: Bed;
  readonly #liveMs: number;

  constructor(bed: Bed, options: BenchOptions) {
    this.#bed = bed;
    this.#liveMs = options.liveSeconds * 1000;
  }

  async prepare(): Promise<void> {
    // Each run has topics of its own: what is read is what happens now.
  }

  async run(contender: Contender, threads: number): Promise<RunResult> {
    const inputs = await this.#bed.inputs();
    await using stage = await this.#bed.stage(contender, inputs, { threads, lateness: 0 });
    await this.#bed.write(inputs, openOrders(1000, Date.now()));
    await using application = await stage.start();
    await stage.isCaughtUp(application);

    const producer = await this.#bed.broker.producer();
    const arrivals = new Map<string, Arrival>();
    const over = new AbortController();
    const following = this.#follow(stage, arrivals, over.signal);
    // Waited for below; until then a failure is not unheard.
    following.catch(() => undefined);
    try {
      const live = await this.#write(producer, inputs);
      const deadline = Date.now() + LAST_ALERTS_MS;
      while (arrivals.size < live.culprits.size && Date.now() < deadline) await delay(50);
      over.abort();
      await following;
      await application.end('SIGTERM');
      return await this.#evaluate(inputs, live, arrivals);
    } finally {
      over.abort();
      await producer.disconnect();
      await this.#bed.removeInputs(inputs);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Runs have removed what they made.
  }

  async #write(producer: Producer, inputs: Inputs): Promise<LiveTraffic> {
    const live = new LiveTraffic(Date.now(), WARM_UP_MS);
    const encode = this.#bed.encoder(inputs);
    const end = Date.now() + WARM_UP_MS + this.#liveMs;
    for (let now = Date.now(); now < end; now = Date.now()) {
      const byTopic = Map.groupBy(live.until(now).map(encode), ({ topic }) => topic);
      const topicMessages = [...byTopic].map(([topic, records]) => ({
        topic,
        messages: records.map(({ key, value }) => ({ key, value })),
      }));
      if (topicMessages.length > 0) await producer.sendBatch({ topicMessages, acks: -1 });
      this.#bed.progress.show(`  live: ${String(Math.ceil((end - now) / 1000))} s left`);
      await delay(Math.max(0, live.nextAt - Date.now()));
    }
    return live;
  }

  async #follow(stage: Stage, arrivals: Map<string, Arrival>, over: AbortSignal): Promise<void> {
    const reader = this.#bed.broker.reader(stage.alertTopic.name);
    while (!over.aborted) {
      const records = await reader.poll(200);
      const seenAt = Date.now();
      for (const { key, timestamp } of records)
        arrivals.set(key!.toString(), { appendedAt: timestamp, seenAt });
    }
  }

  async #evaluate(
    inputs: Inputs,
    live: LiveTraffic,
    arrivals: ReadonlyMap<string, Arrival>,
  ): Promise<RunResult> {
    const { broker } = this.#bed;
    const ends = await broker.ends([inputs.payments.name]);
    const payments = await broker.reader(inputs.payments.name).readTo(ends);
    const appended = new Map(payments.map(({ key, timestamp }) => [key!.toString(), timestamp]));
    const measured = [...live.culprits].flatMap((orderNo) => {
      const alert = arrivals.get(orderNo);
      return alert && live.counts(orderNo) ? [{ alert, cause: appended.get(orderNo)! }] : [];
    });
    const visible = measured.map(({ alert, cause }) => alert.seenAt - cause);
    const append = measured.map(({ alert, cause }) => alert.appendedAt - cause);
    const missing = [...live.culprits].filter((orderNo) => !arrivals.has(orderNo));
    return {
      values: {
        'visible p50 ms': percentile(visible, 0.5),
        'visible p99 ms': percentile(visible, 0.99),
        'visible max ms': percentile(visible, 1),
        'append p50 ms': percentile(append, 0.5),
        'append p99 ms': percentile(append, 0.99),
        'append max ms': percentile(append, 1),
        alerts: measured.length,
        'records/s': (1000 * live.written) / (WARM_UP_MS + this.#liveMs),
      },
      fault:
        missing.length === 0
          ? undefined
          : `${missing.length} of ${live.culprits.size} alerts have not come, such as ${missing[0]!}'s`,
    };
  }
}

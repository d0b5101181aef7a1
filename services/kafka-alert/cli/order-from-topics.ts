import { createLogger, openHistory, type Settings } from '#kit';
import { SchemaRegistry } from '#schemas';
import { TopologyTestDriver } from '#streams';
import {
  lastAt,
  orderReport,
  orderTimelines,
  type OrderReport,
  type Timeline,
  type WatchedOrder,
} from '#topology/kafka-alert';
import { alertHost } from '../host.ts';
import type { Io } from './io.ts';

/**
 * What is known of an order from the topics alone: its records go through the real topology, in the order in which they
 * were appended, while the records of the other orders beside it move the watermark as they did then. What the topology
 * forgets on the way is kept.
 *
 * @returns undefined when the topics have no record of it
 */
export async function orderFromTopics(
  orderNo: string,
  settings: Settings,
  io: Io,
): Promise<OrderReport | undefined> {
  const { topology, topics, written, allowedLatenessMs } = alertHost(settings);
  const inputs = topics.filter((topic) => !written.includes(topic));
  await using history = await openHistory({
    kafka: settings.kafka,
    schemas: new SchemaRegistry({ url: settings.schemaRegistryUrl }),
    clientId: 'kafka-alert-explain',
    topics: inputs,
    logger: createLogger({ name: 'kafka-alert', level: 'silent' }),
    signal: io.interrupted,
  });
  const ranges = await history.ranges('earliest');
  const partition = history.partitionOf(orderNo);

  const now = io.now();
  const life = new Life(new TopologyTestDriver(topology, { allowedLatenessMs }), settings);
  const latest = new Map(inputs.map(({ name }) => [name, -Infinity]));
  for await (const record of history.read(ranges.filter((each) => each.partition === partition))) {
    if ('problem' in record.read) continue; // a dead letter: no rule has seen it
    const { key, value, eventTime } = record.read;
    if (key === orderNo) {
      life.advanceTo(Math.min(now, ...latest.values()) - allowedLatenessMs);
      life.driver.pipe(record.topic, value);
    }
    const { name } = record.topic;
    latest.set(name, Math.max(latest.get(name)!, eventTime));
  }
  const watermark = now - allowedLatenessMs;
  life.advanceTo(watermark);
  const order = life.whole;
  return order && orderReport(orderNo, order, settings, watermark);
}

/** An order in the driver, with what was forgotten of it. */
class Life {
  readonly driver: TopologyTestDriver;
  readonly #retentionMs: number;
  /** As they were just before. */
  readonly #forgotten: Timeline[] = [];

  constructor(driver: TopologyTestDriver, { retentionMs }: Settings) {
    this.driver = driver;
    this.#retentionMs = retentionMs;
  }

  get whole(): WatchedOrder | undefined {
    const timelines = [...this.#forgotten, ...this.#kept];
    return timelines.length === 0 ? undefined : { timelines, checkedTo: this.driver.watermark };
  }

  advanceTo(watermark: number): void {
    if (watermark === -Infinity) return;
    const endOf = (timeline: Timeline) => lastAt(timeline) + this.#retentionMs;
    for (;;) {
      const [next] = this.#kept;
      if (next === undefined || endOf(next) >= watermark) break;
      this.driver.advanceWatermarkTo(endOf(next));
      this.#forgotten.push(this.#kept[0]!);
    }
    this.driver.advanceWatermarkTo(watermark);
  }

  /** Those of the store that were not over when they were looked at last: it drops them a while later. */
  get #kept(): readonly Timeline[] {
    const order = this.driver.storeEntries(orderTimelines.name)[0]?.[1] as WatchedOrder | undefined;
    const over = this.#forgotten.at(-1);
    const timelines = order?.timelines ?? [];
    return over ? timelines.filter((each) => lastAt(each) > lastAt(over)) : timelines;
  }
}

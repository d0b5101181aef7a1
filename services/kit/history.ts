import type { AvroTopic, RegistrySerde, SchemaRegistry } from '#schemas';
import { readRange } from '#streams/runtime/changelog-reader';
import { systemClock } from '#streams/runtime/clock';
import { KafkaError } from '#streams/runtime/kafka/kafka';
import { KafkaJsKafka } from '#streams/runtime/kafka/kafkajs-kafka';
import { partitionFor } from '#streams/runtime/kafka/partitioner';
import { retry } from '#streams/runtime/retry';
import { decodeRecord } from '#streams/task/decode';
import { kafkaConfig } from './kafka.ts';
import type { Logger } from './log.ts';
import { offsetsAt } from './offsets-at.ts';
import type { KafkaSettings } from './settings.ts';

/** Brokers that elect leaders, a registry that starts: a moment. */
const PATIENCE_MS = 30_000;

/** A request for history that there is none for; the message says why. */
export class NoSuchHistory extends Error {
  override readonly name = 'NoSuchHistory';
}

export interface HistoryOptions<T extends AvroTopic<unknown>> {
  readonly kafka: KafkaSettings;
  readonly schemas: SchemaRegistry;
  readonly clientId: string;
  /** Co-partitioned: the same key is in the same partition of each. */
  readonly topics: readonly T[];
  readonly logger: Logger;
  /** Ends all reading. */
  readonly signal: AbortSignal;
}

/** Of one partition of one topic, what is read. */
export interface HistoryRange<T extends AvroTopic<unknown>> {
  readonly topic: T;
  readonly partition: number;
  /** The first offset that the broker still has. */
  readonly earliest: number;
  readonly start: number;
  /** Behind the last committed record, as of the call. */
  readonly end: number;
}

export interface HistoryRecord<T extends AvroTopic<unknown>> {
  readonly topic: T;
  readonly partition: number;
  readonly offset: number;
  readonly appendedAt: number;
  /** What it holds; or else why it can't be read. */
  readonly read:
    | { readonly key: string; readonly value: unknown; readonly eventTime: number }
    | { readonly problem: string };
  /** Offsets that are read with it: its own, and those of markers and aborted records before it. */
  readonly offsets: number;
}

/**
 * What topics hold, to be read again: committed records only, without a group, and without a trace at the broker.
 *
 * @example
 * await using history = await openHistory({ ...settings, schemas, clientId: 'audit', topics: inputs, logger, signal });
 * const ranges = await history.ranges('earliest');
 * for await (const record of history.read(ranges.filter(({ partition }) => partition === 0))) …
 * @throws {NoSuchHistory} when a topic does not exist, or they have not the same number of partitions
 * @throws when the brokers can't be reached
 */
export async function openHistory<T extends AvroTopic<unknown>>(
  options: HistoryOptions<T>,
): Promise<History<T>> {
  const { topics } = options;
  const config = kafkaConfig(options.kafka, options.clientId, options.logger);
  const kafka = new KafkaJsKafka(config);
  try {
    const names = topics.map(({ name }) => name);
    const counts = await kafka.partitionCounts(names).catch((error: unknown) => {
      const what = `can not reach Kafka at ${String(config.brokers)} (KAFKA_BROKERS)`;
      throw new Error(`${what}: ${(error as Error).message}`, { cause: error });
    });
    const missing = names.filter((name) => !counts.has(name));
    if (missing.length > 0)
      throw new NoSuchHistory(
        `there is no topic ${missing.join(', ')} at ${String(config.brokers)}`,
      );
    const [partitions, ...others] = new Set(counts.values());
    if (others.length > 0)
      throw new NoSuchHistory(`${names.join(' and ')} have not the same number of partitions`);
    return new History(options, kafka, partitions!);
  } catch (error) {
    await kafka.close();
    throw error;
  }
}

export class History<T extends AvroTopic<unknown>> implements AsyncDisposable {
  /** Of each topic. */
  readonly partitions: number;
  readonly #options: HistoryOptions<T>;
  readonly #kafka: KafkaJsKafka;

  constructor(options: HistoryOptions<T>, kafka: KafkaJsKafka, partitions: number) {
    this.#options = options;
    this.#kafka = kafka;
    this.partitions = partitions;
  }

  partitionOf(key: string): number {
    return partitionFor(Buffer.from(key), this.partitions);
  }

  /** Everything to where the topics end now. @param from the first that is still there, or appended at or after an instant (epoch ms) */
  async ranges(from: 'earliest' | number): Promise<HistoryRange<T>[]> {
    const { topics, kafka, clientId, logger } = this.#options;
    const partitions = topics.flatMap((topic) =>
      Array.from({ length: this.partitions }, (_, partition) => ({ topic, partition })),
    );
    const at = partitions.map(({ topic, partition }) => ({ topic: topic.name, partition }));
    const earliest = await this.#retried('first offsets', () =>
      this.#kafka.listOffsets(at, 'earliest'),
    );
    const ends = await this.#retried('last offsets', () => this.#kafka.listOffsets(at, 'latest'));
    const starts =
      from === 'earliest'
        ? earliest
        : await offsetsAt(kafkaConfig(kafka, clientId, logger), at, from);
    return partitions.map((each, i) => ({
      ...each,
      earliest: earliest[i]!,
      start: Math.min(starts[i]!, ends[i]!),
      end: ends[i]!,
    }));
  }

  /** Where each range ends for records appended before an instant (epoch ms), in their order. */
  async endsAt(ranges: readonly HistoryRange<T>[], instant: number): Promise<number[]> {
    const { kafka, clientId, logger } = this.#options;
    const at = ranges.map(({ topic, partition }) => ({ topic: topic.name, partition }));
    const offsets = await offsetsAt(kafkaConfig(kafka, clientId, logger), at, instant);
    return offsets.map((offset, i) => Math.max(ranges[i]!.start, Math.min(offset, ranges[i]!.end)));
  }

  /** When the first record of a range was appended; undefined when there is none. */
  async startsAt(range: HistoryRange<T>): Promise<number | undefined> {
    for await (const { appendedAt } of this.read([range])) return appendedAt;
    return undefined;
  }

  /** The records of some ranges, in the order in which they were appended; what the topics' readers have seen, as far as that can be told. */
  async *read(ranges: readonly HistoryRange<T>[]): AsyncGenerator<HistoryRecord<T>> {
    const readers = ranges.map((range) => new RangeReader(this.#records(range)));
    try {
      for (;;) {
        let first: RangeReader<T> | undefined;
        for (const reader of readers) {
          // Nothing to wait for, but once a chunk.
          if (!reader.isReady) await reader.advance();
          if (reader.head && (!first || reader.head.appendedAt < first.head!.appendedAt))
            first = reader;
        }
        if (!first) break;
        yield first.take();
      }
    } finally {
      await Promise.all(readers.map((reader) => reader.close()));
    }
    this.#options.signal.throwIfAborted();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#kafka.close();
  }

  async *#records({
    topic,
    partition,
    start,
    end,
  }: HistoryRange<T>): AsyncGenerator<HistoryRecord<T>[]> {
    const serde = this.#options.schemas.serde(topic);
    const at = { topic: topic.name, partition };
    let position = start;
    for await (const { records } of readRange(at, start, end, this.#context())) {
      const chunk: HistoryRecord<T>[] = [];
      for (const raw of records) {
        // Nearly always there is nothing to wait for.
        if (raw.value && serde.load(raw.value)) await this.#load(serde, raw.value);
        const { record, error } = decodeRecord(topic, serde, partition, raw);
        const read = error
          ? { problem: `${topic.name}-${partition}@${raw.offset}: ${error.message}` }
          : { key: record.key as string, value: record.value, eventTime: record.timestamp };
        const { offset, timestamp: appendedAt } = raw;
        chunk.push({ topic, partition, offset, appendedAt, read, offsets: offset + 1 - position });
        position = offset + 1;
      }
      if (chunk.length > 0) yield chunk;
    }
  }

  async #load(serde: RegistrySerde<unknown>, value: Buffer): Promise<void> {
    // A registry that is away for a moment is no reason to start anew.
    await this.#retried('schemas', async () => {
      try {
        await serde.load(value);
      } catch (error) {
        throw new KafkaError('NETWORK', (error as Error).message, { cause: error });
      }
    });
  }

  #retried<R>(what: string, call: () => Promise<R>): Promise<R> {
    return retry(what, call, { ...this.#context(), deadline: systemClock.now() + PATIENCE_MS });
  }

  #context() {
    const { logger, signal } = this.#options;
    return { kafka: this.#kafka, clock: systemClock, logger, signal };
  }
}

/** The chunks of one range, one record after another. */
class RangeReader<T extends AvroTopic<unknown>> {
  readonly #chunks: AsyncGenerator<HistoryRecord<T>[]>;
  #chunk: readonly HistoryRecord<T>[] = [];
  #next = 0;
  #isOver = false;

  constructor(chunks: AsyncGenerator<HistoryRecord<T>[]>) {
    this.#chunks = chunks;
  }

  /** Whether `head` is known; else `advance` is to be called. */
  get isReady(): boolean {
    return this.#isOver || this.#next < this.#chunk.length;
  }

  /** Undefined at the end. */
  get head(): HistoryRecord<T> | undefined {
    return this.#chunk[this.#next];
  }

  async advance(): Promise<void> {
    const next = await this.#chunks.next();
    this.#isOver = next.done === true;
    this.#chunk = next.done ? [] : next.value;
    this.#next = 0;
  }

  take(): HistoryRecord<T> {
    return this.#chunk[this.#next++]!;
  }

  async close(): Promise<void> {
    await this.#chunks.return(undefined);
  }
}

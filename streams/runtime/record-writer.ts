import { StreamsException, TaskCorrupted } from '../errors.ts';
import type { ChangelogEnds, OutputRecord } from '../task/commit.ts';
import { withoutContent } from '../task/dead-letter.ts';
import type { Clock } from './clock.ts';
import { KafkaError, type Kafka, type ProduceBatch } from './kafka/kafka.ts';
import type { ProducerId, TopicPartition } from './kafka/kafka.ts';
import { partitionFor } from './kafka/partitioner.ts';
import { recordSizeBound } from './kafka/record-batch.ts';

/** Well below a broker's default limit of 1 MiB for a batch. */
const BATCH_BYTES = 512 * 1024;
/** Of all batches in one request, unless there is a single one. */
const REQUEST_BYTES = 16 * 1024 * 1024;
/** A broker drops the connection over a request of 100 MiB (`socket.request.max.bytes`), which looks like an outage. */
const MAX_REQUEST_BYTES = 90 * 1024 * 1024;

export interface RecordWriterOptions {
  readonly kafka: Kafka;
  readonly clock: Clock;
  /** Writes in its open transaction, if it has a transactional id. */
  readonly producer: ProducerId & { readonly transactionalId?: string };
  /** Partition counts of every topic that is written. */
  readonly partitionCounts: ReadonlyMap<string, number>;
  /** A record of it that is too large is cut down to where it came from. */
  readonly deadLetterTopic?: string;
  /** Who leads a partition; waits for one. */
  readonly leader: (partition: TopicPartition) => Promise<number>;
}

/** A record that the broker does not take, whatever it is written with. */
export interface RefusedRecord {
  readonly record: OutputRecord;
  readonly error: KafkaError;
}

/** Records were refused for good, the others may be written: the task starts again without them. */
export class RecordsRefused extends TaskCorrupted {
  override name = 'RecordsRefused';
  readonly refused: readonly RefusedRecord[];

  constructor(refused: readonly [RefusedRecord, ...RefusedRecord[]]) {
    const [{ record, error }] = refused;
    const first = `the first one for '${record.topic}': ${error.message}`;
    super(`${refused.length} record(s) were refused, ${first}`, { cause: error });
    this.refused = refused;
  }
}

/** The records of one partition, cut into batches; they are written one after the other. */
export interface PartitionBatches {
  readonly at: TopicPartition;
  readonly batches: readonly (readonly OutputRecord[])[];
}

/**
 * Writes records for one producer, in batches.
 *
 * W1. Records of a partition are appended in their order, each once: sequence numbers go on with what was appended.
 * W2. A batch that the broker refuses for what it holds is cut in halves until the records are found that it refuses; all
 *     others are appended. Those are thrown, so that nothing goes on without them unnoticed; dead letters among them are
 *     appended without their content.
 */
export class RecordWriter {
  readonly #options: RecordWriterOptions;
  readonly #sequences = new Map<string, number>();
  /** Where less is taken than `BATCH_BYTES`, as far as it has shown. */
  readonly #batchBytes = new Map<string, number>();

  constructor(options: RecordWriterOptions) {
    this.#options = options;
  }

  /** @throws {StreamsException} when a topic's partition count is not known */
  batchesOf(records: readonly OutputRecord[]): PartitionBatches[] {
    const grouped = new Map<string, { at: TopicPartition; batches: OutputRecord[][] }>();
    const sizes = new Map<string, number>();
    for (const record of records) {
      const at = { topic: record.topic, partition: record.partition ?? this.#partition(record) };
      const name = nameOf(at);
      let found = grouped.get(name);
      if (!found) grouped.set(name, (found = { at, batches: [] }));
      const size = recordSizeBound(record);
      const sum = (sizes.get(name) ?? Infinity) + size;
      const isFull = sum > (this.#batchBytes.get(at.topic) ?? BATCH_BYTES);
      if (isFull) found.batches.push([]);
      found.batches.at(-1)!.push(record);
      sizes.set(name, isFull ? size : sum);
    }
    return [...grouped.values()];
  }

  /**
   * @returns per partition (`<topic>-<partition>`) the offset behind its last record
   * @throws {RecordsRefused} once everything else is written
   * @throws {KafkaError} when that can't be; whether something was, is not known
   */
  async write(all: readonly PartitionBatches[]): Promise<ReadonlyMap<string, number>> {
    const written: Written = { ends: new Map(), refused: [] };
    // A request has room for one batch of a partition; further ones go with the next.
    for (let round = 0; all.some(({ batches }) => batches.length > round); round++) {
      for (const [leader, batches] of await this.#byLeader(all, round)) {
        for (const request of inRequests(batches)) await this.#produce(leader, request, written);
      }
    }
    const [first, ...others] = written.refused;
    if (first) throw new RecordsRefused([first, ...others]);
    return written.ends;
  }

  async #produce(
    leader: number,
    batches: readonly ProduceBatch[],
    written: Written,
  ): Promise<void> {
    const { kafka, producer } = this.#options;
    const isHopeless = batches.some((batch) => sizeBound(batch) > MAX_REQUEST_BYTES);
    const outcomes = isHopeless
      ? batches.map((batch) => new KafkaError('MESSAGE_TOO_LARGE', `${nameOf(batch)}: no request`))
      : await kafka.produce(producer, leader, batches);
    for (const outcome of outcomes)
      if (typeof outcome !== 'number' && !outcome.isRefusal) throw outcome;
    for (const [i, outcome] of outcomes.entries())
      await this.#settle(batches[i]!, outcome, written);
  }

  async #settle(
    batch: ProduceBatch,
    outcome: number | KafkaError,
    written: Written,
  ): Promise<void> {
    const { records, baseSequence } = batch;
    const name = nameOf(batch);
    if (typeof outcome === 'number') {
      this.#sequences.set(name, sequenceAfter(baseSequence, records.length));
      written.ends.set(name, outcome + records.length);
      return;
    }
    const smaller = records.length === 1 ? this.#cutDown(records[0]!, outcome) : undefined;
    if (smaller) {
      await this.#produceOne(batch, [smaller], written);
      return;
    }
    // The time of their writing is the same for all that have none of their own.
    const isForAll =
      outcome.type === 'INVALID_TIMESTAMP' && records.every((r) => r.timestamp === undefined);
    if (records.length === 1 || isForAll) {
      for (const record of records) written.refused.push({ record, error: outcome });
      return;
    }
    if (outcome.isTooLarge) this.#lowerBatchBytes(batch);
    const middle = Math.ceil(records.length / 2);
    await this.#produceOne(batch, records.slice(0, middle), written);
    await this.#produceOne(batch, records.slice(middle), written);
  }

  async #produceOne(
    at: TopicPartition,
    records: readonly OutputRecord[],
    written: Written,
  ): Promise<void> {
    const leader = await this.#options.leader(at);
    await this.#produce(leader, [this.#batch(at, records)], written);
  }

  #cutDown(record: OutputRecord, { isTooLarge }: KafkaError): OutputRecord | undefined {
    const isLetter = record.topic === this.#options.deadLetterTopic;
    return isTooLarge && isLetter ? withoutContent(record) : undefined;
  }

  #lowerBatchBytes({ topic, records }: ProduceBatch): void {
    const half = sizeOf(records) / 2;
    this.#batchBytes.set(topic, Math.min(half, this.#batchBytes.get(topic) ?? Infinity));
  }

  async #byLeader(
    all: readonly PartitionBatches[],
    round: number,
  ): Promise<Map<number, ProduceBatch[]>> {
    const led = new Map<number, ProduceBatch[]>();
    for (const { at, batches } of all) {
      const records = batches[round];
      if (!records) continue;
      const leader = await this.#options.leader(at);
      led.set(leader, [...(led.get(leader) ?? []), this.#batch(at, records)]);
    }
    return led;
  }

  #batch({ topic, partition }: TopicPartition, records: readonly OutputRecord[]): ProduceBatch {
    const baseSequence = this.#sequences.get(nameOf({ topic, partition })) ?? 0;
    return { topic, partition, records, baseSequence, timestamp: this.#options.clock.now() };
  }

  #partition({ topic, key }: OutputRecord): number {
    const count = this.#options.partitionCounts.get(topic);
    if (count === undefined)
      throw new StreamsException(`the partition count of '${topic}' is not known`);
    return partitionFor(key, count);
  }
}

interface Written {
  readonly ends: Map<string, number>;
  readonly refused: RefusedRecord[];
}

function inRequests(batches: readonly ProduceBatch[]): ProduceBatch[][] {
  const requests: ProduceBatch[][] = [];
  let size = Infinity;
  for (const batch of batches) {
    const own = sizeBound(batch);
    if (size + own > REQUEST_BYTES) {
      requests.push([]);
      size = 0;
    }
    requests.at(-1)!.push(batch);
    size += own;
  }
  return requests;
}

/** Only a single record makes a batch larger than it is cut to. */
function sizeBound({ records }: ProduceBatch): number {
  return records.length === 1 ? sizeOf(records) : BATCH_BYTES;
}

function sizeOf(records: readonly OutputRecord[]): number {
  return records.reduce((sum, record) => sum + recordSizeBound(record), 0);
}

/** Sequence numbers are of 31 bits and start again at 0. */
export function sequenceAfter(baseSequence: number, count: number): number {
  return (baseSequence + count) % 2 ** 31;
}

export function nameOf({ topic, partition }: TopicPartition): string {
  return `${topic}-${partition}`;
}

/** Of what was written, where each changelog ends now. */
export function changelogEnds(
  changelog: readonly OutputRecord[],
  ends: ReadonlyMap<string, number>,
): ChangelogEnds {
  const found = new Map<string, number>();
  for (const { topic, partition = 0 } of changelog) {
    if (!found.has(topic)) found.set(topic, ends.get(nameOf({ topic, partition }))!);
  }
  return found;
}

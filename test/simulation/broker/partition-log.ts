import type { ProducerId } from '#streams/runtime/kafka/kafka';
import { sizeAlone } from '#streams/runtime/kafka/record-batch';
import type { Headers } from '#streams/processor/record';
import { refusal } from './errors.ts';

/** What is appended. */
export interface LogRecord {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Headers;
}

/** What a topic does not take. */
export interface TopicLimit {
  /** Of a batch. */
  readonly maxBytes: number;
  /** Whether a record fails the broker's validation. */
  readonly isInvalid: (record: LogRecord) => boolean;
}

export const NO_LIMIT: TopicLimit = { maxBytes: Infinity, isInvalid: () => false };

export interface LogEntry extends LogRecord {
  readonly offset: number;
  readonly timestamp: number;
  readonly producerId: bigint | undefined;
  readonly marker: 'commit' | 'abort' | undefined;
  /** Its transaction was aborted. */
  isAborted: boolean;
}

/** What the partition knows of an idempotent producer. */
interface ProducerState {
  readonly epoch: number;
  /** -1: none since the epoch began. */
  lastSequence: number;
  /** The last few, to tell a repeated batch from a new one. */
  batches: { baseSequence: number; count: number; baseOffset: number }[];
}

const REMEMBERED_BATCHES = 5;
/** The active segment is not compacted. */
const ACTIVE_ENTRIES = 2;

/**
 * One partition: records and the control records between them, each with an offset.
 *
 * L1. Nothing behind the last stable offset (the first record of the oldest open transaction) is shown to readers.
 * L2. A producer's batches are appended once each and in sequence, of its newest epoch only.
 */
export class PartitionLog {
  readonly topic: string;
  readonly partition: number;
  readonly limit: TopicLimit;
  /** Everything ever appended; compaction does not touch it. For checkers. */
  readonly history: LogEntry[] = [];
  /** Whether the log cleaner was here: what it dropped, a reader on its way to the end misses. */
  isCompacted = false;
  #entries: LogEntry[] = [];
  readonly #open = new Map<bigint, number>();
  readonly #producers = new Map<bigint, ProducerState>();
  readonly #watchers = new Set<() => void>();

  constructor(topic: string, partition: number, limit = NO_LIMIT) {
    this.topic = topic;
    this.partition = partition;
    this.limit = limit;
  }

  get name(): string {
    return `${this.topic}-${this.partition}`;
  }

  get end(): number {
    return this.history.length;
  }

  get lastStableOffset(): number {
    return this.#open.size === 0 ? this.end : Math.min(...this.#open.values());
  }

  hasOpenTransaction(producerId: bigint): boolean {
    return this.#open.has(producerId);
  }

  watch(watcher: () => void): void {
    this.#watchers.add(watcher);
  }

  unwatch(watcher: () => void): void {
    this.#watchers.delete(watcher);
  }

  /** Something about the partition has changed. */
  notify(): void {
    for (const watcher of [...this.#watchers]) watcher();
  }

  append(records: readonly LogRecord[], timestamp: number): number {
    return this.#append(records, timestamp, undefined);
  }

  /**
   * Appends one batch of an idempotent producer.
   * @param isTransactional whether it is in a transaction, which opens with it
   * @returns its base offset, also when it was appended before
   */
  appendOf(
    producer: ProducerId,
    baseSequence: number,
    records: readonly LogRecord[],
    timestamp: number,
    isTransactional = true,
  ): number {
    const { producerId } = producer;
    this.#refuse(records);
    const state = this.#producerState(producer);
    const count = records.length;
    const known = state.batches.find((b) => b.baseSequence === baseSequence && b.count === count);
    if (known) return known.baseOffset;
    // A producer that is not known (any more) may start anywhere (KIP-360).
    const expected = state.lastSequence + 1;
    const isNew = !this.#producers.has(producerId);
    if (baseSequence !== expected && !isNew) {
      const what = `${this.name} expects ${expected} and got ${baseSequence}`;
      throw refusal('OUT_OF_ORDER_SEQUENCE_NUMBER', what);
    }
    const baseOffset = this.end;
    if (isTransactional && !this.#open.has(producerId)) this.#open.set(producerId, baseOffset);
    state.lastSequence = baseSequence + count - 1;
    state.batches = [...state.batches, { baseSequence, count, baseOffset }].slice(
      -REMEMBERED_BATCHES,
    );
    this.#producers.set(producerId, state);
    this.#append(records, timestamp, producerId);
    return baseOffset;
  }

  /** Ends a producer's open transaction here, if there is one; the marker takes an offset in any case. */
  appendMarker(
    producerId: bigint,
    epoch: number,
    marker: 'commit' | 'abort',
    timestamp: number,
  ): void {
    const first = this.#open.get(producerId) ?? Infinity;
    if (marker === 'abort') {
      for (const entry of this.history.slice(first)) {
        if (entry.producerId === producerId) entry.isAborted = true;
      }
    }
    const known = this.#producers.get(producerId);
    if (!known || known.epoch < epoch) {
      this.#producers.set(producerId, { epoch, lastSequence: -1, batches: [] });
    }
    this.#open.delete(producerId);
    const nothing = { key: null, value: null, headers: {} };
    this.#append([nothing], timestamp, producerId, marker);
  }

  /** Visible records from `offset` on, out of at most `limit` entries. */
  read(
    offset: number,
    limit: number,
    until = this.lastStableOffset,
  ): { records: LogEntry[]; nextOffset: number } {
    const from = this.#indexOf(offset);
    const records: LogEntry[] = [];
    let nextOffset = offset;
    for (let i = from; i < from + limit; i++) {
      const entry = this.#entries[i];
      if (!entry || entry.offset >= until) break;
      nextOffset = entry.offset + 1;
      if (isVisible(entry)) records.push(entry);
    }
    return { records, nextOffset };
  }

  /** All that was ever committed, for checkers. */
  committed(from = 0, to = this.lastStableOffset): LogEntry[] {
    return this.history.slice(from, to).filter(isVisible);
  }

  /** What a producer has appended in its open transaction. */
  openRecords(producerId: bigint): LogEntry[] {
    const first = this.#open.get(producerId);
    if (first === undefined) return [];
    return this.history.slice(first).filter((e) => e.producerId === producerId && !e.marker);
  }

  /** Drops what a later committed record of the same key replaces, as the log cleaner does; tombstones stay. */
  compact(): void {
    this.isCompacted = true;
    const cleanable = this.#indexOf(this.lastStableOffset) - ACTIVE_ENTRIES;
    const newest = new Map<string, LogEntry>();
    for (const entry of this.#entries.slice(0, Math.max(0, cleanable))) {
      if (isVisible(entry)) newest.set(entry.key?.toString('hex') ?? '', entry);
    }
    this.#entries = this.#entries.filter((entry, i) => {
      if (i >= cleanable) return true;
      return isVisible(entry) && newest.get(entry.key?.toString('hex') ?? '') === entry;
    });
  }

  #append(
    records: readonly LogRecord[],
    timestamp: number,
    producerId: bigint | undefined,
    marker?: 'commit' | 'abort',
  ): number {
    const baseOffset = this.end;
    for (const { key, value, headers } of records) {
      const offset = this.end;
      const entry = {
        offset,
        timestamp,
        key,
        value,
        headers,
        producerId,
        marker,
        isAborted: false,
      };
      this.history.push(entry);
      this.#entries.push(entry);
    }
    this.notify();
    return baseOffset;
  }

  #refuse(records: readonly LogRecord[]): void {
    const { maxBytes, isInvalid } = this.limit;
    if (maxBytes < Infinity && batchBytes(records) > maxBytes)
      throw refusal('MESSAGE_TOO_LARGE', this.name);
    if (records.some(isInvalid)) throw refusal('INVALID_RECORD', this.name);
  }

  #producerState({ producerId, epoch }: ProducerId): ProducerState {
    const known = this.#producers.get(producerId);
    if (known?.epoch === epoch) return known;
    if (known && known.epoch > epoch) throw refusal('INVALID_PRODUCER_EPOCH', this.name);
    return { epoch, lastSequence: -1, batches: [] };
  }

  /** Of the first entry at or behind `offset`. */
  #indexOf(offset: number): number {
    let low = 0;
    for (let high = this.#entries.length; low < high;) {
      const middle = (low + high) >>> 1;
      if (this.#entries[middle]!.offset < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** A little more than it is: each record counts as a batch of its own. */
function batchBytes(records: readonly LogRecord[]): number {
  return records.reduce((sum, record) => sum + sizeAlone({ topic: '', ...record }), 0);
}

function isVisible(entry: LogEntry): boolean {
  return !entry.marker && !entry.isAborted;
}

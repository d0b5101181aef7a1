import { StreamsException, TaskCorrupted } from '../errors.ts';
import type { OutputRecord } from '../task/commit.ts';
import { ATTEMPTS_HEADER, type DeadLetter, type LetterOrigin } from '../task/dead-letter.ts';
import type { RawRecord } from '../task/input-record.ts';
import { readRange } from './changelog-reader.ts';
import { lettersOn, lookAtShelves, type Shelf, type ShelfContext } from './dead-letter-shelf.ts';
import { KafkaError } from './kafka/kafka.ts';
import { partitionFor } from './kafka/partitioner.ts';
import { RecordsRefused } from './record-writer.ts';
import { requeueMark } from './requeue-marks.ts';
import { retry } from './retry.ts';
import { TransactionManager } from './transaction-manager.ts';

const TRANSACTION_TIMEOUT_MS = 30_000;
/** Sent back in one transaction. */
const CHUNK = 200;
const RETRY_PAUSE_MS = 500;

export interface RequeueContext extends ShelfContext {
  readonly signal: AbortSignal;
  readonly limit: number;
  isMeant(letter: DeadLetter): boolean;
  /** It was sent back, and that is committed. */
  onRequeued(letter: DeadLetter): void;
  /** It can't be sent back. */
  onUnreturnable(letter: DeadLetter, why: string): void;
}

interface Returned {
  readonly letter: DeadLetter;
  readonly record: OutputRecord;
}

/** One run over the open dead letters. */
export class Requeue {
  readonly #context: RequeueContext;
  #transactions: TransactionManager;
  #count = 0;
  /** Whether these were sent back is not known yet. */
  #inDoubt: readonly Returned[] = [];
  readonly #givenUp = new Set<string>();
  readonly #partitionCounts = new Map<string, number | undefined>();

  constructor(context: RequeueContext) {
    this.#context = context;
    this.#transactions = this.#newTransactions();
  }

  /** @returns how many were sent back @throws {TaskMigrated} another requeue has taken over, or a late request of this one */
  async run(): Promise<number> {
    const { clock, logger, signal } = this.#context;
    let ends: number[] | undefined;
    while (!signal.aborted) {
      await this.#transactions.init(signal);
      const shelves = await lookAtShelves(this.#context);
      // What becomes a dead letter again meanwhile is not for this run.
      ends ??= shelves.map(({ end }) => end);
      this.#resolveDoubt(shelves);
      try {
        for (const [i, shelf] of shelves.entries()) await this.#empty({ ...shelf, end: ends[i]! });
        break;
      } catch (error) {
        if (!(error instanceof TaskCorrupted)) throw error;
        if (error instanceof RecordsRefused) this.#leaveOut(error);
        else {
          logger.warn(
            { error: error.message },
            'dead letters could not be sent back, trying again',
          );
          await clock.sleep(RETRY_PAUSE_MS, signal);
        }
        this.#transactions = this.#newTransactions();
      }
    }
    return this.#count;
  }

  async #empty(shelf: Shelf): Promise<void> {
    const { signal, limit } = this.#context;
    let chunk: Returned[] = [];
    /** The first that stays. */
    let openFrom = Infinity;
    for await (const letter of lettersOn(shelf, this.#context)) {
      if (signal.aborted) return;
      if (this.#count + chunk.length >= limit) {
        openFrom = Math.min(openFrom, letter.offset);
        break;
      }
      const record = await this.#returned(letter);
      if (record) chunk.push({ letter, record });
      else openFrom = Math.min(openFrom, letter.offset);
      if (chunk.length < CHUNK) continue;
      await this.#send(shelf, chunk, Math.min(openFrom, letter.offset + 1));
      chunk = [];
    }
    // Told to stop, it may not have read all.
    if (chunk.length > 0 && !signal.aborted)
      await this.#send(shelf, chunk, Math.min(openFrom, shelf.end));
  }

  /** @param openFrom before it nothing is open then */
  async #send(
    { topic, partition }: Shelf,
    chunk: readonly Returned[],
    openFrom: number,
  ): Promise<void> {
    const offsets = chunk.map(({ letter }) => letter.offset);
    this.#inDoubt = chunk;
    await this.#transactions.commit({
      outputs: [...chunk.map(({ record }) => record), requeueMark(topic, partition, offsets)],
      changelog: [],
      offsets: [{ topic, partition, offset: openFrom, metadata: '' }],
      standsAt: new Map(),
    });
    this.#sent(chunk);
    this.#inDoubt = [];
  }

  #sent(chunk: readonly Returned[]): void {
    this.#count += chunk.length;
    for (const { letter } of chunk) this.#context.onRequeued(letter);
  }

  /** The marks say whether the last transaction has counted. */
  #resolveDoubt(shelves: readonly Shelf[]): void {
    const isSent = ({ letter }: Returned) => shelves[letter.partition]!.returned.has(letter.offset);
    this.#sent(this.#inDoubt.filter(isSent));
    this.#inDoubt = [];
  }

  /** What its topic does not take stays; the others are sent without it. */
  #leaveOut(error: RecordsRefused): void {
    const found = error.refused.flatMap(({ record, error: why }) =>
      this.#inDoubt.filter((each) => each.record === record).map(({ letter }) => ({ letter, why })),
    );
    if (found.length === 0) throw new StreamsException(error.message, { cause: error });
    for (const { letter, why } of found) this.#giveUp(letter, why.message);
  }

  /** The record as it goes back; undefined when it is not meant, or can't be sent. */
  async #returned(letter: DeadLetter): Promise<OutputRecord | undefined> {
    if (!this.#context.isMeant(letter) || this.#givenUp.has(idOf(letter))) return undefined;
    const found = await this.#original(letter);
    if (typeof found !== 'string') return found;
    this.#giveUp(letter, found);
    return undefined;
  }

  /** The record of a letter, or why there is none to be sent. */
  async #original(letter: DeadLetter): Promise<OutputRecord | string> {
    const { origin, kind, node, attempts } = letter;
    if (!origin) return `it comes from no topic (${kind} of '${node}')`;
    const count = await this.#countOf(origin.topic);
    if (count === undefined) return `there is no topic '${origin.topic}'`;
    const content = letter.isReference ? await this.#read(origin) : letter;
    const where = `${origin.topic}-${origin.partition}@${origin.offset}`;
    if (!content) return `it is only a reference, and ${where} is gone`;
    const { key, value, headers } = content;
    return {
      topic: origin.topic,
      partition: key === null ? Math.min(origin.partition, count - 1) : partitionFor(key, count),
      // Copies: they are slices of a whole answer.
      key: key && Buffer.from(key),
      value: value && Buffer.from(value),
      headers: { ...headers, [ATTEMPTS_HEADER]: String(attempts + 1) },
      timestamp: origin.timestamp,
    };
  }

  async #countOf(topic: string): Promise<number | undefined> {
    if (!this.#partitionCounts.has(topic)) {
      const { kafka } = this.#context;
      const ask = () => kafka.partitionCounts([topic]);
      const counts = await retry(`partitions of '${topic}'`, ask, this.#context);
      this.#partitionCounts.set(topic, counts.get(topic));
    }
    return this.#partitionCounts.get(topic);
  }

  async #read({ topic, partition, offset }: LetterOrigin): Promise<RawRecord | undefined> {
    const range = readRange({ topic, partition }, offset, offset + 1, this.#context);
    try {
      for await (const { records } of range) return records.find((r) => r.offset === offset);
      return undefined;
    } catch (error) {
      if (error instanceof KafkaError && error.type === 'OFFSET_OUT_OF_RANGE') return undefined;
      throw error;
    }
  }

  #giveUp(letter: DeadLetter, why: string): void {
    this.#givenUp.add(idOf(letter));
    this.#context.onUnreturnable(letter, why);
  }

  #newTransactions(): TransactionManager {
    const { groupId } = this.#context;
    return new TransactionManager({
      ...this.#context,
      groupId,
      transactionalId: groupId,
      transactionTimeoutMs: TRANSACTION_TIMEOUT_MS,
      partitionCounts: new Map(),
    });
  }
}

function idOf({ partition, offset }: DeadLetter): string {
  return `${partition}@${offset}`;
}

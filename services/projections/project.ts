/**
 * Keeps a projection's tables up to date.
 *
 * P1. Rows and offsets are written in one transaction: each record counts once, whatever happens in between.
 * P2. The offsets are read again in it, and locked: whoever finds others than its own is not the one any more, or is to begin
 *     anew, since they were forgotten for a rebuild.
 * P3. A record that the tables can't take is a dead letter, and the others of its batch are not held up by it. Dead letters are
 *     written before the offsets count: a crash in between repeats them, and loses none.
 */
import {
  codeOf,
  deadLetter,
  type AssignedPartition,
  type ConsumedBatch,
  type ConsumedRecord,
  type ConsumePartition,
  type ConsumerTools,
  type Database,
  type Db,
  type Logger,
} from '#kit';
import { loadOffsets, saveOffsets } from './offsets.ts';
import type { Projection } from './projection.ts';

export interface ProjectOptions {
  readonly projection: Projection;
  readonly database: Database;
  readonly logger: Logger;
  /** How often to look whether a rebuild was asked for while nothing comes. */
  readonly watchMs: number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Told of each batch that was written. */
  readonly onBatch: (records: number, letters: number, ms: number) => void;
}

type OutputRecord = ConsumedBatch['letters'][number];

/** What is wrong with the values, and not with the server: trying again is in vain. */
const BAD_VALUE = new Set([
  'ER_DATA_TOO_LONG',
  'ER_TRUNCATED_WRONG_VALUE',
  'ER_TRUNCATED_WRONG_VALUE_FOR_FIELD',
  'ER_WARN_DATA_OUT_OF_RANGE',
  'ER_BAD_NULL_ERROR',
  'ER_INVALID_JSON_TEXT',
]);

export function project(
  options: ProjectOptions,
  tools: Pick<ConsumerTools, 'groupId' | 'transactions'>,
): ConsumePartition {
  return (assigned) => new Projector(options, tools, assigned).run();
}

class Projector {
  readonly #options: ProjectOptions;
  readonly #groupId: string;
  readonly #assigned: AssignedPartition;
  readonly #letters;
  #positions = new Map<string, number>();

  constructor(
    options: ProjectOptions,
    { groupId, transactions }: Pick<ConsumerTools, 'groupId' | 'transactions'>,
    assigned: AssignedPartition,
  ) {
    this.#options = options;
    this.#groupId = groupId;
    this.#assigned = assigned;
    this.#letters = transactions(assigned.partition);
  }

  async run(): Promise<void> {
    const { database, projection } = this.#options;
    const { partition, signal } = this.#assigned;
    await this.#letters.begin(signal);
    this.#positions = await loadOffsets(database.db, projection.name, partition);
    await Promise.race([this.#follow(), this.#watch()]);
  }

  async #follow(): Promise<void> {
    const { logger, projection, onBatch } = this.#options;
    const { partition } = this.#assigned;
    for await (const { records, letters, positions } of this.#assigned.read(this.#positions)) {
      const startedAt = performance.now();
      const bad = await this.#write(records, letters, positions);
      for (const { record, error } of bad) {
        const { topic, offset, key } = record;
        const at = { projection: projection.name, topic, partition, offset, key };
        logger.error({ ...at, error }, 'the tables can not take this record; it is a dead letter');
      }
      onBatch(records.length, letters.length + bad.length, performance.now() - startedAt);
    }
  }

  async #write(
    records: readonly ConsumedRecord[],
    letters: readonly OutputRecord[],
    positions: ReadonlyMap<string, number>,
  ): Promise<BadRecord[]> {
    const { database, projection } = this.#options;
    const { partition } = this.#assigned;
    const next = new Map([...this.#positions, ...positions]);
    const write = (isCareful: boolean) =>
      database.transaction(async (tx) => {
        const kept = await loadOffsets(tx, projection.name, partition, true);
        if (!isSame(kept, this.#positions)) throw new Error(MOVED);
        const refused = await this.#apply(tx, records, isCareful);
        await saveOffsets(tx, projection.name, partition, kept, positions);
        const all = [...letters, ...refused.map((each) => this.#letterOf(each))];
        if (all.length > 0) await this.#letters.commit(all, positions);
        return refused;
      });
    // A part that could be taken back on its own costs time, and is hardly ever needed.
    const bad = await write(false).catch((error: unknown) => {
      if (!isBadValue(error)) throw error;
      return write(true);
    });
    this.#positions = next;
    return bad;
  }

  /** @returns the records that the tables do not take, where that is looked for */
  async #apply(
    tx: Db,
    records: readonly ConsumedRecord[],
    isCareful: boolean,
  ): Promise<BadRecord[]> {
    const { projection } = this.#options;
    if (records.length === 0) return [];
    if (!isCareful) {
      await projection.apply(tx, records);
      return [];
    }
    try {
      await tx.transaction((part) => projection.apply(part, records));
      return [];
    } catch (error) {
      if (!isBadValue(error)) throw error;
      const [record] = records;
      if (records.length === 1) return [{ record: record!, error }];
      const middle = Math.ceil(records.length / 2);
      const first = await this.#apply(tx, records.slice(0, middle), true);
      return [...first, ...(await this.#apply(tx, records.slice(middle), true))];
    }
  }

  #letterOf({ record, error }: BadRecord): OutputRecord {
    return deadLetter(record, 'process', error, this.#groupId);
  }

  /** While nothing comes nobody would notice that a rebuild was asked for. */
  async #watch(): Promise<never> {
    const { database, projection, watchMs, sleep } = this.#options;
    const { partition, signal } = this.#assigned;
    for (;;) {
      await sleep(watchMs, signal);
      if (signal.aborted) return await new Promise<never>(() => undefined);
      const known = new Map(this.#positions);
      const kept = await loadOffsets(database.db, projection.name, partition);
      // What is ahead was written in the meantime.
      const isBehind = [...known].some(([topic, offset]) => (kept.get(topic) ?? -1) < offset);
      if (isBehind) throw new Error(MOVED);
    }
  }
}

interface BadRecord {
  readonly record: ConsumedRecord;
  readonly error: unknown;
}

function isBadValue(error: unknown): boolean {
  return BAD_VALUE.has(codeOf(error) ?? '');
}

const MOVED =
  'how far it has come is not what it was: a rebuild was asked for, or another process goes on here';

function isSame(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): boolean {
  return a.size === b.size && [...a].every(([topic, offset]) => b.get(topic) === offset);
}

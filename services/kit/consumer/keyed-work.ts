import type { OutputRecord } from '#streams/task/commit';
import { systemClock, type Clock } from '#streams/runtime/clock';
import { WakeUp } from '#streams/runtime/wake-up';
import type { ConsumePartition } from './group-consumer.ts';
import type { ConsumedRecord } from './partition-feed.ts';
import type { PartitionTransactions } from './partition-transactions.ts';
import { OpenOffsets } from './open-offsets.ts';

export interface KeyedWorkOptions {
  readonly transactions: (partition: number) => PartitionTransactions;
  /**
   * Does what a record asks for, and says what came of it. It bears being called again for the same record, and throws only
   * what trying again later may mend: then the partition starts again from its last commit.
   */
  readonly handle: (
    record: ConsumedRecord,
    signal: AbortSignal,
  ) => Promise<readonly OutputRecord[]>;
  /** Records of one partition that are worked on at once. */
  readonly concurrency: number;
  readonly clock?: Clock;
}

/** Records that are worked on or wait, of one partition; what one slow key may hold up in commits. */
const MOST_OPEN = 2000;
const IDLE_MS = 60_000;

/**
 * Works on a partition's records side by side, those of one key one after the other: a slow one holds up nobody else.
 *
 * K1. Outputs are committed as they come; the offset that goes with them is that of the oldest record still open. So a crash
 *     repeats what was finished behind it, and loses nothing.
 * K2. Records of one key are done in their order.
 */
export function keyedWork(options: KeyedWorkOptions): ConsumePartition {
  return async (assigned) => {
    const transactions = options.transactions(assigned.partition);
    const positions = await transactions.begin(assigned.signal);
    const work = new Work(options, transactions, assigned.signal);
    const reading = async () => {
      for await (const batch of assigned.read(positions)) {
        work.add(batch.records, batch.letters, batch.positions);
        await work.room();
      }
    };
    await Promise.all([reading(), work.commits()]);
  };
}

class Work {
  readonly #options: KeyedWorkOptions;
  readonly #transactions: PartitionTransactions;
  readonly #signal: AbortSignal;
  readonly #clock: Clock;
  readonly #waiting = new Map<string, ConsumedRecord[]>();
  /** Keys whose first waiting record can be begun. */
  readonly #ready: string[] = [];
  readonly #offsets = new OpenOffsets();
  readonly #finished = new WakeUp();
  readonly #roomy = new WakeUp();
  #outputs: OutputRecord[] = [];
  #isChanged = false;
  #running = 0;
  #failure: { readonly error: unknown } | undefined;

  constructor(options: KeyedWorkOptions, transactions: PartitionTransactions, signal: AbortSignal) {
    this.#options = options;
    this.#transactions = transactions;
    this.#signal = signal;
    this.#clock = options.clock ?? systemClock;
    signal.addEventListener('abort', () => {
      this.#finished.notify();
      this.#roomy.notify();
    });
  }

  add(
    records: readonly ConsumedRecord[],
    letters: readonly OutputRecord[],
    positions: ReadonlyMap<string, number>,
  ): void {
    for (const record of records) {
      this.#offsets.open(record.topic, record.offset);
      const waiting = this.#waiting.get(record.key);
      if (waiting) waiting.push(record);
      else {
        this.#waiting.set(record.key, [record]);
        this.#ready.push(record.key);
      }
    }
    for (const [topic, next] of positions) this.#offsets.readTo(topic, next);
    this.#outputs.push(...letters);
    this.#changed();
    this.#begin();
  }

  /** Resolves when more can be taken. @throws what a record's handling threw */
  async room(): Promise<void> {
    while (this.#offsets.size >= MOST_OPEN && !this.#signal.aborted) {
      this.#throwFailure();
      await this.#roomy.wait(IDLE_MS, this.#clock);
    }
    this.#throwFailure();
  }

  /** Commits what is finished, until the signal is aborted. @throws what a commit or a record's handling threw */
  async commits(): Promise<void> {
    while (!this.#signal.aborted) {
      this.#throwFailure();
      if (this.#isChanged) await this.#commit();
      else await this.#finished.wait(IDLE_MS, this.#clock);
    }
  }

  async #commit(): Promise<void> {
    const outputs = this.#outputs;
    this.#outputs = [];
    this.#isChanged = false;
    await this.#transactions.commit(outputs, this.#offsets.positions());
  }

  #begin(): void {
    while (this.#running < this.#options.concurrency && !this.#failure) {
      const key = this.#ready.shift();
      if (key === undefined) return;
      this.#running++;
      void this.#work(key);
    }
  }

  async #work(key: string): Promise<void> {
    const waiting = this.#waiting.get(key)!;
    const record = waiting[0]!;
    try {
      const outputs = await this.#options.handle(record, this.#signal);
      if (this.#signal.aborted) return;
      this.#outputs.push(...outputs);
      this.#offsets.close(record.topic, record.offset);
      waiting.shift();
      if (waiting.length > 0) this.#ready.push(key);
      else this.#waiting.delete(key);
      this.#changed();
    } catch (error) {
      this.#failure ??= { error };
      this.#changed();
    } finally {
      this.#running--;
      this.#roomy.notify();
      this.#begin();
    }
  }

  #changed(): void {
    this.#isChanged = true;
    this.#finished.notify();
  }

  #throwFailure(): void {
    if (this.#failure && !this.#signal.aborted) throw this.#failure.error;
  }
}

import { TaskCorrupted, TaskMigrated } from '../../streams/errors.ts';
import type { OutputRecord } from '../../streams/task/commit.ts';
import { systemClock } from '#streams/runtime/clock';
import type { Kafka } from '#streams/runtime/kafka/kafka';
import { silentLogger } from '#streams/runtime/logger';
import { retry } from '#streams/runtime/retry';
import { TransactionManager } from '#streams/runtime/transaction-manager';

/** Large enough to be quick, small enough to be read in the middle. */
const CHUNK = 10_000;

/**
 * Writes records exactly once and in their order, through brokers that fail as well: a transaction per chunk, which carries
 * the chunk's number as an offset, so that after a failure it is known whether it counted.
 */
export class RecordWriter {
  readonly #kafka: Kafka;
  readonly #name: string;
  readonly #transactions: TransactionManager;
  #written = 0;
  #isReady = false;

  /**
   * @param name            names the transactions, and the group that their numbers are kept for
   * @param partitionCounts of every topic to be written
   */
  constructor(kafka: Kafka, name: string, partitionCounts: ReadonlyMap<string, number>) {
    this.#kafka = kafka;
    this.#name = name;
    this.#transactions = new TransactionManager({
      kafka,
      clock: systemClock,
      logger: silentLogger,
      transactionalId: name,
      groupId: name,
      transactionTimeoutMs: 10_000,
      partitionCounts,
    });
  }

  async write(records: readonly OutputRecord[]): Promise<void> {
    for (let i = 0; i < records.length; i += CHUNK)
      await this.#writeChunk(records.slice(i, i + CHUNK));
  }

  async #writeChunk(outputs: readonly OutputRecord[]): Promise<void> {
    const number = ++this.#written;
    const at = { topic: outputs[0]!.topic, partition: 0 };
    for (;;) {
      try {
        if (!this.#isReady) await this.#transactions.init(new AbortController().signal);
        // A first chunk was not tried before; of any other the last attempt's outcome is asked for.
        if (!this.#isReady && (await this.#numberAt(at)) === number) return;
        this.#isReady = true;
        const offsets = [{ ...at, offset: number, metadata: '' }];
        await this.#transactions.commit({ outputs, changelog: [], offsets, standsAt: new Map() });
        return;
      } catch (error) {
        if (!(error instanceof TaskCorrupted || error instanceof TaskMigrated)) throw error;
        this.#isReady = false;
      }
    }
  }

  async #numberAt(at: { topic: string; partition: number }): Promise<number | undefined> {
    const [committed] = await retry(
      `what '${this.#name}' has written`,
      () => this.#kafka.committedOffsets(this.#name, [at]),
      { kafka: this.#kafka, clock: systemClock, logger: silentLogger },
    );
    return committed?.offset;
  }
}

import { systemClock } from '#streams/runtime/clock';
import type { FetchedPartition, Kafka, TopicPartition } from '#streams/runtime/kafka/kafka';
import { silentLogger } from '#streams/runtime/logger';
import { retry } from '#streams/runtime/retry';
import type { RawRecord } from '../../streams/task/input-record.ts';

/** Reads the committed records of a topic as they come. */
export class TopicReader {
  readonly #kafka: Kafka;
  readonly #positions: (TopicPartition & { offset: number })[];

  constructor(kafka: Kafka, partitions: readonly TopicPartition[]) {
    this.#kafka = kafka;
    this.#positions = partitions.map((at) => ({ ...at, offset: 0 }));
  }

  /** What has come since the last call; waits for something so long at most. */
  async poll(maxWaitMs: number): Promise<RawRecord[]> {
    const answers = await retry('reading', () => this.#fetch(maxWaitMs), {
      kafka: this.#kafka,
      clock: systemClock,
      logger: silentLogger,
    });
    const records: RawRecord[] = [];
    for (const { topic, partition, nextOffset, records: found } of answers) {
      const position = this.#positions.find((at) => is(at, topic, partition))!;
      // The position moves past markers, too: a batch may have no records.
      position.offset = nextOffset;
      records.push(...found);
    }
    return records;
  }

  /** All up to these ends, one for each partition. */
  async readTo(ends: readonly number[]): Promise<RawRecord[]> {
    const records: RawRecord[] = [];
    while (this.#positions.some(({ offset }, i) => offset < ends[i]!))
      records.push(...(await this.poll(100)));
    return records;
  }

  async #fetch(maxWaitMs: number): Promise<FetchedPartition[]> {
    const leaders = await Promise.all(this.#positions.map((at) => this.#kafka.leader(at)));
    const answers = [...new Set(leaders)].map((leader) => {
      const led = this.#positions.filter((_, i) => leaders[i] === leader);
      return this.#kafka.fetch(leader, led, maxWaitMs);
    });
    const partitions = (await Promise.all(answers)).flat();
    for (const { error } of partitions) if (error) throw error;
    return partitions;
  }
}

function is(at: TopicPartition, topic: string, partition: number): boolean {
  return at.topic === topic && at.partition === partition;
}

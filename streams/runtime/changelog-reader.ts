import type { RawRecord } from '../task/input-record.ts';
import { KafkaError, type Kafka, type TopicPartition } from './kafka/kafka.ts';
import { retry, type RetryContext } from './retry.ts';

const MAX_WAIT_MS = 500;
/** One partition at a time, and nothing else to do meanwhile. */
const MAX_BYTES = 1 << 20;

export interface ChangelogChunk {
  readonly records: readonly RawRecord[];
  /** Behind them, and behind control records that follow. */
  readonly nextOffset: number;
}

/**
 * Reads a partition from `from` until `end`, chunk by chunk; nothing when there is nothing to read. Progress goes by batch
 * headers, so control records and compacted-away ones don't hold it up.
 */
export async function* readRange(
  partition: TopicPartition,
  from: number,
  end: number,
  context: RetryContext & { readonly kafka: Kafka },
): AsyncGenerator<ChangelogChunk> {
  for (let offset = from; offset < end && !context.signal?.aborted;) {
    const fetched = await retry(
      `reading ${partition.topic}-${partition.partition}`,
      async () => {
        const leader = await context.kafka.leader(partition);
        const position = { ...partition, offset, maxBytes: MAX_BYTES };
        const [answer] = await context.kafka.fetch(leader, [position], MAX_WAIT_MS);
        if (!answer)
          throw new KafkaError('NETWORK', 'the broker left the partition out of its answer');
        if (answer.error) throw answer.error;
        return answer;
      },
      context,
    );
    const { records, nextOffset } = fetched;
    yield { records: records.filter((record) => record.offset < end), nextOffset };
    offset = nextOffset;
  }
}

import {
  deadLetter,
  type ConsumePartition,
  type ConsumerTools,
  type Logger,
  type SearchClient,
} from '#kit';
import { indexSet } from './index-set.ts';
import { IndexWriter } from './index-writer.ts';
import type { IndexerMetrics } from './metrics.ts';
import type { Projection } from './projection.ts';

export interface IndexPartitionOptions {
  readonly client: SearchClient;
  readonly projection: Projection;
  readonly metrics: IndexerMetrics;
  readonly logger: Logger;
}

/**
 * Writes a partition's events into the index, batch by batch. A batch's offsets are committed once all of it is written, with
 * dead letters for what the engine refuses for good: after a crash the batch is written again, which changes nothing.
 */
export function indexPartition(
  { client, projection, metrics, logger }: IndexPartitionOptions,
  { transactions, groupId }: ConsumerTools,
): ConsumePartition {
  const writer = new IndexWriter({ client, projection, metrics });
  const { alias } = projection.index;

  return async (assigned) => {
    const { partition, signal } = assigned;
    /** Also those that a rebuild fills: looked up for every batch, once the batch is there. */
    const targets = async (): Promise<string[]> => {
      const { live, beside } = await indexSet(client, projection.index, signal);
      if (live === undefined)
        throw new Error(
          `there is no index behind '${alias}': restart this service, or run services/search-indexer/rebuild-main.ts ${alias}`,
        );
      return [live, ...beside];
    };
    const committing = transactions(partition);
    const positions = await committing.begin(signal);
    for await (const batch of assigned.read(positions)) {
      const refusals = await writer.write(batch.records, targets, signal);
      for (const { record, reason } of refusals) {
        const { topic, offset } = record;
        logger.error(
          { topic, partition, offset, reason },
          `no document of '${alias}', a dead letter`,
        );
      }
      const letters = refusals.map(({ record, reason }) =>
        deadLetter(record, 'process', new Error(reason), groupId),
      );
      await committing.commit([...batch.letters, ...letters], batch.positions);
    }
  };
}

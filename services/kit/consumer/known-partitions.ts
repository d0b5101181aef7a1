import type { Clock } from '#streams/runtime/clock';
import type { Kafka } from '#streams/runtime/kafka/kafka';
import { retry } from '#streams/runtime/retry';
import type { Logger } from '../log.ts';

const MISSING_PAUSE_MS = 200;

/**
 * Partition counts of topics, once all of them are known: topics just made take a moment, and others may be made later.
 * @param onMissing told of those that are not there
 * @returns undefined when told to stop before that
 */
export async function knownPartitions(
  kafka: Kafka,
  names: readonly string[],
  {
    clock,
    logger,
    signal,
    onMissing,
  }: {
    readonly clock: Clock;
    readonly logger: Logger;
    readonly signal: AbortSignal;
    readonly onMissing: (missing: readonly string[]) => void;
  },
): Promise<Map<string, number> | undefined> {
  while (!signal.aborted) {
    const ask = () => kafka.partitionCounts(names);
    const found = await retry(`topics ${names.join(', ')}`, ask, { kafka, clock, logger, signal });
    const missing = names.filter((name) => !found.has(name));
    if (missing.length === 0) return found;
    onMissing(missing);
    await clock.sleep(MISSING_PAUSE_MS, signal);
  }
  return undefined;
}

import type { RegistrySerde } from '#schemas';
import { systemClock } from '#streams/runtime/clock';
import { Fetcher, type FetchSubscription } from '#streams/runtime/fetcher';
import type { TopicPartition } from '#streams/runtime/kafka/kafka';
import { KafkaJsKafka } from '#streams/runtime/kafka/kafkajs-kafka';
import { kafkaConfig } from './kafka.ts';
import { LogEnds, type LogRange } from './log-ends.ts';
import type { Logger } from './log.ts';
import { offsetsAt } from './offsets-at.ts';
import type { KafkaSettings } from './settings.ts';

/** Where to begin: an end of the log, or the first record appended at or after an instant (epoch ms). */
export type FollowFrom = 'earliest' | 'latest' | number;

/** A topic that is followed, and what to do with each value. */
export interface Followed<V> {
  readonly name: string;
  readonly serde: RegistrySerde<V>;
  /** @param appendedAt when the broker has taken it, epoch ms */
  onValue(value: V, where: string, appendedAt: number): void;
}

export interface FollowOptions {
  readonly kafka: KafkaSettings;
  readonly clientId: string;
  readonly from: FollowFrom;
  readonly topics: readonly Followed<unknown>[];
  /** A record that can't be read, and why; it is left out. */
  readonly onBad: (problem: string) => void;
  /** The brokers or the registry can't be reached (a reason), or can again (undefined). */
  readonly onContact: (problem: string | undefined) => void;
  readonly logger: Logger;
}

export interface Following {
  /**
   * Resolves when all that was committed at the start has been handed over; never, when following can't go on
   * before that.
   */
  readonly caughtUp: Promise<void>;
  /** Rejects when following can't go on. */
  readonly failed: Promise<never>;
  stop(): Promise<void>;
}

const MAX_WAIT_MS = 250;
const RETRY_MS = 500;

/**
 * Reads all partitions of some topics from a given place on, committed records only, for as long as it is left to.
 * No consumer group: nothing to wait for at the start, nothing left behind.
 *
 * Resolves when the places are known: what is written from then on is seen.
 *
 * @throws when a topic does not exist or the brokers can't be reached
 */
export async function follow(options: FollowOptions): Promise<Following> {
  const { logger, onContact, onBad } = options;
  const config = kafkaConfig(options.kafka, options.clientId, logger);
  const kafka = new KafkaJsKafka(config);
  const stopped = new AbortController();
  const { promise: failed, reject } = Promise.withResolvers<never>();
  failed.catch(() => undefined); // whoever follows may have left already

  const read = async <V>(
    topic: Followed<V>,
    value: Buffer,
    where: string,
    appendedAt: number,
  ): Promise<void> => {
    while (!stopped.signal.aborted) {
      try {
        await topic.serde.load(value);
        break;
      } catch (error) {
        onContact((error as Error).message);
        await systemClock.sleep(RETRY_MS, stopped.signal);
      }
    }
    try {
      topic.onValue(topic.serde.decode(value), where, appendedAt);
    } catch (error) {
      onBad(`${where}: ${(error as Error).message}`);
    }
  };

  const subscribe = ({ topic, partition, start }: Place, ends: LogEnds) => {
    const subscription: FetchSubscription = {
      topic: topic.name,
      partition,
      offset: start,
      hasRoom: () => true,
      deliver: async ({ records, nextOffset }) => {
        for (const record of records) {
          const where = `${topic.name}-${String(partition)}@${String(record.offset)}`;
          if (record.value) await read(topic, record.value, where, record.timestamp);
          else onBad(`${where}: has no value`);
        }
        // Left in the middle of it: not all of it has been handed over.
        if (!stopped.signal.aborted) ends.reached(topic.name, partition, nextOffset);
      },
    };
    return subscription;
  };

  const fetcher = new Fetcher({
    kafka,
    clock: systemClock,
    logger,
    maxWaitMs: MAX_WAIT_MS,
    onError: ({ topic, partition }, error) => {
      reject(new Error(`${topic}-${String(partition)}: ${error.message}`, { cause: error }));
    },
    onContact: (error) => {
      onContact(error?.message);
    },
  });

  let ends: LogEnds;
  try {
    const places = await placesOf(kafka, config, options);
    ends = new LogEnds(places.map((place) => ({ ...place, topic: place.topic.name })));
    fetcher.add(places.map((place) => subscribe(place, ends)));
  } catch (error) {
    await kafka.close();
    throw error;
  }
  return {
    caughtUp: ends.allReached,
    failed,
    stop: async () => {
      stopped.abort();
      await fetcher.stop();
      await kafka.close();
    },
  };
}

interface Place extends Omit<LogRange, 'topic'> {
  readonly topic: Followed<unknown>;
}

async function placesOf(
  kafka: KafkaJsKafka,
  config: ReturnType<typeof kafkaConfig>,
  { topics, from }: FollowOptions,
): Promise<Place[]> {
  const counts = await kafka
    .partitionCounts(topics.map(({ name }) => name))
    .catch((error: unknown) => {
      const what = `can not reach Kafka at ${String(config.brokers)} (KAFKA_BROKERS)`;
      throw new Error(`${what}: ${(error as Error).message}`, { cause: error });
    });
  const missing = topics.filter(({ name }) => !counts.has(name)).map(({ name }) => name);
  if (missing.length > 0) {
    throw new Error(
      `there is no topic ${missing.join(', ')} at ${String(config.brokers)}: is it the right broker (KAFKA_BROKERS)? ` +
        '`npm start` and `kafka-alert run` create the topics',
    );
  }
  const partitions: TopicPartition[] = topics.flatMap(({ name }) =>
    Array.from({ length: counts.get(name) ?? 0 }, (_, partition) => ({ topic: name, partition })),
  );
  const ends = await kafka.listOffsets(partitions, 'latest');
  const starts =
    typeof from === 'number'
      ? await offsetsAt(config, partitions, from)
      : from === 'latest'
        ? ends
        : await kafka.listOffsets(partitions, from);
  return partitions.map(({ topic, partition }, i) => ({
    topic: topics.find(({ name }) => name === topic)!,
    partition,
    start: starts[i]!,
    end: ends[i]!,
  }));
}

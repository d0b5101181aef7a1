import { deadLetterTopic } from '../graph/topology.ts';
import type { DeadLetter } from '../task/dead-letter.ts';
import { systemClock, type Clock } from './clock.ts';
import { lettersOn, lookAtShelves, type ShelfContext } from './dead-letter-shelf.ts';
import { KafkaJsKafka } from './kafka/kafkajs-kafka.ts';
import { silentLogger, type Logger } from './logger.ts';
import { Requeue } from './requeue.ts';
import type { StreamsConfig } from './settings.ts';

export interface DeadLettersConfig {
  /** The application that wrote them. */
  readonly applicationId: string;
  readonly kafka: StreamsConfig['kafka'];
  readonly clock?: Clock;
  readonly logger?: Logger;
}

/** Which dead letters are meant: those to which all that is given applies. */
export interface DeadLetterFilter {
  /** The topic that the record came from. */
  readonly topic?: string | undefined;
  /** Part of the reason, in upper or lower case. */
  readonly reason?: string | undefined;
  /** Written from then on, epoch ms. */
  readonly from?: number | undefined;
  /** At most so many. */
  readonly limit?: number | undefined;
}

export interface RequeueOptions extends DeadLetterFilter {
  /** Told of each that was sent back, once that is committed. */
  readonly onRequeued?: (letter: DeadLetter) => void;
  /** Told of each that is meant and can't be sent back, and why; it stays. */
  readonly onUnreturnable?: (letter: DeadLetter, why: string) => void;
  /** Ends it after what is committed. */
  readonly signal?: AbortSignal;
}

/**
 * The dead letters of an application: to be looked at, and sent back to where they came from once it can process them.
 *
 * D1. A dead letter is open until it was sent back. Sending back is one transaction: the records, a mark in the dead-letter
 *     topic that says which they are, and how far the consumer group `<applicationId>-dead-letters` is. So a requeue that
 *     is killed has sent each one or not, and the next one goes on with what is open.
 * D2. A second requeue shuts the first one out, by their common transactional id.
 *
 * @example
 * const letters = new DeadLetters({ applicationId: 'shipping', kafka: { brokers } });
 * for await (const { reason, origin } of letters.open()) console.log(reason, origin);
 * await letters.requeue({ topic: 'orders', reason: 'no schema' });
 * await letters.close();
 */
export class DeadLetters {
  readonly #context: ShelfContext;

  constructor(config: DeadLettersConfig) {
    const { applicationId, kafka, clock = systemClock, logger = silentLogger } = config;
    const groupId = `${applicationId}-dead-letters`;
    this.#context = {
      kafka: 'fetch' in kafka ? kafka : new KafkaJsKafka({ clientId: groupId, ...kafka }),
      clock,
      logger,
      topic: deadLetterTopic(applicationId),
      groupId,
    };
  }

  /**
   * Those that were not sent back and are there now, partition after partition, oldest first.
   * @throws {StreamsException} when there is no dead-letter topic
   */
  async *open(filter: DeadLetterFilter = {}): AsyncGenerator<DeadLetter> {
    let left = filter.limit ?? Infinity;
    for (const shelf of await lookAtShelves(this.#context)) {
      for await (const letter of lettersOn(shelf, this.#context)) {
        if (!isMeant(letter, filter)) continue;
        if (left-- <= 0) return;
        yield letter;
      }
    }
  }

  /**
   * Sends open dead letters back to the topics they came from: key, value, headers and timestamp as they were, the partition
   * by the key, and a header that counts how often. Those that are written meanwhile are left.
   * @returns how many were sent back
   * @throws {TaskMigrated} another requeue has taken over; or a request of this one came late: start it again
   * @throws {StreamsException} when there is no dead-letter topic, or a topic may not be written
   */
  requeue(options: RequeueOptions = {}): Promise<number> {
    const { limit = Infinity, signal = new AbortController().signal } = options;
    const requeue = new Requeue({
      ...this.#context,
      signal,
      limit,
      isMeant: (letter) => isMeant(letter, options),
      onRequeued: (letter) => options.onRequeued?.(letter),
      onUnreturnable: (letter, why) => options.onUnreturnable?.(letter, why),
    });
    return requeue.run();
  }

  async close(): Promise<void> {
    await this.#context.kafka.close();
  }
}

function isMeant({ origin, reason, writtenAt }: DeadLetter, filter: DeadLetterFilter): boolean {
  if (filter.topic !== undefined && filter.topic !== origin?.topic) return false;
  if (filter.from !== undefined && writtenAt < filter.from) return false;
  return filter.reason === undefined || reason.toLowerCase().includes(filter.reason.toLowerCase());
}

import { backoffMs } from './backoff.ts';
import type { FetchSubscription } from './fetcher.ts';
import type { KafkaError } from './kafka/kafka.ts';
import type { Logger } from './logger.ts';

/** Leaders move and brokers come back: whoever waits for that should not wait much longer than it takes. */
const PASSING = { firstMs: 100, longestMs: 1000 };
/** What is damaged stays so until somebody mends it. */
const DAMAGED = { firstMs: 100, longestMs: 10_000 };
/** A fault that lasts is logged, and told again this often. */
const LOG_EVERY_MS = 10_000;

/** A partition that can't be read, for people; plain data. */
export interface PartitionFault {
  readonly topic: string;
  readonly partition: number;
  /** The next offset, which is where it is stuck. */
  readonly offset: number;
  /** Kafka's name of the error. */
  readonly type: string;
  readonly error: string;
  /** What to do about it. */
  readonly advice: string;
  readonly attempts: number;
  /** Wall clock of the first attempt that failed. */
  readonly since: number;
}

interface Fault {
  error: KafkaError;
  attempts: number;
  readonly since: number;
  toldAt: number;
  /** Wall clock; Infinity once the partition has been let go on. */
  retryAt: number;
}

/**
 * Partitions that can't be fetched now: each rests for itself, longer after each failure, while the others go on. A fault is
 * over with the first answer that has none.
 */
export class FetchFaults {
  readonly #logger: Logger;
  readonly #faults = new Map<FetchSubscription, Fault>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** When the next resting partition may be tried again; Infinity when none rests. */
  get nextRetryAt(): number {
    return Math.min(Infinity, ...[...this.#faults.values()].map(({ retryAt }) => retryAt));
  }

  /** What lasts so long, or is of such a kind, that somebody should look at it. */
  lasting(now: number): PartitionFault[] {
    return [...this.#faults].flatMap(([{ topic, partition, offset }, fault]) => {
      const { error, attempts, since } = fault;
      if (!isDamage(error) && now - since < LOG_EVERY_MS) return [];
      const { type, message } = error;
      const advice = adviceOn(type, `${topic}-${partition}`, offset);
      return [{ topic, partition, offset, type, error: message, advice, attempts, since }];
    });
  }

  isResting(subscription: FetchSubscription): boolean {
    const fault = this.#faults.get(subscription);
    return fault !== undefined && fault.retryAt < Infinity;
  }

  failed(subscription: FetchSubscription, error: KafkaError, now: number): void {
    // A network that is away is told once for all partitions, by whoever watches the contact.
    const toldAt = isDamage(error) ? -Infinity : now;
    let fault = this.#faults.get(subscription);
    if (!fault) {
      fault = { error, attempts: 0, since: now, toldAt, retryAt: now };
      this.#faults.set(subscription, fault);
    }
    fault.error = error;
    fault.attempts++;
    fault.retryAt = now + backoffMs(fault.attempts, isDamage(error) ? DAMAGED : PASSING);
    this.#maybeTell(subscription, fault, now);
  }

  /** Lets those go on that have rested; their faults are remembered until they succeed. */
  wake(now: number): void {
    for (const fault of this.#faults.values()) if (fault.retryAt <= now) fault.retryAt = Infinity;
  }

  /** It was answered, or is not wanted any more. */
  clear(subscription: FetchSubscription): void {
    this.#faults.delete(subscription);
  }

  #maybeTell({ topic, partition, offset }: FetchSubscription, fault: Fault, now: number): void {
    const { type, message } = fault.error;
    if (now - fault.toldAt < LOG_EVERY_MS) {
      this.#logger.debug({ topic, partition, offset, type }, 'fetch failed, trying again');
      return;
    }
    fault.toldAt = now;
    const { attempts, since } = fault;
    const fields = { topic, partition, offset, type, attempts, forMs: now - since };
    const advice = adviceOn(type, `${topic}-${partition}`, offset);
    this.#logger.warn(
      { ...fields, error: message, advice },
      'a partition can not be read, trying on',
    );
  }
}

function isDamage({ type, isRetriable }: KafkaError): boolean {
  return type === 'CORRUPT_MESSAGE' || !isRetriable;
}

function adviceOn(type: string, partition: string, offset: number): string {
  switch (type) {
    case 'CORRUPT_MESSAGE':
      return (
        `the batch of ${partition} at offset ${offset} is damaged: let another replica lead the partition; if all are ` +
        `damaged, stop the application and set its group's offset behind the batch (kafka-consumer-groups --reset-offsets)`
      );
    case 'UNKNOWN_TOPIC_OR_PARTITION':
      return `${partition} does not exist any more: make the topic again, or run a topology without it`;
    default:
      return `see whether the brokers have a leader for ${partition} (kafka-topics --describe), and their logs`;
  }
}

import { messageOf } from '../errors.ts';
import type { Clock } from './clock.ts';
import type { FetchedPartition, Kafka, TopicPartition } from './kafka/kafka.ts';
import { KafkaError } from './kafka/kafka.ts';
import type { Logger } from './logger.ts';

const ERROR_PAUSE_MS = 100;
/** How often to look whether a partition has room again when none has. */
const NO_ROOM_PAUSE_MS = 5;

/** What is fetched and where it goes. */
export interface FetchSubscription extends TopicPartition {
  /** The next offset to fetch; moved on by the fetcher. */
  offset: number;
  /** Whether more may be buffered. */
  hasRoom(): boolean;
  /**
   * Takes an answer; the partition is not asked for again before it resolves.
   * @param at wall clock at which the answer came
   */
  deliver(fetched: FetchedPartition, at: number): Promise<void> | undefined;
}

interface FetcherOptions {
  readonly kafka: Kafka;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly maxWaitMs: number;
  /** An error that fetching again does not mend, e.g. an offset that is out of range. */
  readonly onError: (subscription: FetchSubscription, error: KafkaError) => void;
  /** Tells whether brokers can be reached. */
  readonly onContact: (error: KafkaError | undefined) => void;
}

/**
 * Keeps one fetch under way to every broker that leads a subscribed partition. Takes committed records only, and
 * sees where they end, control records included.
 */
export class Fetcher {
  readonly #options: FetcherOptions;
  readonly #subscriptions = new Set<FetchSubscription>();
  readonly #busy = new Set<FetchSubscription>();
  readonly #loops = new Map<number, Promise<void>>();
  readonly #stopped = new AbortController();

  constructor(options: FetcherOptions) {
    this.#options = options;
  }

  async add(subscriptions: readonly FetchSubscription[]): Promise<void> {
    for (const subscription of subscriptions) this.#subscriptions.add(subscription);
    await this.#startLoops();
  }

  remove(subscriptions: readonly FetchSubscription[]): void {
    for (const subscription of subscriptions) this.#subscriptions.delete(subscription);
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await Promise.all(this.#loops.values());
  }

  async #startLoops(): Promise<void> {
    for (const subscription of this.#subscriptions) {
      const leader = await this.#options.kafka.leader(subscription);
      if (this.#loops.has(leader)) continue;
      const loop = this.#run(leader).finally(() => this.#loops.delete(leader));
      this.#loops.set(leader, loop);
    }
  }

  async #run(leader: number): Promise<void> {
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      try {
        const led = await this.#ledBy(leader);
        if (led.length === 0) return;
        const wanted = led.filter((s) => !this.#busy.has(s) && s.hasRoom());
        if (wanted.length === 0) await this.#options.clock.sleep(NO_ROOM_PAUSE_MS, signal);
        else await this.#fetch(leader, wanted);
      } catch (error) {
        await this.#recover(error);
      }
    }
  }

  async #fetch(leader: number, wanted: readonly FetchSubscription[]): Promise<void> {
    const { kafka, clock, maxWaitMs, onContact } = this.#options;
    const answers = await kafka.fetch(leader, wanted, maxWaitMs);
    const at = clock.now();
    onContact(undefined);
    let stale: KafkaError | undefined;
    for (const answer of answers) {
      const subscription = wanted.find(
        (s) => s.topic === answer.topic && s.partition === answer.partition,
      );
      // Given up while the fetch was under way.
      if (!subscription || !this.#subscriptions.has(subscription)) continue;
      if (answer.error?.isRetriable) stale = answer.error;
      else if (answer.error) {
        this.#subscriptions.delete(subscription);
        this.#options.onError(subscription, answer.error);
      } else this.#deliver(subscription, answer, at);
    }
    if (stale) throw stale;
  }

  #deliver(subscription: FetchSubscription, answer: FetchedPartition, at: number): void {
    subscription.offset = answer.nextOffset;
    const delivery = subscription.deliver(answer, at);
    if (!delivery) return;
    this.#busy.add(subscription);
    delivery
      .catch((error: unknown) => {
        this.#subscriptions.delete(subscription);
        const { topic, partition } = subscription;
        const fault = new KafkaError('UNKNOWN', `${topic}-${partition}: ${messageOf(error)}`, {
          cause: error,
        });
        this.#options.onError(subscription, fault);
      })
      .finally(() => this.#busy.delete(subscription));
  }

  async #ledBy(leader: number): Promise<FetchSubscription[]> {
    const led: FetchSubscription[] = [];
    for (const subscription of this.#subscriptions) {
      if ((await this.#options.kafka.leader(subscription)) === leader) led.push(subscription);
    }
    return led;
  }

  async #recover(error: unknown): Promise<void> {
    const { kafka, clock, logger, onContact } = this.#options;
    const fault =
      error instanceof KafkaError
        ? error
        : new KafkaError('UNKNOWN', messageOf(error), { cause: error });
    if (fault.type === 'NETWORK') onContact(fault);
    logger.debug({ error: fault.message, type: fault.type }, 'fetch failed, trying again');
    await clock.sleep(ERROR_PAUSE_MS, this.#stopped.signal);
    if (this.#stopped.signal.aborted) return;
    try {
      await kafka.refresh();
      // Partitions may have a new leader, which has no loop yet.
      await this.#startLoops();
    } catch (refreshError) {
      logger.debug({ error: messageOf(refreshError) }, 'metadata could not be refreshed');
    }
  }
}

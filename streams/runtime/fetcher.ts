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
   * @param at wall clock at which the answer was still true: what it calls the end was the end then
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
 *
 * F1. A partition is in one fetch at a time, also while it moves to another leader.
 * F2. Every partition whose leader is known has a loop: leaders may change at any time, whoever it is that finds out.
 * F3. What was answered is delivered, or its partition has failed: an offset never moves past records that nobody took.
 */
export class Fetcher {
  readonly #options: FetcherOptions;
  readonly #subscriptions = new Set<FetchSubscription>();
  /** Asked for, or being delivered. */
  readonly #busy = new Set<FetchSubscription>();
  /** Leaders that have a loop. */
  readonly #leaders = new Set<number>();
  readonly #running = new Set<Promise<void>>();
  readonly #stopped = new AbortController();

  constructor(options: FetcherOptions) {
    this.#options = options;
  }

  async add(subscriptions: readonly FetchSubscription[]): Promise<void> {
    for (const subscription of subscriptions) this.#subscriptions.add(subscription);
    try {
      await this.#startLoops();
    } catch (error) {
      if (!(error instanceof KafkaError) || !error.isRetriable) throw error;
      this.#track(this.#recover(error).then(() => this.#startLoopsInTime()));
    }
  }

  remove(subscriptions: readonly FetchSubscription[]): void {
    for (const subscription of subscriptions) this.#subscriptions.delete(subscription);
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await Promise.all(this.#running);
  }

  #track(running: Promise<void>): void {
    const tracked = running.finally(() => this.#running.delete(tracked));
    this.#running.add(tracked);
  }

  async #startLoops(): Promise<void> {
    const { leaderless } = await this.#lookUp(undefined);
    if (leaderless) throw leaderless;
  }

  async #startLoopsInTime(): Promise<void> {
    while (!this.#stopped.signal.aborted) {
      try {
        await this.#startLoops();
        return;
      } catch (error) {
        await this.#recover(error);
      }
    }
  }

  async #run(leader: number): Promise<void> {
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      try {
        const { led, leaderless } = await this.#lookUp(leader);
        if (led.length === 0) break;
        const wanted = led.filter((s) => !this.#busy.has(s) && s.hasRoom());
        if (wanted.length === 0) await this.#options.clock.sleep(NO_ROOM_PAUSE_MS, signal);
        else await this.#fetch(leader, wanted);
        if (leaderless) throw leaderless;
      } catch (error) {
        await this.#recover(error);
      }
    }
    this.#leaders.delete(leader);
    // A partition that came to this leader while its loop was ending has found it still there.
    await this.#startLoopsInTime();
  }

  async #fetch(leader: number, wanted: readonly FetchSubscription[]): Promise<void> {
    const { clock, maxWaitMs, onContact } = this.#options;
    const askedAt = clock.now();
    const answers = await this.#ask(leader, wanted);
    onContact(undefined);
    // When an answer comes says nothing about when it was true: it may have been on its way for long, or this process been
    // stopped. It was true after the question; without news, only after the whole wait.
    const trueAt = answers.some((answer) => isNews(answer, wanted)) ? askedAt : askedAt + maxWaitMs;
    const at = Math.min(trueAt, clock.now());
    let stale: KafkaError | undefined;
    for (const answer of answers) {
      const subscription = wanted.find(
        (s) => s.topic === answer.topic && s.partition === answer.partition,
      );
      // Given up while the fetch was under way.
      if (!subscription || !this.#subscriptions.has(subscription)) continue;
      if (answer.error?.isRetriable) stale = answer.error;
      else if (answer.error) this.#fail(subscription, answer.error);
      else this.#deliver(subscription, answer, at);
    }
    if (stale) throw stale;
  }

  async #ask(leader: number, wanted: readonly FetchSubscription[]): Promise<FetchedPartition[]> {
    const { kafka, maxWaitMs } = this.#options;
    for (const subscription of wanted) this.#busy.add(subscription);
    try {
      return await kafka.fetch(leader, wanted, maxWaitMs);
    } finally {
      for (const subscription of wanted) this.#busy.delete(subscription);
    }
  }

  #deliver(subscription: FetchSubscription, answer: FetchedPartition, at: number): void {
    subscription.offset = answer.nextOffset;
    const failed = (error: unknown) => {
      const { topic, partition } = subscription;
      const message = `${topic}-${partition}: ${messageOf(error)}`;
      this.#fail(subscription, new KafkaError('UNKNOWN', message, { cause: error }));
    };
    try {
      const delivery = subscription.deliver(answer, at);
      if (!delivery) return;
      this.#busy.add(subscription);
      delivery.catch(failed).finally(() => this.#busy.delete(subscription));
    } catch (error) {
      failed(error);
    }
  }

  #fail(subscription: FetchSubscription, error: KafkaError): void {
    // Given up meanwhile: its failure concerns nobody.
    if (this.#subscriptions.delete(subscription)) this.#options.onError(subscription, error);
  }

  /** Who is led by `leader`. Other leaders that are met get a loop; a partition without one does not hold up the rest. */
  async #lookUp(
    leader: number | undefined,
  ): Promise<{ led: FetchSubscription[]; leaderless: KafkaError | undefined }> {
    const led: FetchSubscription[] = [];
    let leaderless: KafkaError | undefined;
    for (const subscription of this.#subscriptions) {
      try {
        const found = await this.#options.kafka.leader(subscription);
        if (found === leader) led.push(subscription);
        else this.#ensureLoop(found);
      } catch (error) {
        if (!(error instanceof KafkaError) || !error.isRetriable) throw error;
        leaderless = error;
      }
    }
    return { led, leaderless };
  }

  #ensureLoop(leader: number): void {
    if (this.#leaders.has(leader) || this.#stopped.signal.aborted) return;
    this.#leaders.add(leader);
    this.#track(this.#run(leader));
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
    } catch (refreshError) {
      logger.debug({ error: messageOf(refreshError) }, 'metadata could not be refreshed');
    }
  }
}

function isNews(answer: FetchedPartition, wanted: readonly FetchSubscription[]): boolean {
  const asked = wanted.find((s) => s.topic === answer.topic && s.partition === answer.partition);
  return answer.error !== undefined || answer.nextOffset !== asked?.offset;
}

import { messageOf } from '../errors.ts';
import type { Clock } from './clock.ts';
import { FetchFaults, type PartitionFault } from './fetch-faults.ts';
import type { FetchedPartition, Kafka, TopicPartition } from './kafka/kafka.ts';
import { KafkaError } from './kafka/kafka.ts';
import type { Logger } from './logger.ts';

/** How often to look whether a partition has room again when none has. */
const NO_ROOM_PAUSE_MS = 5;
/** Another partition may fail meanwhile, and want to be tried again sooner. */
const LONGEST_SLEEP_MS = 100;

/** What is fetched and where it goes. */
export interface FetchSubscription extends TopicPartition {
  /** The next offset to fetch; moved on by the fetcher. */
  offset: number;
  /** The partition's end (last stable offset) as of the last answer; kept by the fetcher. */
  end?: number;
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

/** What was fetched so far. */
export interface FetchCounts {
  readonly polls: number;
  readonly records: number;
  /** How long the answers took, waiting for records included. */
  readonly ms: number;
}

/**
 * Keeps one fetch under way to every broker that leads a subscribed partition. Takes committed records only, and
 * sees where they end, control records included.
 *
 * F1. A partition is in one fetch at a time, also while it moves to another leader.
 * F2. Every partition whose leader is known has a loop: leaders may change at any time, whoever it is that finds out.
 * F3. What was answered is delivered, or its partition has failed: an offset never moves past records that nobody took.
 * F4. Brokers fill an answer in the order of the question: whoever got something is asked for last the next time, so that
 *     a partition with much to read does not keep the others from theirs.
 */
export class Fetcher {
  readonly #options: FetcherOptions;
  /** In the order of F4. */
  readonly #subscriptions = new Set<FetchSubscription>();
  /** Asked for, or being delivered. */
  readonly #busy = new Set<FetchSubscription>();
  readonly #faults: FetchFaults;
  /** Leaders that have a loop. */
  readonly #leaders = new Set<number>();
  readonly #running = new Set<Promise<void>>();
  readonly #stopped = new AbortController();
  readonly #counts = { polls: 0, records: 0, ms: 0 };
  #isRetrying = false;

  constructor(options: FetcherOptions) {
    this.#options = options;
    this.#faults = new FetchFaults(options.logger);
  }

  get counts(): FetchCounts {
    return { ...this.#counts };
  }

  /** Partitions that somebody should look at. */
  get faults(): PartitionFault[] {
    return this.#faults.lasting(this.#options.clock.now());
  }

  add(subscriptions: readonly FetchSubscription[]): void {
    for (const subscription of subscriptions) this.#subscriptions.add(subscription);
    this.#track(this.#startLoops());
  }

  remove(subscriptions: readonly FetchSubscription[]): void {
    for (const subscription of subscriptions) this.#drop(subscription);
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
    await this.#lookUp(undefined);
  }

  async #run(leader: number): Promise<void> {
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      const led = await this.#lookUp(leader);
      if (led.length === 0) break;
      const wanted = led.filter((s) => !this.#busy.has(s) && s.hasRoom());
      if (wanted.length === 0) await this.#options.clock.sleep(NO_ROOM_PAUSE_MS, signal);
      else await this.#fetch(leader, wanted);
    }
    this.#leaders.delete(leader);
    // A partition that came to this leader while its loop was ending has found it still there.
    await this.#startLoops();
  }

  async #fetch(leader: number, wanted: readonly FetchSubscription[]): Promise<void> {
    const { clock, maxWaitMs, onContact } = this.#options;
    const askedAt = clock.now();
    let answers: FetchedPartition[];
    try {
      answers = await this.#ask(leader, wanted);
    } catch (error) {
      for (const subscription of wanted) this.#rest(subscription, kafkaErrorOf(error));
      return;
    }
    onContact(undefined);
    this.#counts.polls++;
    this.#counts.ms += clock.now() - askedAt;
    // When an answer comes says nothing about when it was true: it may have been on its way for long, or this process been
    // stopped. It was true after the question; without news, only after the whole wait.
    const trueAt = answers.some((answer) => isNews(answer, wanted)) ? askedAt : askedAt + maxWaitMs;
    const at = Math.min(trueAt, clock.now());
    for (const answer of answers) {
      const subscription = wanted.find(
        (s) => s.topic === answer.topic && s.partition === answer.partition,
      );
      // Given up while the fetch was under way.
      if (!subscription || !this.#subscriptions.has(subscription)) continue;
      // Also of what is damaged the end is known.
      if (answer.lastStableOffset >= 0) subscription.end = answer.lastStableOffset;
      if (!answer.error) this.#deliver(subscription, answer, at);
      else if (mayPass(answer.error)) this.#rest(subscription, answer.error);
      else this.#fail(subscription, answer.error);
    }
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
    this.#faults.clear(subscription);
    if (answer.nextOffset > subscription.offset) this.#putLast(subscription);
    subscription.offset = answer.nextOffset;
    this.#counts.records += answer.records.length;
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
    if (this.#drop(subscription)) this.#options.onError(subscription, error);
  }

  #drop(subscription: FetchSubscription): boolean {
    this.#faults.clear(subscription);
    return this.#subscriptions.delete(subscription);
  }

  #putLast(subscription: FetchSubscription): void {
    this.#subscriptions.delete(subscription);
    this.#subscriptions.add(subscription);
  }

  /** Who is led by `leader`. Other leaders that are met get a loop. */
  async #lookUp(leader: number | undefined): Promise<FetchSubscription[]> {
    const led: FetchSubscription[] = [];
    // A copy, since their order changes with each answer.
    for (const subscription of [...this.#subscriptions]) {
      if (this.#faults.isResting(subscription)) continue;
      try {
        const found = await this.#options.kafka.leader(subscription);
        if (!this.#subscriptions.has(subscription)) continue;
        if (found === leader) led.push(subscription);
        else this.#ensureLoop(found);
      } catch (error) {
        const fault = kafkaErrorOf(error);
        if (fault.isRetriable) this.#rest(subscription, fault);
        else this.#fail(subscription, fault);
      }
    }
    return led;
  }

  #ensureLoop(leader: number): void {
    if (this.#leaders.has(leader) || this.#stopped.signal.aborted) return;
    this.#leaders.add(leader);
    this.#track(this.#run(leader));
  }

  #rest(subscription: FetchSubscription, error: KafkaError): void {
    if (!this.#subscriptions.has(subscription)) return;
    if (error.type === 'NETWORK') this.#options.onContact(error);
    this.#faults.failed(subscription, error, this.#options.clock.now());
    if (this.#isRetrying || this.#stopped.signal.aborted) return;
    this.#isRetrying = true;
    this.#track(this.#retry());
  }

  /** Lets resting partitions go on when their time has come, with what brokers say about leaders by then. */
  async #retry(): Promise<void> {
    const { kafka, clock, logger } = this.#options;
    const { signal } = this.#stopped;
    for (let at = this.#faults.nextRetryAt; at < Infinity; at = this.#faults.nextRetryAt) {
      await clock.sleep(Math.min(LONGEST_SLEEP_MS, Math.max(1, at - clock.now())), signal);
      if (signal.aborted) break;
      if (this.#faults.nextRetryAt > clock.now()) continue;
      await kafka.refresh().catch((error: unknown) => {
        logger.debug({ error: messageOf(error) }, 'metadata could not be refreshed');
      });
      this.#faults.wake(clock.now());
      await this.#startLoops();
    }
    this.#isRetrying = false;
  }
}

/** A broker that does not know what is wrong with it may know better later. */
function mayPass({ isRetriable, type }: KafkaError): boolean {
  return isRetriable || type === 'UNKNOWN';
}

function kafkaErrorOf(error: unknown): KafkaError {
  if (error instanceof KafkaError) return error;
  return new KafkaError('UNKNOWN', messageOf(error), { cause: error });
}

function isNews(answer: FetchedPartition, wanted: readonly FetchSubscription[]): boolean {
  const asked = wanted.find((s) => s.topic === answer.topic && s.partition === answer.partition);
  return answer.error !== undefined || answer.nextOffset !== asked?.offset;
}

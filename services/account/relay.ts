/**
 * Brings changes of accounts to Kafka: those that the repository holds as not published.
 *
 * R1. A change is marked as published after Kafka has it, so a crash in between publishes it again, with the same version.
 * R2. Several relays may be at work: what one of them sends late has a lower version than what is there, and readers go by it.
 * R3. Kafka away: changes are taken as before, and wait; health tells how many.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { ComponentHealth, Logger, Publication, Publisher } from '#kit';
import { topics } from '#schemas';
import { eventOf, type AccountRecord } from './account.ts';
import type { AccountRepository } from './repository.ts';

export interface RelayOptions {
  readonly repository: AccountRepository;
  readonly publisher: Pick<Publisher, 'publish'>;
  readonly logger: Logger;
  /** Pauses until the signal. */
  readonly pause?: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** Changes of other instances that have ended before they could publish are found by looking. */
const LOOK_EVERY_MS = 2000;
/** A statement and a request have that many at most. */
const BATCH = 200;

export class AccountRelay {
  readonly #options: Required<RelayOptions>;
  #woken = new AbortController();
  #failure: string | undefined = 'nothing is published before topics and schemas are there';

  constructor(options: RelayOptions) {
    this.#options = { pause, ...options };
  }

  /** There is something to be published. */
  wake(): void {
    this.#woken.abort();
  }

  /** Publishes what there is, and what comes, until the signal. */
  async run(signal: AbortSignal): Promise<void> {
    const { logger, pause } = this.#options;
    this.#failure = undefined;
    let reported: string | undefined;
    while (!signal.aborted) {
      // Before looking: a change during the look is looked for once more.
      this.#woken = new AbortController();
      try {
        await this.publishWaiting(signal);
        if (reported !== undefined) logger.info('changes are published again');
        reported = undefined;
      } catch (error) {
        const reason = (error as Error).message;
        if (reason !== reported) logger.warn({ error }, `changes wait for publication: ${reason}`);
        reported = reason;
      }
      // After a failure, each change would only bring the next one.
      const until = reported === undefined ? [signal, this.#woken.signal] : [signal];
      await pause(LOOK_EVERY_MS, AbortSignal.any(until));
    }
  }

  /** One look. @returns how many were published */
  async publishWaiting(signal?: AbortSignal): Promise<number> {
    const { repository, logger } = this.#options;
    let published = 0;
    while (!signal?.aborted) {
      const waiting = await repository.unpublished(BATCH);
      if (waiting.length === 0) {
        // Somebody else has published it, and so Kafka is there.
        this.#failure = undefined;
        break;
      }
      await this.#publish(waiting);
      await repository.markPublished(waiting);
      published += waiting.length;
      for (const { accountId, version, trace } of waiting)
        logger.debug({ accountId, version, ...trace }, 'published');
    }
    return published;
  }

  /** Of Kafka alone: that the repository is away is told by the repository's own. */
  async health(): Promise<ComponentHealth> {
    const waiting = await this.#options.repository.countUnpublished().catch(() => 'unknown');
    return this.#failure === undefined
      ? { status: 'UP', details: { waiting } }
      : { status: 'DOWN', details: { waiting, reason: this.#failure } };
  }

  async #publish(waiting: readonly AccountRecord[]): Promise<void> {
    try {
      await this.#options.publisher.publish(waiting.map(publicationOf));
      this.#failure = undefined;
    } catch (error) {
      this.#failure = (error as Error).message;
      throw error;
    }
  }
}

function publicationOf(account: AccountRecord): Publication {
  return { topic: topics.accountEvent, value: eventOf(account), headers: { ...account.trace } };
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => undefined);
}

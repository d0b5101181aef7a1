import { messageOf, StreamsException } from '../errors.ts';
import { causeId } from '../task/cause.ts';
import type { OutputRecord } from '../task/commit.ts';
import type { Refusals, SetAside } from '../task/refusals.ts';
import { ProduceError } from '../task/sink.ts';
import type { Task } from '../task/task.ts';
import type { Clock } from './clock.ts';
import type { Kafka } from './kafka/kafka.ts';
import { sizeAlone } from './kafka/record-batch.ts';
import type { Logger } from './logger.ts';
import type { RefusedRecord } from './record-writer.ts';

/** Afterwards a limit is tried again: it may have been raised. Until then nothing more is refused for it by the broker. */
const LIMIT_KNOWN_MS = 60_000;

/**
 * What an application's commits have met, so that a task that starts again knows better.
 *
 * R1. A record that is too large shows the limit of its topic: from then on what would be larger fails when it is made, and
 *     exactly that is a dead letter (or stops).
 * R2. What is refused for another reason is set aside with all that its record, timer or punctuation had come to.
 */
export class BrokerRefusals implements Refusals {
  readonly #kafka: Kafka;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #limits = new Map<string, { readonly bytes: number; readonly until: number }>();
  readonly #setAside = new Map<string, Map<string, SetAside>>();

  constructor({ kafka, clock, logger }: { kafka: Kafka; clock: Clock; logger: Logger }) {
    this.#kafka = kafka;
    this.#clock = clock;
    this.#logger = logger;
  }

  hasLimit(topic: string): boolean {
    return this.#limit(topic) !== undefined;
  }

  tooLarge(record: OutputRecord): Error | undefined {
    const limit = this.#limit(record.topic);
    if (limit === undefined) return undefined;
    const size = sizeAlone(record);
    if (size <= limit) return undefined;
    return new Error(
      `it takes ${size} bytes, and '${record.topic}' takes ${limit} at most (max.message.bytes)`,
    );
  }

  setAside(task: string): ReadonlyMap<string, SetAside> | undefined {
    return this.#setAside.get(task);
  }

  settled(task: string, causes: readonly string[]): void {
    const all = this.#setAside.get(task);
    for (const cause of causes) all?.delete(cause);
    if (all?.size === 0) this.#setAside.delete(task);
  }

  /**
   * A task's commit had records that were refused.
   * @throws {StreamsException} when starting again would not help
   */
  async learn(task: Task, refused: readonly RefusedRecord[]): Promise<void> {
    for (const { record, error } of refused) {
      const isState = task.state.changelogs.some(({ topic }) => topic === record.topic);
      if (error.isTooLarge && (isState || task.originOf(record))) await this.#learnLimit(record);
      else this.#learnCause(task, { record, error });
    }
  }

  async #learnLimit(record: OutputRecord): Promise<void> {
    const { topic } = record;
    const size = sizeAlone(record);
    // The records before it may have told.
    if (size > (this.#limit(topic) ?? Infinity)) return;
    const configured = await this.#kafka.maxMessageBytes(topic).catch((error: unknown) => {
      this.#logger.debug({ topic, error: messageOf(error) }, 'max.message.bytes can not be read');
      return undefined;
    });
    // It may be another limit that it has met, such as the size of a segment.
    const bytes = configured !== undefined && configured < size ? configured : size - 1;
    this.#limits.set(topic, { bytes, until: this.#clock.now() + LIMIT_KNOWN_MS });
    this.#logger.warn(
      { topic, size, limit: bytes },
      'a record is larger than its topic takes; raise max.message.bytes, or make it smaller',
    );
  }

  #learnCause(task: Task, { record, error }: RefusedRecord): void {
    const { topic } = record;
    if (error.type === 'INVALID_TIMESTAMP') {
      throw new StreamsException(
        `task ${task.id}: '${topic}' does not take the time of this machine, ${new Date(this.#clock.now()).toISOString()}: ` +
          `${error.message}; set the clock, or mend message.timestamp.before.max.ms and message.timestamp.after.max.ms`,
        { cause: error },
      );
    }
    const origin = task.originOf(record);
    if (!origin) {
      throw new StreamsException(
        `task ${task.id}: the broker refuses a record for '${topic}', which is the application's own: ${error.message}; ` +
          `raise its max.message.bytes, or mend what validates it there`,
        { cause: error },
      );
    }
    const message = `can't be written to '${topic}': ${error.message}`;
    this.#logger.warn({ task: task.id, topic, cause: causeId(origin.cause) }, message);
    const aside = { ...origin, error: new ProduceError(message, { cause: error }) };
    const all = this.#setAside.get(task.id) ?? new Map<string, SetAside>();
    this.#setAside.set(task.id, all.set(causeId(origin.cause), aside));
  }

  #limit(topic: string): number | undefined {
    if (this.#limits.size === 0) return undefined;
    const known = this.#limits.get(topic);
    if (!known) return undefined;
    if (this.#clock.now() < known.until) return known.bytes;
    this.#limits.delete(topic);
    return undefined;
  }
}

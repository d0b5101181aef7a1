import { StreamsException, TaskCorrupted, TaskMigrated } from '../errors.ts';
import type { ChangelogEnds, OutputRecord, TaskCommit } from '../task/commit.ts';
import { refreshAfter, verdictOf } from './commit-errors.ts';
import type { Committer, CommitterOptions } from './committer.ts';
import { KafkaError, type Member, type TopicPartition } from './kafka/kafka.ts';
import { changelogEnds, RecordWriter } from './record-writer.ts';
import { retry } from './retry.ts';

export interface AtLeastOnceOptions extends CommitterOptions {
  /** What this instance is in the group now; undefined while it is not in it. */
  readonly member: () => Member | undefined;
}

/** A rebalance is on its way: the member's next generation may commit. */
const BETWEEN_GENERATIONS = new Set(['REBALANCE_IN_PROGRESS', 'ILLEGAL_GENERATION']);
const NOT_A_MEMBER = new Set(['UNKNOWN_MEMBER_ID', 'FENCED_INSTANCE_ID', ...BETWEEN_GENERATIONS]);

/**
 * The commits of one task without transactions: after a crash some of its work is done again, and none is lost.
 *
 * A1. Outputs are written first, then the changelogs, those at the end of the flow before those at its start, then dead
 *     letters, and offsets last, each once the one before it is acknowledged. So whatever says that a record was processed
 *     (a state, an offset) is written after what came of it; and nothing is called failed that may be tried again.
 * A2. The task's transactional id is taken over without a transaction ever being begun: what the former owner still has on
 *     its way to a changelog is refused behind the first record of the new one. What comes before it is no loss, since the
 *     new owner processes the same inputs; but it is not in local state, which is brought up to date by a restart.
 * A3. Offsets are committed as the member that was given the task: once the group has let it go, they are refused.
 */
export class AtLeastOnceCommitter implements Committer {
  readonly #options: AtLeastOnceOptions;
  #open: { readonly writer: RecordWriter; readonly memberId: string | undefined } | undefined;
  /** Of the commit at hand; wall clock. */
  #startedAt = 0;

  constructor(options: AtLeastOnceOptions) {
    this.#options = options;
  }

  async init(signal: AbortSignal): Promise<void> {
    const { kafka, transactionalId, transactionTimeoutMs, member } = this.#options;
    const memberId = member()?.memberId;
    const producer = await retry(
      `taking over transactional id '${transactionalId}'`,
      () => kafka.initProducerId(transactionalId, transactionTimeoutMs),
      { ...this.#options, signal },
    );
    const leader = (at: TopicPartition) => this.#soon('leader', () => kafka.leader(at));
    const writer = new RecordWriter({ ...this.#options, producer, leader });
    this.#open = { writer, memberId };
  }

  async commit(commit: TaskCommit): Promise<ChangelogEnds> {
    const { transactionalId, deadLetterTopic } = this.#options;
    if (!this.#open) throw new StreamsException(`'${transactionalId}': commit before init`);
    const { writer } = this.#open;
    this.#startedAt = this.#options.clock.now();
    const isLetter = ({ topic }: OutputRecord) => topic === deadLetterTopic;
    try {
      await writer.write(writer.batchesOf(commit.outputs.filter((each) => !isLetter(each))));
      const ends = new Map<string, number>();
      for (const [topic, changes] of byTopicFromTheEnd(commit.changelog)) {
        const written = changelogEnds(changes, await writer.write(writer.batchesOf(changes)));
        for (const [changelog, end] of written) ends.set(changelog, end);
        this.#checkAlone(topic, commit.standsAt.get(topic), ends.get(topic)! - changes.length);
      }
      await writer.write(writer.batchesOf(commit.outputs.filter(isLetter)));
      return ends;
    } catch (error) {
      return this.#fail(error);
    }
  }

  async postCommit({ offsets }: TaskCommit): Promise<void> {
    const { kafka, transactionalId } = this.#options;
    try {
      // It may be repeated: an older one that comes late only makes more to be processed again.
      await this.#soon('offsets', () => kafka.commitOffsets(this.#member(), offsets), NOT_FENCED);
    } catch (error) {
      if (error instanceof KafkaError && NOT_A_MEMBER.has(error.type)) {
        const message = `offsets of '${transactionalId}' were refused: ${error.message}`;
        await this.#fail(new TaskMigrated(message, { cause: error }));
      }
      await this.#fail(error);
    }
  }

  /** Whoever was let go and has joined again is another member, which was not given this task (A3). */
  #member(): Member {
    const member = this.#options.member();
    if (member && member.memberId === this.#open!.memberId) return member;
    throw new TaskMigrated(`'${this.#options.transactionalId}': not in the group any more`);
  }

  /** @throws {TaskCorrupted} when somebody else has written to the changelog since local state was brought up to date (A2) */
  #checkAlone(topic: string, standsAt: number | undefined, first: number): void {
    if (standsAt === first) return;
    throw new TaskCorrupted(
      `'${topic}' has records from ${standsAt} to ${first} that are not in the local state of '${this.#options.transactionalId}'; ` +
        `its former owner has written them`,
    );
  }

  #soon<T>(what: string, call: () => Promise<T>, isRetriable = ANSWERED): Promise<T> {
    const { clock, transactionalId, transactionTimeoutMs } = this.#options;
    const deadline = clock.now() + transactionTimeoutMs;
    const context = { ...this.#options, deadline, isRetriable };
    return retry(`${what} of '${transactionalId}'`, call, context);
  }

  async #fail(error: unknown): Promise<never> {
    const { transactionalId, clock } = this.#options;
    this.#open = undefined;
    await refreshAfter(error, this.#options);
    throw verdictOf(error, transactionalId, clock.now() - this.#startedAt);
  }
}

const ANSWERED = (error: KafkaError) => error.isRetriable && error.type !== 'NETWORK';
const NOT_FENCED = (error: KafkaError) => error.isRetriable || BETWEEN_GENERATIONS.has(error.type);

/** Changelogs come in the order in which records meet their stores; here it is turned round (A1). */
function byTopicFromTheEnd(changelog: readonly OutputRecord[]): [string, OutputRecord[]][] {
  return [...Map.groupBy(changelog, ({ topic }) => topic)].reverse();
}

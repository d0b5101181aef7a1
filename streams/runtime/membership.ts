import { AssignerProtocol } from 'kafkajs';
import { assignTasks } from './assignor.ts';
import type { Clock } from './clock.ts';
import { KafkaError, type Kafka, type Member } from './kafka/kafka.ts';
import type { Logger } from './logger.ts';
import { retry } from './retry.ts';

const PROTOCOL = 'streams-by-partition';
const METADATA_VERSION = 1;

export interface MembershipOptions {
  readonly kafka: Kafka;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly groupId: string;
  /** Stable over restarts, one per state folder: a restarted instance takes its old place at once (KIP-345). */
  readonly instanceId: string;
  readonly topics: readonly string[];
  /** The partition count of every source topic: how many tasks there are. */
  readonly partitions: number;
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
  readonly heartbeatIntervalMs: number;
}

/** Why an assignment has ended: the group rebalances, or this member is not in it any more. */
export type AssignmentEnd = 'rebalance' | 'lost';

// Errors that end the membership, and with it the right to the tasks.
const LOST = new Set(['UNKNOWN_MEMBER_ID', 'ILLEGAL_GENERATION', 'FENCED_INSTANCE_ID']);

/**
 * Membership of the consumer group, with Kafka's classic protocol: join, sync, heartbeat, leave. Bytes on the wire are those
 * of a consumer, so Kafka's own tools can read who has what.
 */
export class Membership {
  readonly #options: MembershipOptions;
  #member: Member | undefined;
  #memberId = '';
  #heartbeats: { stop: AbortController; done: Promise<void> } | undefined;

  constructor(options: MembershipOptions) {
    this.#options = options;
  }

  /**
   * Joins, or joins again, and heartbeats from then on.
   * @param owned the tasks whose local state this instance has
   * @param onEnd called once when the assignment ends
   * @returns the partition numbers of the tasks assigned
   * @throws {KafkaError} one that is not retriable, e.g. no right to the group
   */
  async join(
    owned: readonly number[],
    onEnd: (end: AssignmentEnd) => void,
    signal: AbortSignal,
  ): Promise<number[]> {
    await this.#stopHeartbeats();
    const assigned = await retry(
      `joining group '${this.#options.groupId}'`,
      () => this.#joinOnce(owned),
      {
        ...this.#options,
        signal,
        isRetriable: (error) => {
          if (error.type === 'UNKNOWN_MEMBER_ID') this.#memberId = '';
          return (
            error.isRetriable || error.type === 'REBALANCE_IN_PROGRESS' || LOST.has(error.type)
          );
        },
      },
    );
    this.#startHeartbeats(onEnd);
    return assigned;
  }

  /** Leaves, so that others take over at once. Failing that, they wait for the session's end. */
  async leave(): Promise<void> {
    await this.#stopHeartbeats();
    const member = this.#member;
    this.#member = undefined;
    if (!member) return;
    const { kafka, clock, logger, sessionTimeoutMs } = this.#options;
    const what = `leaving group '${member.groupId}'`;
    await retry(what, () => kafka.leaveGroup(member), {
      ...this.#options,
      // A coordinator that has moved is found again; brokers that do not answer are not worth the wait.
      isRetriable: (error) => error.isRetriable && error.type !== 'NETWORK',
      deadline: clock.now() + sessionTimeoutMs,
    }).catch((error: unknown) => {
      logger.warn({ error }, `could not leave group '${member.groupId}'`);
    });
  }

  async #joinOnce(owned: readonly number[]): Promise<number[]> {
    const { kafka, groupId, instanceId, sessionTimeoutMs, rebalanceTimeoutMs, topics } =
      this.#options;
    const joined = await kafka.joinGroup({
      groupId,
      instanceId,
      memberId: this.#memberId,
      sessionTimeoutMs,
      rebalanceTimeoutMs,
      protocol: PROTOCOL,
      metadata: AssignerProtocol.MemberMetadata.encode({
        version: METADATA_VERSION,
        topics: [...topics],
        userData: Buffer.from(JSON.stringify({ owned })),
      }),
    });
    this.#memberId = joined.memberId;
    const member = {
      groupId,
      instanceId,
      memberId: joined.memberId,
      generation: joined.generation,
    };
    const isLeader = joined.leaderId === joined.memberId;
    const plan = isLeader ? this.#plan(joined.members) : new Map<string, Buffer>();
    // A member from here on, whether or not it gets to know its tasks: to be left when it stops.
    this.#member = member;
    const assignment = await kafka.syncGroup(member, plan);
    return this.#decode(assignment);
  }

  #plan(members: readonly { memberId: string; metadata: Buffer }[]): Map<string, Buffer> {
    const { partitions, topics } = this.#options;
    const plan = assignTasks(
      partitions,
      members.map(({ memberId, metadata }) => ({ memberId, owned: ownedTasks(metadata) })),
    );
    const encode = (tasks: number[]) =>
      AssignerProtocol.MemberAssignment.encode({
        version: METADATA_VERSION,
        assignment: Object.fromEntries(topics.map((topic) => [topic, tasks])),
        userData: Buffer.alloc(0),
      });
    return new Map([...plan].map(([memberId, tasks]) => [memberId, encode(tasks)]));
  }

  #decode(bytes: Buffer): number[] {
    if (bytes.length === 0) return [];
    const assignment = AssignerProtocol.MemberAssignment.decode(bytes)?.assignment ?? {};
    return [...new Set(Object.values(assignment).flat())].sort((a, b) => a - b);
  }

  #startHeartbeats(onEnd: (end: AssignmentEnd) => void): void {
    const stop = new AbortController();
    this.#heartbeats = { stop, done: this.#heartbeat(stop.signal, onEnd) };
  }

  async #stopHeartbeats(): Promise<void> {
    this.#heartbeats?.stop.abort();
    await this.#heartbeats?.done;
    this.#heartbeats = undefined;
  }

  async #heartbeat(signal: AbortSignal, onEnd: (end: AssignmentEnd) => void): Promise<void> {
    const { kafka, clock, logger, heartbeatIntervalMs } = this.#options;
    const member = this.#member!;
    for (;;) {
      await clock.sleep(heartbeatIntervalMs, signal);
      if (signal.aborted) return;
      try {
        await kafka.heartbeat(member);
      } catch (error) {
        const type = error instanceof KafkaError ? error.type : 'UNKNOWN';
        if (type === 'UNKNOWN_MEMBER_ID') this.#memberId = '';
        // What comes of the old assignment must not end the next one.
        if (isAborted(signal)) return;
        if (type === 'REBALANCE_IN_PROGRESS') {
          onEnd('rebalance');
          return;
        }
        if (LOST.has(type)) {
          onEnd('lost');
          return;
        }
        // While brokers are away nobody else is assigned anything: keep the tasks, and try on.
        logger.debug({ error }, 'heartbeat failed');
        await kafka.refresh().catch((e: unknown) => logger.debug({ error: e }, 'refresh failed'));
      }
    }
  }
}

/** It may be by now, whatever it was before the request. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}

function ownedTasks(metadata: Buffer): number[] {
  const userData = AssignerProtocol.MemberMetadata.decode(metadata)?.userData;
  if (!userData || userData.length === 0) return [];
  const { owned } = JSON.parse(userData.toString()) as { owned?: unknown };
  return Array.isArray(owned) ? owned.filter((n): n is number => Number.isInteger(n)) : [];
}

import type { Clock } from './clock.ts';
import { assignTasks, withholdOwned, type AssignorMember, type TaskId } from './assignor.ts';
import { KafkaError, type Kafka, type Member } from './kafka/kafka.ts';
import {
  decodeAssignment,
  decodeSubscription,
  encodeAssignment,
  encodeSubscription,
  type GroupAssignment,
} from './group-protocol.ts';
import type { Logger } from './logger.ts';
import { retry } from './retry.ts';
import { WakeUp } from './wake-up.ts';

const PROTOCOL = 'streams-cooperative';
const RETRY_PAUSE_MS = 500;
/** Longer than a session: each rebalance starts the sessions anew, also that of a member that is gone and holds tasks. */
const FOLLOW_UP_SESSIONS = 1.5;

/** What a member tells the others when it joins. */
export interface MemberState {
  readonly active: readonly TaskId[];
  readonly standby: readonly TaskId[];
}

/** A task with the partition and the topics it reads. */
export interface TaskInputs {
  readonly id: TaskId;
  readonly partition: number;
  readonly topics: readonly string[];
}

export interface MembershipOptions {
  readonly kafka: Kafka;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly groupId: string;
  /** Stable over restarts, one per state folder: a restarted instance takes its old place at once (KIP-345). */
  readonly instanceId: string;
  /** Every task of the topology, with the topics and the partition it reads. */
  readonly tasks: readonly TaskInputs[];
  readonly standbyReplicas: number;
  /** Where this instance answers queries (`host:port`), told to the others. */
  readonly applicationServer: string | undefined;
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
  readonly heartbeatIntervalMs: number;
  /** What this member has now; asked for at each join. */
  readonly state: () => MemberState;
  /** What it shall have from now on. Tasks that others still run come with a later call. */
  readonly onAssigned: (assignment: GroupAssignment) => void;
  /** It is not in the group any more: others may have its tasks already. */
  readonly onLost: () => void;
}

type Outcome = 'rebalance' | 'lost' | 'stopped';

// Errors that end the membership, and with it the right to the tasks.
// Being fenced may be this member's own doing: a join whose answer was lost has replaced it.
const LOST = new Set(['UNKNOWN_MEMBER_ID', 'ILLEGAL_GENERATION', 'FENCED_INSTANCE_ID']);

/**
 * Membership of the consumer group, with Kafka's classic protocol: join, sync, heartbeat, leave. It runs beside the
 * processing, which goes on through every rebalance with the tasks that stay. Bytes on the wire are those of a consumer, so
 * Kafka's own tools can read who has what.
 *
 * M1. A task is in `active` of at most one member's assignment, and in none while another member says it runs it.
 * M2. After giving up tasks a member joins again (`rejoin`), which lets the leader hand them out.
 * M3. While tasks are kept back, members join again after a while by themselves: whoever was to give them up may have ended,
 *     and have been replaced by a static member, for which no rebalance takes place.
 */
export class Membership {
  readonly #options: MembershipOptions;
  readonly #rejoin = new WakeUp();
  #wantsRejoin = false;
  /** When to ask for the tasks that were kept back (M3). */
  #followUpAt = Infinity;
  #member: Member | undefined;
  #memberId = '';

  constructor(options: MembershipOptions) {
    this.#options = options;
  }

  /** Who this instance is in the group, as of the last join; undefined when it has been let go since. */
  get member(): Member | undefined {
    return this.#memberId === '' ? undefined : this.#member;
  }

  /** Stays in the group until `signal` is aborted. @throws {KafkaError} one that trying again does not mend */
  async run(signal: AbortSignal): Promise<void> {
    const wake = () => this.#rejoin.notify();
    signal.addEventListener('abort', wake);
    try {
      while (!signal.aborted) await this.#runGeneration(signal);
    } finally {
      signal.removeEventListener('abort', wake);
    }
  }

  /** Asks for another rebalance, e.g. since tasks were given up that others wait for. */
  rejoin(): void {
    this.#wantsRejoin = true;
    this.#rejoin.notify();
  }

  /** Leaves, so that others take over at once. Failing that, they wait for the session's end. */
  async leave(): Promise<void> {
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

  async #runGeneration(signal: AbortSignal): Promise<void> {
    const { onAssigned, onLost, clock, logger } = this.#options;
    try {
      this.#wantsRejoin = false;
      const assignment = await this.#join(signal);
      const { sessionTimeoutMs } = this.#options;
      this.#followUpAt = assignment.isPartial
        ? clock.now() + FOLLOW_UP_SESSIONS * sessionTimeoutMs
        : Infinity;
      onAssigned(assignment);
      if ((await this.#heartbeat(signal)) === 'lost') onLost();
    } catch (error) {
      if (signal.aborted) return;
      const isLost = error instanceof KafkaError && LOST.has(error.type);
      if (!isLost && !(error instanceof KafkaError && error.isRetriable)) throw error;
      if (isLost) {
        this.#memberId = '';
        onLost();
      }
      logger.debug(
        { error: error.message, type: error.type },
        'could not join the group, trying again',
      );
      await clock.sleep(RETRY_PAUSE_MS, signal);
    }
  }

  #join(signal: AbortSignal): Promise<GroupAssignment> {
    return retry(`joining group '${this.#options.groupId}'`, () => this.#joinOnce(signal), {
      ...this.#options,
      signal,
      isRetriable: (error) => error.isRetriable || error.type === 'REBALANCE_IN_PROGRESS',
    });
  }

  async #joinOnce(signal: AbortSignal): Promise<GroupAssignment> {
    const { kafka, groupId, instanceId, sessionTimeoutMs, rebalanceTimeoutMs, tasks } =
      this.#options;
    const { state, applicationServer } = this.#options;
    const topics = [...new Set(tasks.flatMap((task) => task.topics))];
    const joined = await kafka.joinGroup({
      groupId,
      instanceId,
      memberId: this.#memberId,
      sessionTimeoutMs,
      rebalanceTimeoutMs,
      protocol: PROTOCOL,
      metadata: encodeSubscription(topics, { ...state(), applicationServer }),
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
    if (signal.aborted) throw new KafkaError('NETWORK', 'told to stop while joining');
    return decodeAssignment(await kafka.syncGroup(member, plan));
  }

  #plan(joined: readonly { memberId: string; metadata: Buffer }[]): Map<string, Buffer> {
    const { tasks, standbyReplicas } = this.#options;
    const members = joined.map(({ memberId, metadata }) => ({
      memberId,
      ...decodeSubscription(metadata),
    }));
    const target = assignTasks(
      tasks.map((task) => task.id),
      members satisfies AssignorMember[],
      standbyReplicas,
    );
    const now = withholdOwned(target, members);
    const given = [...now.values()].reduce((sum, { active }) => sum + active.length, 0);
    const hosts = new Map(
      members.flatMap(({ memberId, applicationServer }) =>
        applicationServer === undefined ? [] : [[applicationServer, now.get(memberId)!] as const],
      ),
    );
    return new Map(
      [...now].map(([memberId, own]) => [
        memberId,
        encodeAssignment(own, tasks, hosts, given < tasks.length),
      ]),
    );
  }

  /** Heartbeats until the assignment ends. */
  async #heartbeat(signal: AbortSignal): Promise<Outcome> {
    const { kafka, clock, logger, heartbeatIntervalMs } = this.#options;
    const member = this.#member!;
    for (;;) {
      await this.#rejoin.wait(heartbeatIntervalMs, clock);
      if (signal.aborted) return 'stopped';
      if (this.#wantsRejoin || clock.now() >= this.#followUpAt) return 'rebalance';
      try {
        await kafka.heartbeat(member);
      } catch (error) {
        const type = error instanceof KafkaError ? error.type : 'UNKNOWN';
        if (type === 'REBALANCE_IN_PROGRESS') return 'rebalance';
        if (LOST.has(type)) {
          this.#memberId = '';
          return 'lost';
        }
        if (error instanceof KafkaError && !error.isRetriable) throw error;
        // While brokers are away nobody else is assigned anything: keep the tasks, and try on.
        logger.debug({ error }, 'heartbeat failed');
        await kafka.refresh().catch((e: unknown) => logger.debug({ error: e }, 'refresh failed'));
      }
    }
  }
}

import type { Clock } from './clock.ts';
import { assignTasks, withholdOwned, type TaskAssignment, type TaskId } from './assignor.ts';
import { KafkaError, type Kafka, type Member } from './kafka/kafka.ts';
import {
  decodeAssignment,
  decodeSubscription,
  encodeAssignment,
  encodeSubscription,
  hostsOf,
  type GroupAssignment,
  type Shutdown,
} from './group-protocol.ts';
import type { Logger } from './logger.ts';
import { retry } from './retry.ts';
import type { ThreadIdentity } from './settings.ts';
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
  readonly thread?: ThreadIdentity | undefined;
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
  readonly heartbeatIntervalMs: number;
  /** What this member has now; asked for at each join. */
  readonly state: () => MemberState;
  /** What it shall have from now on. Tasks that others still run come with a later call. */
  readonly onAssigned: (assignment: GroupAssignment) => void;
  /** It is not in the group any more: others may have its tasks already. */
  readonly onLost: () => void;
  /** A member has shut the application down: this one is to end, too. */
  readonly onShutdown: (reason: string) => void;
}

const NO_TASKS: TaskAssignment = { active: [], standby: [] };

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
 * M4. When a member shuts the application down, the leader gives that news to all instead of tasks (KIP-671), and whoever has
 *     it tells it at each further join. Who came after the generation in which it was asked for is not meant: else instances
 *     that are started again at once would tell each other for ever, and so would a static member that has died since.
 * M5. Others know where a member answers from the last rebalance. A static member that comes back at another address, and so
 *     without one, asks for one, once.
 */
export class Membership {
  readonly #options: MembershipOptions;
  readonly #rejoin = new WakeUp();
  #wantsRejoin = false;
  /** When to ask for the tasks that were kept back (M3). */
  #followUpAt = Infinity;
  #member: Member | undefined;
  #memberId = '';
  #shutdown: Shutdown | undefined;
  #isShutDown = false;
  /** The generation of its first assignment. */
  #since: number | undefined;
  #onTold: () => void = () => undefined;

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

  /** Whether the group knows that the application is shut down. */
  get isShutDown(): boolean {
    return this.#isShutDown;
  }

  /** Shuts the application down: every member is told with its next assignment. Resolves when this one was. */
  async requestShutdown(reason: string): Promise<void> {
    this.#shutdown = { reason, generation: this.#member?.generation ?? 0 };
    const told = Promise.withResolvers<undefined>();
    this.#onTold = () => told.resolve(undefined);
    this.rejoin();
    await told.promise;
  }

  /**
   * Resolves once the group has said that this is still a member of it, or when told to stop. A member that was let go gets no
   * answer here: `onLost` tells.
   */
  async confirm(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    while (!signal.aborted && !(await this.#isCountedIn())) {
      // Whoever heartbeats finds out what it is, and says so.
      this.#rejoin.notify();
      await clock.sleep(RETRY_PAUSE_MS, signal);
    }
  }

  async #isCountedIn(): Promise<boolean> {
    const { kafka, logger } = this.#options;
    if (!this.#member) return false;
    try {
      await kafka.heartbeat(this.#member);
      return true;
    } catch (error) {
      // Until the rebalance is over nobody else is given what this member has.
      if (error instanceof KafkaError && error.type === 'REBALANCE_IN_PROGRESS') return true;
      logger.debug({ error }, 'the group was asked in vain whether this is a member of it');
      return false;
    }
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
      const followUpMs = assignment.isPartial ? FOLLOW_UP_SESSIONS * sessionTimeoutMs : Infinity;
      // Elsewhere: with the next heartbeat, since by then it says what it has begun to run.
      this.#followUpAt = clock.now() + (this.#isElsewhere(assignment) ? 0 : followUpMs);
      if (assignment.shutdown !== undefined && this.#since === undefined) {
        await this.#leaveFormer();
        return;
      }
      this.#since ??= this.#member!.generation;
      if (assignment.shutdown === undefined) onAssigned(assignment);
      else this.#heedShutdown(assignment.shutdown);
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

  /** Whether the others look elsewhere for what it has; asked once, so that nothing can make it a habit (M5). */
  #isElsewhere({ hosts, active, standby, shutdown }: GroupAssignment): boolean {
    const { applicationServer, logger } = this.#options;
    if (applicationServer === undefined || this.#since !== undefined) return false;
    if (shutdown !== undefined) return false;
    const known = hosts.get(applicationServer) ?? NO_TASKS;
    const isKnown =
      active.every((id) => known.active.includes(id)) &&
      standby.every((id) => known.standby.includes(id));
    if (isKnown) return false;
    logger.info({ applicationServer }, 'the group looks for this member elsewhere, telling it');
    return true;
  }

  /** A static member gets what its former process had; that one has died while it was shutting down. */
  async #leaveFormer(): Promise<void> {
    await this.leave();
    this.#memberId = '';
  }

  #heedShutdown(shutdown: Shutdown): void {
    const isNews = this.#shutdown === undefined;
    this.#shutdown ??= shutdown;
    this.#isShutDown = true;
    this.#onTold();
    if (isNews) this.#options.onShutdown(shutdown.reason);
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
    const { state, applicationServer, thread } = this.#options;
    const topics = [...new Set(tasks.flatMap((task) => task.topics))];
    const joined = await kafka.joinGroup({
      groupId,
      instanceId,
      memberId: this.#memberId,
      sessionTimeoutMs,
      rebalanceTimeoutMs,
      protocol: PROTOCOL,
      metadata: encodeSubscription(topics, {
        ...state(),
        applicationServer,
        processId: thread?.processId,
        shutdown: this.#shutdown,
        since: this.#since,
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
    if (signal.aborted) throw new KafkaError('NETWORK', 'told to stop while joining');
    return decodeAssignment(await kafka.syncGroup(member, plan));
  }

  #plan(joined: readonly { memberId: string; metadata: Buffer }[]): Map<string, Buffer> {
    const { tasks, standbyReplicas } = this.#options;
    const members = joined.map(({ memberId, metadata }) => ({
      memberId,
      ...decodeSubscription(metadata),
    }));
    const shutdown = members
      .flatMap((member) => member.shutdown ?? [])
      .reduce<Shutdown | undefined>(
        (a, b) => (a && a.generation > b.generation ? a : b),
        undefined,
      );
    const staying = members.filter(({ since = Infinity }) => since > (shutdown?.generation ?? -1));
    const ids = tasks.map((task) => task.id);
    const target =
      staying.length === 0
        ? new Map<string, TaskAssignment>()
        : assignTasks(ids, staying, standbyReplicas);
    const now = withholdOwned(target, members);
    const given = [...now.values()].reduce((sum, { active }) => sum + active.length, 0);
    const isPartial = given < tasks.length;
    const hosts = hostsOf(staying, now);
    return new Map(
      members.map(({ memberId }) => {
        const own = now.get(memberId);
        const news = { hosts, isPartial, shutdown: own ? undefined : shutdown };
        return [memberId, encodeAssignment(own ?? NO_TASKS, tasks, news)];
      }),
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

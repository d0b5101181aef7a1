import { StreamsException, messageOf } from '../errors.ts';
import { topicName, type Topology } from '../graph/topology.ts';
import { taskId } from '../task/task.ts';
import type { TaskId } from './assignor.ts';
import { backoffMs } from './backoff.ts';
import type { Clock } from './clock.ts';
import type { ErrorPolicy } from './error-policy.ts';
import type { GroupAssignment } from './group-protocol.ts';
import type { Instance } from './instance.ts';
import type { Kafka } from './kafka/kafka.ts';
import { Membership, type MemberState, type TaskInputs } from './membership.ts';
import type { ResolvedConfig } from './settings.ts';
import { StreamThread, type StreamThreadOptions, type ThreadFailure } from './stream-thread.ts';
import type { PreparedTopics } from './topics.ts';

const REPLACE_PAUSE = { firstMs: 100, longestMs: 30_000 };
/** A thread that has run for so long was well: its failure is a first one again. */
const WELL_AFTER_MS = 10_000;
/** How long to wait for a join that is under way, or for the group to have heard of a shutdown. */
const LEAVE_MS = 10_000;
/** In a session. They tell of rebalances, too: rarer ones would make every takeover slower. */
const HEARTBEATS = 20;

export interface SupervisorOptions extends Pick<
  StreamThreadOptions,
  'onContact' | 'restores' | 'standbyUpdates'
> {
  readonly topology: Topology;
  readonly config: ResolvedConfig;
  readonly kafka: Kafka;
  readonly topics: PreparedTopics;
  readonly instance: Instance;
  readonly localTasks: readonly TaskId[];
  readonly policy: ErrorPolicy;
  readonly onState: (state: 'REBALANCING' | 'RUNNING' | 'PENDING_ERROR') => void;
  readonly onAssigned: (assignment: GroupAssignment) => void;
}

/**
 * Runs the group membership and, beside it, the stream thread; where that fails and the policy says so, another one takes
 * its place. What the group has assigned outlives threads.
 */
export class ThreadSupervisor {
  readonly #options: SupervisorOptions;
  readonly #membership: Membership;
  readonly #stop = new AbortController();
  #thread: StreamThread | undefined;
  #assignment: GroupAssignment | undefined;
  #failure: ThreadFailure | undefined;
  #failedThreads = 0;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#membership = this.#makeMembership();
  }

  /** The thread that runs; undefined while none does. */
  get thread(): StreamThread | undefined {
    return this.#thread;
  }

  /** How many threads have failed since the start. */
  get failedThreads(): number {
    return this.#failedThreads;
  }

  stop(): void {
    this.#stop.abort();
    this.#thread?.stop();
  }

  /**
   * Runs until `stop`; then commits, closes and leaves the group.
   * @throws what processing must not go on after
   */
  async run(): Promise<void> {
    const left = new AbortController();
    const member = this.#keepMembership(left.signal);
    try {
      await this.#keepThread();
      if (this.#failure?.action === 'shutdown-application') await this.#tellGroup(this.#failure);
      await this.#linger();
    } finally {
      left.abort();
      await this.#leave(member);
    }
    if (this.#failure) throw this.#failure.error;
  }

  async #keepThread(): Promise<void> {
    const { policy } = this.#options;
    for (let failures = 1; !this.#stop.signal.aborted; failures++) {
      const startedAt = this.#options.config.clock.now();
      const thread = this.#makeThread();
      this.#thread = thread;
      if (this.#assignment) thread.assign(this.#assignment);
      const failure = await thread.run().catch((error: unknown): ThreadFailure => {
        const action = policy.decide(error);
        return { error, action: action === 'restart-task' ? 'replace-thread' : action };
      });
      this.#thread = undefined;
      if (!failure) return;
      this.#failedThreads++;
      if (failure.action !== 'replace-thread') {
        this.#end(failure);
        return;
      }
      if (this.#options.config.clock.now() - startedAt >= WELL_AFTER_MS) failures = 1;
      this.#options.onState('REBALANCING');
      await this.#pause(failures, 'the stream thread has failed, another one takes its place');
      // What it takes up again must still be its own.
      await this.#membership.confirm(this.#stop.signal);
    }
  }

  /** The group gives the tasks to others meanwhile, if this takes longer than a session. */
  async #keepMembership(left: AbortSignal): Promise<void> {
    for (let failures = 1; !left.aborted; failures++) {
      try {
        await this.#membership.run(left);
      } catch (error) {
        const action = this.#options.policy.decide(error);
        if (action !== 'replace-thread' && action !== 'restart-task') {
          this.#end({ error, action });
          return;
        }
        this.#lose();
        await this.#pause(failures, 'the group membership has failed, joining again');
      }
    }
  }

  async #pause(failures: number, message: string): Promise<void> {
    const { clock, random, logger } = this.#options.config;
    const pauseMs = backoffMs(failures, REPLACE_PAUSE, random);
    logger.warn({ failures, pauseMs }, message);
    await clock.sleep(pauseMs, this.#stop.signal);
  }

  /** Stops for a reason: the first one counts. */
  #end(failure: ThreadFailure): void {
    this.#failure ??= failure;
    this.#options.onState('PENDING_ERROR');
    this.stop();
  }

  async #tellGroup({ error }: ThreadFailure): Promise<void> {
    const { clock, logger } = this.#options.config;
    const told = this.#membership.requestShutdown(messageOf(error));
    if (await isDoneWithin(LEAVE_MS, told, clock)) return;
    logger.error(
      {},
      'the other instances could not be told to shut down: they go on; stop them by hand',
    );
  }

  /** Whoever was told to shut down stays for a moment: a member that is slower would not be told in its next generation. */
  async #linger(): Promise<void> {
    if (!this.#membership.isShutDown) return;
    await this.#options.config.clock.sleep(2 * heartbeatIntervalMs(this.#options.config));
  }

  /** A join under way is waited for, to leave what it enters; but not for ever, it may wait for other members. */
  async #leave(member: Promise<void>): Promise<void> {
    let isLate = false;
    const left = member.then(() => (isLate ? undefined : this.#membership.leave()));
    isLate = !(await isDoneWithin(LEAVE_MS, left, this.#options.config.clock));
    await this.#options.kafka.close();
  }

  #lose(): void {
    this.#assignment = undefined;
    this.#thread?.lose();
  }

  #shutDown(reason: string): void {
    const { applicationId } = this.#options.config;
    const error = new StreamsException(
      `an instance of '${applicationId}' has shut the application down: ${reason}`,
    );
    this.#end({ error, action: 'shutdown-client' });
  }

  get #memberState(): MemberState {
    return this.#thread?.memberState ?? { active: [], standby: this.#options.localTasks };
  }

  #makeThread(): StreamThread {
    const { instance } = this.#options;
    return new StreamThread({
      ...this.#options,
      openBackend: instance.openBackend,
      rejoin: () => this.#membership.rejoin(),
      confirmMembership: (signal) => this.#membership.confirm(signal),
      member: () => this.#membership.member,
    });
  }

  #makeMembership(): Membership {
    const { config, instance, topology, topics, kafka } = this.#options;
    return new Membership({
      ...config,
      kafka,
      groupId: config.applicationId,
      instanceId: instance.id,
      tasks: tasksOf(topology, config.applicationId, topics),
      heartbeatIntervalMs: heartbeatIntervalMs(config),
      state: () => this.#memberState,
      onAssigned: (assignment) => {
        this.#assignment = assignment;
        this.#thread?.assign(assignment);
        this.#options.onAssigned(assignment);
      },
      onLost: () => this.#lose(),
      onShutdown: (reason) => this.#shutDown(reason),
    });
  }
}

async function isDoneWithin(ms: number, work: Promise<void>, clock: Clock): Promise<boolean> {
  const over = new AbortController();
  try {
    return await Promise.race([
      work.then(() => true),
      clock.sleep(ms, over.signal).then(() => false),
    ]);
  } finally {
    over.abort();
  }
}

/** How often a member says that it lives. */
export function heartbeatIntervalMs({
  sessionTimeoutMs,
}: Pick<ResolvedConfig, 'sessionTimeoutMs'>): number {
  return Math.max(100, Math.floor(sessionTimeoutMs / HEARTBEATS));
}

/** Every task of the topology, with what it reads. */
function tasksOf(
  topology: Topology,
  applicationId: string,
  { tasks }: PreparedTopics,
): TaskInputs[] {
  return topology.subTopologies.flatMap((sub, i) => {
    const topics = sub.sources.map((source) => topicName(applicationId, source));
    return Array.from({ length: tasks[i]! }, (_, partition) => ({
      id: taskId(sub.id, partition),
      partition,
      topics,
    }));
  });
}

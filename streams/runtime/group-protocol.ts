import { AssignerProtocol } from 'kafkajs';
import type { TaskAssignment, TaskId } from './assignor.ts';

const VERSION = 1;

/** Why the application is shut down, and in which generation that was asked for. */
export interface Shutdown {
  readonly reason: string;
  readonly generation: number;
}

/** What a member sends with its join. */
export interface Subscription {
  readonly active: readonly TaskId[];
  readonly standby: readonly TaskId[];
  /** Where it answers queries, `host:port`. */
  readonly applicationServer: string | undefined;
  /** Its process, where that is a member several times. */
  readonly processId: string | undefined;
  /** It wants the application to be shut down. */
  readonly shutdown: Shutdown | undefined;
  /** The generation of its first assignment since it was started; undefined before that. */
  readonly since: number | undefined;
}

/** What the leader sends to a member. */
export interface GroupAssignment extends TaskAssignment {
  /** Who has what, by `applicationServer`: of those members that have one. */
  readonly hosts: ReadonlyMap<string, TaskAssignment>;
  /** Whether there are tasks that nobody has got, until their owner has let them go. */
  readonly isPartial: boolean;
  /** The application is shut down; there are no tasks then. */
  readonly shutdown: Shutdown | undefined;
}

/** In a consumer's format (Kafka's tools read the topics), with the tasks in its user data. */
export function encodeSubscription(topics: readonly string[], subscription: Subscription): Buffer {
  return AssignerProtocol.MemberMetadata.encode({
    version: VERSION,
    topics: [...topics],
    userData: Buffer.from(JSON.stringify(subscription)),
  });
}

/** A member of another version, or one that says nothing, has nothing. */
export function decodeSubscription(metadata: Buffer): Subscription {
  const userData = AssignerProtocol.MemberMetadata.decode(metadata)?.userData;
  const said = parsed(userData) as Partial<Record<keyof Subscription, unknown>>;
  return {
    active: taskIds(said.active),
    standby: taskIds(said.standby),
    applicationServer: text(said.applicationServer),
    processId: text(said.processId),
    shutdown: shutdownOf(said.shutdown),
    since: typeof said.since === 'number' ? said.since : undefined,
  };
}

/** Who has what, by the address that members have given; several may share one. */
export function hostsOf(
  members: readonly { readonly memberId: string; readonly applicationServer: string | undefined }[],
  assigned: ReadonlyMap<string, TaskAssignment>,
): Map<string, TaskAssignment> {
  const hosts = new Map<string, TaskAssignment>();
  for (const { memberId, applicationServer } of members) {
    if (applicationServer === undefined) continue;
    const { active, standby } = assigned.get(memberId)!;
    const known = hosts.get(applicationServer) ?? { active: [], standby: [] };
    hosts.set(applicationServer, {
      active: [...known.active, ...active],
      standby: [...known.standby, ...standby],
    });
  }
  return hosts;
}

export function encodeAssignment(
  { active, standby }: TaskAssignment,
  tasks: readonly {
    readonly id: TaskId;
    readonly partition: number;
    readonly topics: readonly string[];
  }[],
  { hosts, ...news }: Pick<GroupAssignment, 'hosts' | 'isPartial' | 'shutdown'>,
): Buffer {
  const assignment: Record<string, number[]> = {};
  for (const { id, partition, topics } of tasks) {
    if (!active.includes(id)) continue;
    for (const topic of topics) (assignment[topic] ??= []).push(partition);
  }
  const userData = Buffer.from(JSON.stringify({ active, standby, hosts: [...hosts], ...news }));
  return AssignerProtocol.MemberAssignment.encode({ version: VERSION, assignment, userData });
}

export function decodeAssignment(bytes: Buffer): GroupAssignment {
  const userData =
    bytes.length === 0 ? undefined : AssignerProtocol.MemberAssignment.decode(bytes)?.userData;
  const said = parsed(userData) as Partial<Record<keyof GroupAssignment, unknown>>;
  const hosts = Array.isArray(said.hosts) ? (said.hosts as [string, TaskAssignment][]) : [];
  return {
    active: taskIds(said.active),
    standby: taskIds(said.standby),
    hosts: new Map(hosts),
    isPartial: said.isPartial === true,
    shutdown: shutdownOf(said.shutdown),
  };
}

function parsed(userData: Buffer | undefined | null): object {
  if (!userData || userData.length === 0) return {};
  return JSON.parse(userData.toString()) as object;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function shutdownOf(value: unknown): Shutdown | undefined {
  const { reason, generation } = (value ?? {}) as Partial<Record<keyof Shutdown, unknown>>;
  const isOne = typeof reason === 'string' && typeof generation === 'number';
  return isOne ? { reason, generation } : undefined;
}

function taskIds(value: unknown): TaskId[] {
  return Array.isArray(value) ? value.filter((id): id is TaskId => typeof id === 'string') : [];
}

import type { JoinRequest, JoinResponse, Member } from '#streams/runtime/kafka/kafka';
import type { KafkaError } from '#streams/runtime/kafka/kafka';
import type { Random } from '../random.ts';
import type { ScheduledEvent, Scheduler } from '../scheduler.ts';
import type { Trace } from '../trace.ts';
import { noAnswer, refusal } from './errors.ts';

interface Pending<T> {
  readonly resolve: (answer: T) => void;
  readonly reject: (error: KafkaError) => void;
}

interface GroupMember {
  readonly memberId: string;
  readonly instanceId: string;
  metadata: Buffer;
  assignment: Buffer;
  sessionTimeoutMs: number;
  rebalanceTimeoutMs: number;
  /** Virtual time at which it is taken for dead. */
  deadline: number;
  joining: Pending<JoinResponse> | undefined;
  syncing: Pending<Buffer> | undefined;
}

/** A client's request time-out. */
const FORGOTTEN_MS = 1500;

type GroupState = 'EMPTY' | 'PREPARING_REBALANCE' | 'COMPLETING_REBALANCE' | 'STABLE';

export interface GroupOptions {
  readonly id: string;
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly trace: Trace;
  readonly initialDelayMs: number;
  /** What a leader assigns, by member. */
  readonly onAssigned: (assignments: ReadonlyMap<string, Buffer>) => void;
}

/**
 * One consumer group at its coordinator: the classic protocol with static members (KIP-345).
 *
 *     EMPTY ──join──> PREPARING_REBALANCE ──all joined, or time is over──> COMPLETING_REBALANCE ──leader syncs──> STABLE
 *                            ^──────────────── join, leave, session over ────────────┴──────────────────────────────┘
 *
 * G1. A generation's assignment is the leader's of that generation; members of another generation are refused.
 * G2. An instance has one member; a newer member of the same instance fences it, and takes over its assignment without a
 *     rebalance when the group is stable.
 * G3. A member is removed when its session is over, or when it does not sync in time; a static one is kept through a rebalance
 *     that it misses.
 */
export class Group {
  /** Instances that have asked to leave, whether or not there was a member of theirs any more. */
  readonly leavers = new Set<string>();
  readonly #options: GroupOptions;
  #state: GroupState = 'EMPTY';
  #generation = 0;
  #leader: string | undefined;
  #members = new Map<string, GroupMember>();
  #timer: ScheduledEvent | undefined;
  #stored: { generation: number; leader: string | undefined; members: GroupMember[] };
  #names = 0;

  constructor(options: GroupOptions) {
    this.#options = options;
    this.#stored = { generation: 0, leader: undefined, members: [] };
  }

  join(request: JoinRequest): Promise<JoinResponse> {
    const { instanceId, memberId } = request;
    const known = this.#ofInstance(instanceId);
    if (memberId !== '') {
      if (known && known.memberId !== memberId) throw refusal('FENCED_INSTANCE_ID', memberId);
      if (!known) throw refusal('UNKNOWN_MEMBER_ID', memberId);
      return this.#joinAgain(known, request);
    }
    const newId = `${instanceId}-${++this.#names}`;
    return known ? this.#replace(known, newId, request) : this.#joinNew(newId, request);
  }

  sync(member: Member, assignments: ReadonlyMap<string, Buffer>): Promise<Buffer> {
    const found = this.#find(member);
    this.#touch(found);
    if (this.#state === 'PREPARING_REBALANCE') throw refusal('REBALANCE_IN_PROGRESS');
    if (this.#state === 'STABLE') return Promise.resolve(found.assignment);
    this.#forget(found.syncing);
    const answer = new Promise<Buffer>((resolve, reject) => {
      found.syncing = { resolve, reject };
    });
    if (found.memberId === this.#leader) {
      this.#options.onAssigned(assignments);
      this.#state = 'STABLE';
      for (const each of this.#members.values()) {
        each.assignment = assignments.get(each.memberId) ?? Buffer.alloc(0);
        this.#touch(each);
      }
      this.#store();
      for (const each of this.#members.values()) {
        each.syncing?.resolve(each.assignment);
        each.syncing = undefined;
      }
    }
    return answer;
  }

  heartbeat(member: Member): void {
    this.#touch(this.#find(member));
    if (this.#state === 'PREPARING_REBALANCE') throw refusal('REBALANCE_IN_PROGRESS');
  }

  /** Whether a member may commit offsets: not until it knows its assignment. @throws {KafkaError} */
  mayCommit(member: Member): void {
    this.#touch(this.#find(member));
    if (this.#state === 'COMPLETING_REBALANCE') throw refusal('REBALANCE_IN_PROGRESS');
  }

  leave({ memberId, instanceId }: Member): void {
    this.leavers.add(instanceId);
    const known = this.#ofInstance(instanceId);
    if (!known) throw refusal('UNKNOWN_MEMBER_ID', memberId);
    if (known.memberId !== memberId) throw refusal('FENCED_INSTANCE_ID', memberId);
    this.#remove(known, 'left');
  }

  /** The coordinator has moved: the new one knows what the old one has stored. */
  reload(): void {
    const moved = refusal('NOT_COORDINATOR_FOR_GROUP', this.#options.id);
    for (const member of this.#members.values()) {
      member.joining?.reject(moved);
      member.syncing?.reject(moved);
    }
    this.#stopTimer();
    const { generation, leader, members } = this.#stored;
    this.#generation = generation;
    this.#leader = leader;
    this.#members = new Map();
    for (const stored of members) {
      const member = { ...stored, joining: undefined, syncing: undefined };
      this.#members.set(member.memberId, member);
      this.#watchSession(member);
    }
    this.#state = members.length > 0 ? 'STABLE' : 'EMPTY';
  }

  #joinNew(memberId: string, request: JoinRequest): Promise<JoinResponse> {
    const member: GroupMember = {
      memberId,
      instanceId: request.instanceId,
      metadata: request.metadata,
      assignment: Buffer.alloc(0),
      sessionTimeoutMs: request.sessionTimeoutMs,
      rebalanceTimeoutMs: request.rebalanceTimeoutMs,
      deadline: 0,
      joining: undefined,
      syncing: undefined,
    };
    this.#members.set(memberId, member);
    this.#watchSession(member);
    return this.#awaitRebalance(member, request);
  }

  /** The instance was started again, or has forgotten its member id. */
  #replace(old: GroupMember, memberId: string, request: JoinRequest): Promise<JoinResponse> {
    const fenced = refusal('FENCED_INSTANCE_ID', old.memberId);
    old.joining?.reject(fenced);
    old.syncing?.reject(fenced);
    this.#members.delete(old.memberId);
    const formerLeader = this.#leader;
    if (this.#leader === old.memberId) this.#leader = memberId;
    const { metadata, sessionTimeoutMs, rebalanceTimeoutMs } = request;
    const member = { ...old, memberId, metadata, sessionTimeoutMs, rebalanceTimeoutMs };
    member.joining = member.syncing = undefined;
    this.#members.set(memberId, member);
    this.#watchSession(member);
    if (this.#state !== 'STABLE') return this.#awaitRebalance(member, request);
    this.#store();
    // With the former leader's id, so that it does not assign anything: there is no rebalance.
    return Promise.resolve({
      generation: this.#generation,
      memberId,
      leaderId: formerLeader ?? '',
      members: [],
    });
  }

  #joinAgain(member: GroupMember, request: JoinRequest): Promise<JoinResponse> {
    this.#touch(member);
    const isSame = member.metadata.equals(request.metadata);
    const mayStay =
      this.#state === 'COMPLETING_REBALANCE' ||
      (this.#state === 'STABLE' && member.memberId !== this.#leader);
    if (mayStay && isSame) return Promise.resolve(this.#answer(member));
    return this.#awaitRebalance(member, request);
  }

  #awaitRebalance(member: GroupMember, request: JoinRequest): Promise<JoinResponse> {
    member.metadata = request.metadata;
    this.#forget(member.joining);
    const answer = new Promise<JoinResponse>((resolve, reject) => {
      member.joining = { resolve, reject };
    });
    if (this.#state === 'PREPARING_REBALANCE') this.#maybeCompleteJoin();
    else this.#prepareRebalance();
    return answer;
  }

  #prepareRebalance(): void {
    const { scheduler, trace, initialDelayMs, id } = this.#options;
    const wasEmpty = this.#state === 'EMPTY';
    for (const member of this.#members.values()) {
      member.syncing?.reject(refusal('REBALANCE_IN_PROGRESS'));
      member.syncing = undefined;
    }
    this.#state = 'PREPARING_REBALANCE';
    trace.add('broker', () => `group ${id} rebalances`);
    this.#stopTimer();
    const timeouts = [...this.#members.values()].map((m) => m.rebalanceTimeoutMs);
    const wait = wasEmpty ? initialDelayMs : Math.max(0, ...timeouts);
    this.#timer = scheduler.after(wait, () => {
      this.#completeJoin();
    });
    if (!wasEmpty) this.#maybeCompleteJoin();
  }

  #maybeCompleteJoin(): void {
    const isInitial = this.#generation === 0;
    if (isInitial) return;
    if ([...this.#members.values()].every((m) => m.joining)) this.#completeJoin();
  }

  #completeJoin(): void {
    this.#stopTimer();
    const { scheduler, trace, id } = this.#options;
    const members = [...this.#members.values()];
    if (members.length === 0) {
      this.#state = 'EMPTY';
      this.#generation++;
      this.#leader = undefined;
      this.#store();
      return;
    }
    const joined = members.filter((m) => m.joining);
    if (joined.length === 0) {
      // Until the sessions of the silent ones are over.
      this.#timer = scheduler.after(members[0]!.rebalanceTimeoutMs, () => {
        this.#completeJoin();
      });
      return;
    }
    if (!joined.some((m) => m.memberId === this.#leader)) this.#leader = joined[0]!.memberId;
    this.#generation++;
    this.#state = 'COMPLETING_REBALANCE';
    trace.add('broker', () => {
      const ids = members.map((m) => `${m.memberId}${m.joining ? '' : ' (absent)'}`);
      return `group ${id} generation ${this.#generation}: ${ids.join(', ')}`;
    });
    for (const member of joined) {
      this.#touch(member);
      member.joining?.resolve(this.#answer(member));
      member.joining = undefined;
    }
    const timeout = Math.max(...members.map((m) => m.rebalanceTimeoutMs));
    const generation = this.#generation;
    this.#timer = scheduler.after(timeout, () => {
      if (this.#generation !== generation || this.#state !== 'COMPLETING_REBALANCE') return;
      for (const member of [...this.#members.values()]) {
        if (!member.syncing) this.#remove(member, 'did not sync');
      }
    });
  }

  #answer(member: GroupMember): JoinResponse {
    const isLeader = member.memberId === this.#leader;
    const members = isLeader
      ? [...this.#members.values()].map(({ memberId, metadata }) => ({ memberId, metadata }))
      : [];
    return {
      generation: this.#generation,
      memberId: member.memberId,
      leaderId: this.#leader ?? '',
      members,
    };
  }

  #remove(member: GroupMember, why: string): void {
    const { id, trace } = this.#options;
    trace.add('broker', () => `group ${id}: ${member.memberId} ${why}`);
    this.#members.delete(member.memberId);
    member.joining?.reject(refusal('UNKNOWN_MEMBER_ID', why));
    member.syncing?.reject(refusal('UNKNOWN_MEMBER_ID', why));
    if (this.#leader === member.memberId) this.#leader = this.#members.keys().next().value;
    if (this.#state === 'PREPARING_REBALANCE') this.#maybeCompleteJoin();
    else if (this.#state !== 'EMPTY') this.#prepareRebalance();
  }

  #find({ memberId, instanceId, generation }: Member): GroupMember {
    const known = this.#ofInstance(instanceId);
    if (!known) throw refusal('UNKNOWN_MEMBER_ID', memberId);
    if (known.memberId !== memberId) throw refusal('FENCED_INSTANCE_ID', memberId);
    if (this.#state === 'EMPTY') throw refusal('UNKNOWN_MEMBER_ID', memberId);
    if (generation !== this.#generation) throw refusal('ILLEGAL_GENERATION', memberId);
    return known;
  }

  #ofInstance(instanceId: string): GroupMember | undefined {
    for (const member of this.#members.values()) {
      if (member.instanceId === instanceId) return member;
    }
    return undefined;
  }

  #touch(member: GroupMember): void {
    member.deadline = this.#options.scheduler.now + member.sessionTimeoutMs;
  }

  #watchSession(member: GroupMember): void {
    const { scheduler } = this.#options;
    this.#touch(member);
    const look = () => {
      if (this.#members.get(member.memberId) !== member) return;
      // Who waits for the group's answer can't be late.
      if (member.joining || member.syncing) this.#touch(member);
      if (scheduler.now >= member.deadline) this.#remove(member, 'is silent: session over');
      else scheduler.at(member.deadline, look);
    };
    scheduler.at(member.deadline, look);
  }

  /** Only the newest request of a member is answered; whoever waits for an older one gives up in the end. */
  #forget<T>(pending: Pending<T> | undefined): void {
    if (!pending) return;
    const giveUp = () => pending.reject(noAnswer('a newer request has taken its place'));
    this.#options.scheduler.after(FORGOTTEN_MS, giveUp);
  }

  #store(): void {
    const members = [...this.#members.values()].map((member) => ({ ...member }));
    this.#stored = { generation: this.#generation, leader: this.#leader, members };
  }

  #stopTimer(): void {
    if (this.#timer) this.#timer.isCancelled = true;
    this.#timer = undefined;
  }
}

import { AssignerProtocol } from 'kafkajs';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { JoinRequest, JoinResponse, Member } from './kafka/kafka.ts';
import { Membership, type AssignmentEnd } from './membership.ts';
import { ManualClock, settle } from './testing/clocks.ts';
import { answer, collectingLogger, kafkaError, stubKafka } from './testing/stub-kafka.ts';

const { MemberAssignment, MemberMetadata } = AssignerProtocol;
const HEARTBEAT_MS = 1000;

type Call = 'join' | 'sync' | 'heartbeat' | 'leave';

/** A coordinator that answers as the test says, and notes what it is asked. */
class Coordinator {
  readonly clock = new ManualClock();
  readonly logger = collectingLogger();
  readonly log: string[] = [];
  readonly joins: JoinRequest[] = [];
  readonly ends: AssignmentEnd[] = [];
  /** By call: what it answers instead, one after the other. */
  readonly faults: Partial<Record<Call, (Error | Promise<never>)[]>> = {};
  /** What it answers to a join; the member id is the one that was sent, or a new one. */
  response: Partial<JoinResponse> = {};
  assignment: Buffer = assignmentOf({ orders: [0], payments: [0] });
  plan: ReadonlyMap<string, Buffer> = new Map();
  refreshed = 0;
  readonly membership: Membership;
  readonly #stop = new AbortController();
  #members = 0;

  constructor(partitions = 4) {
    const member = (m: Member) => `${m.memberId}/${m.instanceId} #${m.generation}`;
    this.membership = new Membership({
      clock: this.clock,
      logger: this.logger,
      groupId: 'app',
      instanceId: 'instance',
      topics: ['orders', 'payments'],
      partitions,
      sessionTimeoutMs: 10_000,
      rebalanceTimeoutMs: 60_000,
      heartbeatIntervalMs: HEARTBEAT_MS,
      kafka: stubKafka({
        joinGroup: (request) =>
          this.#call('join', `join as '${request.memberId}'`, () => {
            this.joins.push(request);
            const memberId = request.memberId || `m${++this.#members}`;
            return { generation: 1, memberId, leaderId: 'other', members: [], ...this.response };
          }),
        syncGroup: (m, plan) =>
          this.#call('sync', `sync ${member(m)}`, () => {
            this.plan = plan;
            return this.assignment;
          }),
        heartbeat: (m) => this.#call('heartbeat', `heartbeat ${member(m)}`, () => undefined),
        leaveGroup: (m) => this.#call('leave', `leave ${member(m)}`, () => undefined),
        refresh: () =>
          answer(() => {
            this.refreshed++;
          }),
      }),
    });
    onTestFinished(() => this.membership.leave());
  }

  join(owned: readonly number[] = []): Promise<number[]> {
    return this.membership.join(owned, (end) => this.ends.push(end), this.#stop.signal);
  }

  stop(): void {
    this.#stop.abort();
  }

  /** Joined, and nothing noted yet. */
  async joined(): Promise<this> {
    await this.join();
    this.log.length = 0;
    return this;
  }

  #call<T>(call: Call, line: string, then: () => T): Promise<T> {
    this.log.push(line);
    const fault = this.faults[call]?.shift();
    if (fault instanceof Error) return Promise.reject(fault);
    return fault ?? answer(then);
  }
}

function assignmentOf(assignment: Record<string, number[]>): Buffer {
  return MemberAssignment.encode({ version: 1, assignment, userData: Buffer.alloc(0) });
}

function metadataOf(owned: unknown): Buffer {
  const userData = Buffer.from(JSON.stringify({ owned }));
  return MemberMetadata.encode({ version: 1, topics: ['orders', 'payments'], userData });
}

function decodePlan(plan: ReadonlyMap<string, Buffer>) {
  return Object.fromEntries(
    [...plan].map(([memberId, bytes]) => [memberId, MemberAssignment.decode(bytes)!.assignment]),
  );
}

describe('joining', () => {
  test('is joining, then syncing with what the answer says', async () => {
    const coordinator = new Coordinator();
    coordinator.response = { generation: 7, memberId: 'm-7' };
    await coordinator.join();
    expect(coordinator.log).toEqual(["join as ''", 'sync m-7/instance #7']);
    expect(coordinator.joins[0]).toMatchObject({
      groupId: 'app',
      instanceId: 'instance',
      sessionTimeoutMs: 10_000,
      rebalanceTimeoutMs: 60_000,
      protocol: 'streams-by-partition',
    });
  });

  test.each([
    [{ orders: [3, 1], payments: [3, 1] }, [1, 3]],
    [{}, []],
  ])('gives the tasks assigned, by partition: %j', async (assignment, tasks) => {
    const coordinator = new Coordinator();
    coordinator.assignment = assignmentOf(assignment);
    expect(await coordinator.join()).toEqual(tasks);
  });

  test('gives no tasks when the assignment is empty', async () => {
    const coordinator = new Coordinator();
    coordinator.assignment = Buffer.alloc(0);
    expect(await coordinator.join()).toEqual([]);
  });

  test('tells the topics as a consumer does, and the tasks whose state is here', async () => {
    const coordinator = new Coordinator();
    await coordinator.join([2, 0]);
    const metadata = MemberMetadata.decode(coordinator.joins[0]!.metadata)!;
    expect(metadata.topics).toEqual(['orders', 'payments']);
    expect(JSON.parse(metadata.userData.toString())).toEqual({ owned: [2, 0] });
  });

  test('again is joining as the same member', async () => {
    const coordinator = await new Coordinator().joined();
    await coordinator.join();
    expect(coordinator.log[0]).toBe("join as 'm1'");
  });
});

describe('the plan', () => {
  test('is made by the leader, from what every member tells', async () => {
    const coordinator = new Coordinator(4);
    coordinator.response = {
      memberId: 'a',
      leaderId: 'a',
      members: [
        { memberId: 'a', metadata: metadataOf([3, 0]) },
        { memberId: 'b', metadata: metadataOf([]) },
      ],
    };
    await coordinator.join();
    expect(decodePlan(coordinator.plan)).toEqual({
      a: { orders: [0, 3], payments: [0, 3] },
      b: { orders: [1, 2], payments: [1, 2] },
    });
  });

  test('is not made by a follower', async () => {
    const coordinator = new Coordinator();
    await coordinator.join();
    expect([...coordinator.plan]).toEqual([]);
  });

  test.each([
    [
      'without user data',
      MemberMetadata.encode({ version: 1, topics: [], userData: Buffer.alloc(0) }),
    ],
    ['with a list that is none', metadataOf('all')],
    ['with numbers that are none', metadataOf(['0', null, 1.5])],
  ])('counts a member %s as one that has nothing', async (_name, metadata) => {
    const coordinator = new Coordinator(2);
    coordinator.response = {
      memberId: 'a',
      leaderId: 'a',
      members: [
        { memberId: 'a', metadata },
        { memberId: 'b', metadata: metadataOf([0]) },
      ],
    };
    await coordinator.join();
    expect(decodePlan(coordinator.plan)).toMatchObject({ a: { orders: [1] }, b: { orders: [0] } });
  });
});

describe('an error', () => {
  test.each([
    ['join', 'NETWORK'],
    ['join', 'GROUP_LOAD_IN_PROGRESS'],
    ['join', 'NOT_COORDINATOR_FOR_GROUP'],
    ['sync', 'NETWORK'],
    ['sync', 'REBALANCE_IN_PROGRESS'],
    ['sync', 'ILLEGAL_GENERATION'],
  ] as const)('at %s (%s) is a reason to join again', async (call, type) => {
    const coordinator = new Coordinator();
    coordinator.faults[call] = [kafkaError(type)];
    const joined = coordinator.join();
    await coordinator.clock.advance(20);
    expect(await joined).toEqual([0]);
    expect(coordinator.refreshed).toBe(1);
    const joins = coordinator.log.filter((line) => line.startsWith('join'));
    expect(joins).toEqual(["join as ''", call === 'join' ? "join as ''" : "join as 'm1'"]);
  });

  test.each(['join', 'sync'] as const)(
    'that the member is not known (at %s) leads to joining as a new one',
    async (call) => {
      const coordinator = await new Coordinator().joined();
      coordinator.faults[call] = [kafkaError('UNKNOWN_MEMBER_ID')];
      const joined = coordinator.join();
      await coordinator.clock.advance(20);
      await joined;
      const joins = coordinator.log.filter((line) => line.startsWith('join'));
      expect(joins).toEqual(["join as 'm1'", "join as ''"]);
    },
  );

  test('that waiting does not mend is thrown', async () => {
    const coordinator = new Coordinator();
    const fault = kafkaError('GROUP_AUTHORIZATION_FAILED');
    coordinator.faults.join = [fault];
    await expect(coordinator.join()).rejects.toBe(fault);
    await coordinator.clock.advance(10 * HEARTBEAT_MS);
    expect(coordinator.log).toEqual(["join as ''"]);
  });

  test('ends the attempts when they are called off', async () => {
    const coordinator = new Coordinator();
    const fault = kafkaError('NETWORK');
    coordinator.faults.join = [fault];
    const joined = coordinator.join();
    await settle();
    coordinator.stop();
    await expect(joined).rejects.toBe(fault);
    expect(coordinator.log).toEqual(["join as ''"]);
  });
});

describe('heartbeats', () => {
  test('go on from joining, at their interval', async () => {
    const coordinator = await new Coordinator().joined();
    await coordinator.clock.advance(HEARTBEAT_MS - 1);
    expect(coordinator.log).toEqual([]);
    await coordinator.clock.advance(2 * HEARTBEAT_MS + 1);
    const heartbeat = 'heartbeat m1/instance #1';
    expect(coordinator.log).toEqual([heartbeat, heartbeat, heartbeat]);
    expect(coordinator.ends).toEqual([]);
  });

  test('tell of a rebalance, once, and end', async () => {
    const coordinator = await new Coordinator().joined();
    coordinator.faults.heartbeat = [kafkaError('REBALANCE_IN_PROGRESS')];
    await coordinator.clock.advance(5 * HEARTBEAT_MS);
    expect(coordinator.ends).toEqual(['rebalance']);
    expect(coordinator.log).toHaveLength(1);
  });

  test.each(['UNKNOWN_MEMBER_ID', 'ILLEGAL_GENERATION', 'FENCED_INSTANCE_ID'])(
    'tell of a membership that is lost (%s), once, and end',
    async (type) => {
      const coordinator = await new Coordinator().joined();
      coordinator.faults.heartbeat = [kafkaError(type)];
      await coordinator.clock.advance(5 * HEARTBEAT_MS);
      expect(coordinator.ends).toEqual(['lost']);
      expect(coordinator.log).toHaveLength(1);
    },
  );

  test.each([
    ['UNKNOWN_MEMBER_ID', "join as ''"],
    ['ILLEGAL_GENERATION', "join as 'm1'"],
    ['REBALANCE_IN_PROGRESS', "join as 'm1'"],
  ])('after %s: %s', async (type, join) => {
    const coordinator = await new Coordinator().joined();
    coordinator.faults.heartbeat = [kafkaError(type)];
    await coordinator.clock.advance(HEARTBEAT_MS);
    await coordinator.join();
    expect(coordinator.log[1]).toBe(join);
  });

  test('that get no answer change nothing, and go on', async () => {
    const coordinator = await new Coordinator().joined();
    coordinator.faults.heartbeat = [kafkaError('NETWORK'), kafkaError('NOT_COORDINATOR_FOR_GROUP')];
    await coordinator.clock.advance(3 * HEARTBEAT_MS);
    expect(coordinator.log).toHaveLength(3);
    expect(coordinator.ends).toEqual([]);
    expect(coordinator.refreshed).toBe(2);
  });

  test('stop before the next join, and are those of the new generation after it', async () => {
    const coordinator = await new Coordinator().joined();
    coordinator.response = { generation: 2 };
    const held = Promise.withResolvers<never>();
    coordinator.faults.join = [held.promise];
    const joined = coordinator.join();
    await coordinator.clock.advance(5 * HEARTBEAT_MS);
    expect(coordinator.log).toEqual(["join as 'm1'"]);
    held.reject(kafkaError('NETWORK'));
    await coordinator.clock.advance(20);
    await joined;
    coordinator.log.length = 0;
    await coordinator.clock.advance(HEARTBEAT_MS);
    expect(coordinator.log).toEqual(['heartbeat m1/instance #2']);
  });

  test('under way are waited for before the next join, and do not end the new assignment', async () => {
    const coordinator = await new Coordinator().joined();
    const held = Promise.withResolvers<never>();
    coordinator.faults.heartbeat = [held.promise];
    await coordinator.clock.advance(HEARTBEAT_MS);
    const joined = coordinator.join();
    await settle();
    expect(coordinator.log).toEqual(['heartbeat m1/instance #1']);
    held.reject(kafkaError('REBALANCE_IN_PROGRESS'));
    await joined;
    expect(coordinator.ends).toEqual([]);
  });

  test('under way still tell that the member is not known', async () => {
    const coordinator = await new Coordinator().joined();
    const held = Promise.withResolvers<never>();
    coordinator.faults.heartbeat = [held.promise];
    await coordinator.clock.advance(HEARTBEAT_MS);
    const joined = coordinator.join();
    held.reject(kafkaError('UNKNOWN_MEMBER_ID'));
    await joined;
    expect(coordinator.ends).toEqual([]);
    expect(coordinator.log[1]).toBe("join as ''");
  });
});

describe('leaving', () => {
  test('is told, and ends the heartbeats', async () => {
    const coordinator = await new Coordinator().joined();
    await coordinator.membership.leave();
    await coordinator.clock.advance(5 * HEARTBEAT_MS);
    expect(coordinator.log).toEqual(['leave m1/instance #1']);
    expect(coordinator.clock.pauses).toEqual([]);
  });

  test('is told once', async () => {
    const coordinator = await new Coordinator().joined();
    await coordinator.membership.leave();
    await coordinator.membership.leave();
    expect(coordinator.log).toHaveLength(1);
  });

  test('is told also by a member that never got to know its tasks', async () => {
    const coordinator = new Coordinator();
    coordinator.faults.sync = [kafkaError('NETWORK')];
    const joined = coordinator.join().catch(() => 'called off');
    await settle();
    coordinator.stop();
    expect(await joined).toBe('called off');
    await coordinator.membership.leave();
    expect(coordinator.log.at(-1)).toBe('leave m1/instance #1');
  });

  test('before joining is nothing', async () => {
    const coordinator = new Coordinator();
    await coordinator.membership.leave();
    expect(coordinator.log).toEqual([]);
  });

  test('is told again when the coordinator has moved', async () => {
    const coordinator = await new Coordinator().joined();
    coordinator.faults.leave = [kafkaError('NOT_COORDINATOR_FOR_GROUP')];
    const left = coordinator.membership.leave();
    await coordinator.clock.advance(20);
    await left;
    expect(coordinator.refreshed).toBe(1);
    expect(coordinator.log.filter((line) => line === 'leave m1/instance #1')).toHaveLength(2);
  });

  test('that is not heard is no error: the session ends by itself', async () => {
    const coordinator = await new Coordinator().joined();
    coordinator.faults.leave = [kafkaError('NETWORK')];
    await coordinator.membership.leave();
    expect(coordinator.logger.warnings.map(([, message]) => message)).toEqual([
      "could not leave group 'app'",
    ]);
  });
});

import { describe, expect, onTestFinished, test } from 'vitest';
import {
  decodeAssignment,
  decodeSubscription,
  encodeAssignment,
  encodeSubscription,
  hostsOf,
  type GroupAssignment,
  type Shutdown,
} from './group-protocol.ts';
import type { JoinRequest, JoinResponse, Member } from './kafka/kafka.ts';
import { Membership, type MemberState } from './membership.ts';
import { ManualClock, settle } from './testing/clocks.ts';
import { answer, collectingLogger, kafkaError, stubKafka } from './testing/stub-kafka.ts';

const HEARTBEAT_MS = 1000;
const SESSION_MS = 10_000;
const TASKS = [0, 1, 2, 3].map((partition) => ({
  id: `0_${partition}`,
  partition,
  topics: ['orders', 'payments'],
}));

type Call = 'join' | 'sync' | 'heartbeat' | 'leave';

/** A coordinator that answers as the test says, and notes what it is asked. */
class Coordinator {
  readonly clock = new ManualClock();
  readonly log: string[] = [];
  readonly joins: JoinRequest[] = [];
  readonly assigned: GroupAssignment[] = [];
  lost = 0;
  readonly shutdowns: string[] = [];
  onLeave: () => void = () => undefined;
  state: MemberState = { active: [], standby: [] };
  /** By call: what it answers instead, one after the other. */
  readonly faults: Partial<Record<Call, Error[]>> = {};
  response: Partial<JoinResponse> = {};
  assignment = assignmentOf(['0_0']);
  plan: ReadonlyMap<string, Buffer> = new Map();
  readonly membership: Membership;
  readonly stop = new AbortController();
  #members = 0;

  constructor() {
    const member = (m: Member) => `${m.memberId} #${m.generation}`;
    this.membership = new Membership({
      clock: this.clock,
      logger: collectingLogger(),
      groupId: 'app',
      instanceId: 'instance',
      tasks: TASKS,
      standbyReplicas: 0,
      applicationServer: 'here:1',
      sessionTimeoutMs: SESSION_MS,
      rebalanceTimeoutMs: 60_000,
      heartbeatIntervalMs: HEARTBEAT_MS,
      state: () => this.state,
      onAssigned: (assignment) => this.assigned.push(assignment),
      onLost: () => this.lost++,
      onShutdown: (reason) => this.shutdowns.push(reason),
      kafka: stubKafka({
        joinGroup: (request) =>
          this.#call('join', `join '${request.memberId}'`, () => {
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
        leaveGroup: (m) => this.#call('leave', `leave ${member(m)}`, () => this.onLeave()),
        refresh: () => answer(() => undefined),
      }),
    });
    onTestFinished(() => this.stop.abort());
  }

  /** Runs in the background, up to the first wait. */
  async run(): Promise<{ done: Promise<void> }> {
    const done = this.membership.run(this.stop.signal);
    done.catch(() => undefined);
    await settle();
    return { done };
  }

  #call<T>(call: Call, line: string, then: () => T): Promise<T> {
    this.log.push(line);
    const fault = this.faults[call]?.shift();
    return fault ? Promise.reject(fault) : answer(then);
  }
}

function assignmentOf(
  active: string[],
  isPartial = false,
  reason?: string,
  host = 'here:1',
): Buffer {
  const assigned = { active, standby: [] };
  const news = { hosts: new Map([[host, assigned]]), isPartial, shutdown: shutdownFor(reason) };
  return encodeAssignment(assigned, TASKS, news);
}

/** As asked for in the first generation. */
function shutdownFor(reason: string | undefined): Shutdown | undefined {
  return reason === undefined ? undefined : { reason, generation: 1 };
}

describe('joining', () => {
  test('joins, syncs, and hands on what it is assigned', async () => {
    const coordinator = new Coordinator();
    coordinator.response = { generation: 7 };
    await coordinator.run();
    expect(coordinator.log).toEqual(["join ''", 'sync m1 #7']);
    expect(coordinator.assigned.map((a) => a.active)).toEqual([['0_0']]);
    expect(coordinator.plan.size).toBe(0);
  });

  test('tells what it runs, what it has, and where it is', async () => {
    const coordinator = new Coordinator();
    coordinator.state = { active: ['0_1'], standby: ['0_2'] };
    await coordinator.run();
    expect(decodeSubscription(coordinator.joins[0]!.metadata)).toEqual({
      active: ['0_1'],
      standby: ['0_2'],
      applicationServer: 'here:1',
      shutdown: undefined,
      since: undefined,
    });
  });

  test('plans for everyone as the leader, and keeps back what another one still runs', async () => {
    const coordinator = new Coordinator();
    const subscription = (active: string[], applicationServer: string) =>
      encodeSubscription(['orders'], {
        active,
        standby: [],
        applicationServer,
        processId: undefined,
        shutdown: undefined,
        since: 1,
      });
    coordinator.response = {
      memberId: 'm1',
      leaderId: 'm1',
      members: [
        { memberId: 'm1', metadata: subscription([], 'here:1') },
        { memberId: 'm2', metadata: subscription(['0_0', '0_1', '0_2'], 'there:2') },
      ],
    };
    await coordinator.run();
    const plan = new Map([...coordinator.plan].map(([id, bytes]) => [id, decodeAssignment(bytes)]));
    expect(plan.get('m1')).toMatchObject({ active: ['0_3'], isPartial: true });
    expect(plan.get('m2')).toMatchObject({ active: ['0_0', '0_1'], isPartial: true });
    expect(plan.get('m1')!.hosts.get('there:2')!.active).toEqual(['0_0', '0_1']);
  });

  test.each(['NETWORK', 'REBALANCE_IN_PROGRESS', 'NOT_COORDINATOR_FOR_GROUP'])(
    'tries again after %s',
    async (type) => {
      const coordinator = new Coordinator();
      coordinator.faults.join = [kafkaError(type)];
      await coordinator.run();
      await coordinator.clock.advance(500);
      expect(coordinator.assigned).toHaveLength(1);
    },
  );

  test.each(['UNKNOWN_MEMBER_ID', 'FENCED_INSTANCE_ID', 'ILLEGAL_GENERATION'])(
    'is lost after %s, and joins as a new member',
    async (type) => {
      const coordinator = new Coordinator();
      coordinator.faults.sync = [kafkaError(type)];
      await coordinator.run();
      await coordinator.clock.advance(500);
      expect(coordinator.lost).toBe(1);
      expect(coordinator.log.slice(0, 3)).toEqual(["join ''", 'sync m1 #1', "join ''"]);
    },
  );

  test('ends with an error that does not pass', async () => {
    const coordinator = new Coordinator();
    coordinator.faults.join = [kafkaError('GROUP_AUTHORIZATION_FAILED')];
    await expect(coordinator.membership.run(coordinator.stop.signal)).rejects.toMatchObject({
      type: 'GROUP_AUTHORIZATION_FAILED',
    });
  });
});

describe('heartbeats', () => {
  test('go on while nothing happens', async () => {
    const coordinator = new Coordinator();
    await coordinator.run();
    await coordinator.clock.advance(2 * HEARTBEAT_MS);
    expect(coordinator.log.slice(2)).toEqual(['heartbeat m1 #1', 'heartbeat m1 #1']);
  });

  test('a rebalance is joined with the same member id, and costs no task', async () => {
    const coordinator = new Coordinator();
    await coordinator.run();
    coordinator.faults.heartbeat = [kafkaError('REBALANCE_IN_PROGRESS')];
    await coordinator.clock.advance(HEARTBEAT_MS);
    expect(coordinator.log.slice(2)).toEqual(['heartbeat m1 #1', "join 'm1'", 'sync m1 #1']);
    expect(coordinator.lost).toBe(0);
    expect(coordinator.assigned).toHaveLength(2);
  });

  test.each(['UNKNOWN_MEMBER_ID', 'FENCED_INSTANCE_ID', 'ILLEGAL_GENERATION'])(
    '%s: lost, and joined anew',
    async (type) => {
      const coordinator = new Coordinator();
      await coordinator.run();
      coordinator.faults.heartbeat = [kafkaError(type)];
      await coordinator.clock.advance(HEARTBEAT_MS);
      expect(coordinator.lost).toBe(1);
      expect(coordinator.log.slice(3)).toEqual(["join ''", 'sync m2 #1']);
    },
  );

  test('without an answer the tasks stay', async () => {
    const coordinator = new Coordinator();
    await coordinator.run();
    coordinator.faults.heartbeat = [kafkaError('NETWORK')];
    await coordinator.clock.advance(2 * HEARTBEAT_MS);
    expect(coordinator.log.slice(2)).toEqual(['heartbeat m1 #1', 'heartbeat m1 #1']);
    expect(coordinator.lost).toBe(0);
  });

  test('refused for good, they end the membership', async () => {
    const coordinator = new Coordinator();
    const { done } = await coordinator.run();
    coordinator.faults.heartbeat = [kafkaError('GROUP_AUTHORIZATION_FAILED')];
    await coordinator.clock.advance(HEARTBEAT_MS);
    await expect(done).rejects.toMatchObject({ type: 'GROUP_AUTHORIZATION_FAILED' });
  });
});

describe('asking for another rebalance', () => {
  test('at once when tasks were given up', async () => {
    const coordinator = new Coordinator();
    await coordinator.run();
    coordinator.membership.rejoin();
    await settle();
    expect(coordinator.log.slice(2)).toEqual(["join 'm1'", 'sync m1 #1']);
  });

  test('after more than a session while tasks are kept back, not sooner', async () => {
    const coordinator = new Coordinator();
    coordinator.assignment = assignmentOf([], true);
    await coordinator.run();
    await coordinator.clock.advance(SESSION_MS);
    expect(coordinator.joins).toHaveLength(1);
    await coordinator.clock.advance(SESSION_MS);
    expect(coordinator.joins).toHaveLength(2);
  });
});

describe('the address that others ask it at', () => {
  test('is told once more when the group has another one: the instance was started again elsewhere', async () => {
    const coordinator = new Coordinator();
    coordinator.assignment = assignmentOf(['0_0'], false, undefined, 'former:1');
    await coordinator.run();
    // Not at once: it has to say what it has begun to run.
    expect(coordinator.joins).toHaveLength(1);
    await coordinator.clock.advance(HEARTBEAT_MS);
    expect(coordinator.joins).toHaveLength(2);
    // Else the coordinator answers a follower as before, without a rebalance.
    expect(coordinator.joins[1]!.metadata).not.toEqual(coordinator.joins[0]!.metadata);
    await coordinator.clock.advance(5 * SESSION_MS);
    expect(coordinator.joins).toHaveLength(2);
  });

  test('is not told again when the group has it, nor by who has nothing to be found', async () => {
    for (const assignment of [assignmentOf(['0_0']), assignmentOf([], false, undefined, 'x:1')]) {
      const coordinator = new Coordinator();
      coordinator.assignment = assignment;
      await coordinator.run();
      await coordinator.clock.advance(5 * SESSION_MS);
      expect(coordinator.joins).toHaveLength(1);
    }
  });

  test('may be that of several members: who asks there finds the tasks of all of them', () => {
    const member = (memberId: string, applicationServer?: string) => ({
      memberId,
      applicationServer,
    });
    const assigned = new Map([
      ['m1', { active: ['0_0'], standby: ['0_1'] }],
      ['m2', { active: ['0_1'], standby: [] }],
      ['m3', { active: ['0_2'], standby: ['0_3'] }],
      ['m4', { active: ['0_3'], standby: [] }],
    ]);
    const members = [member('m1', 'a:1'), member('m2', 'b:1'), member('m3', 'a:1'), member('m4')];
    expect([...hostsOf(members, assigned)]).toEqual([
      ['a:1', { active: ['0_0', '0_2'], standby: ['0_1', '0_3'] }],
      ['b:1', { active: ['0_1'], standby: [] }],
    ]);
  });
});

describe('asked whether it is still a member', () => {
  async function asked(coordinator: Coordinator, signal = new AbortController().signal) {
    let isConfirmed = false;
    void coordinator.membership.confirm(signal).then(() => (isConfirmed = true));
    await settle();
    return () => isConfirmed;
  }

  test('is, when the group takes its heartbeat', async () => {
    const coordinator = new Coordinator();
    await coordinator.run();
    expect((await asked(coordinator))()).toBe(true);
    expect(coordinator.log.slice(2)).toEqual(['heartbeat m1 #1']);
  });

  test('is, while a rebalance waits for it', async () => {
    const coordinator = new Coordinator();
    await coordinator.run();
    coordinator.faults.heartbeat = [kafkaError('REBALANCE_IN_PROGRESS')];
    expect((await asked(coordinator))()).toBe(true);
  });

  test('asks again until there is an answer', async () => {
    const coordinator = new Coordinator();
    await coordinator.run();
    coordinator.faults.heartbeat = [kafkaError('NETWORK'), kafkaError('NETWORK')];
    const isConfirmed = await asked(coordinator);
    expect(isConfirmed()).toBe(false);
    await coordinator.clock.advance(HEARTBEAT_MS);
    expect(isConfirmed()).toBe(true);
    expect(coordinator.lost).toBe(0);
  });

  test.each(['UNKNOWN_MEMBER_ID', 'FENCED_INSTANCE_ID', 'ILLEGAL_GENERATION'])(
    'is not, after %s: it is lost at once, and the question is over when told so',
    async (type) => {
      const coordinator = new Coordinator();
      await coordinator.run();
      const stop = new AbortController();
      coordinator.faults.heartbeat = [kafkaError(type), kafkaError(type)];
      coordinator.faults.join = [kafkaError('NETWORK'), kafkaError('NETWORK')];
      const isOver = await asked(coordinator, stop.signal);
      expect(coordinator.lost).toBe(1);
      expect(isOver()).toBe(false);
      stop.abort();
      await settle();
      expect(isOver()).toBe(true);
    },
  );

  test('is none before it has joined', async () => {
    const coordinator = new Coordinator();
    const stop = new AbortController();
    const isOver = await asked(coordinator, stop.signal);
    expect(isOver()).toBe(false);
    expect(coordinator.log).toEqual([]);
    stop.abort();
    await settle();
    expect(isOver()).toBe(true);
  });
});

describe('a shutdown of the application', () => {
  test('is told the group with a join, and is done when the group tells it back', async () => {
    const coordinator = new Coordinator();
    await coordinator.run();
    expect(decodeSubscription(coordinator.joins[0]!.metadata).since).toBeUndefined();
    let isTold = false;
    void coordinator.membership.requestShutdown('a poison record').then(() => (isTold = true));
    await settle();
    const told = decodeSubscription(coordinator.joins[1]!.metadata);
    expect(told).toMatchObject({ shutdown: shutdownFor('a poison record'), since: 1 });
    // The leader had made its plan already.
    expect(isTold).toBe(false);
    coordinator.assignment = assignmentOf([], false, 'a poison record');
    coordinator.faults.heartbeat = [kafkaError('REBALANCE_IN_PROGRESS')];
    await coordinator.clock.advance(HEARTBEAT_MS);
    expect(isTold).toBe(true);
    // It knows already.
    expect(coordinator.shutdowns).toEqual([]);
  });

  test('leaves no task to any but those who came since, in the plan of whoever leads', async () => {
    const coordinator = new Coordinator();
    const subscription = (active: string[], since: number | undefined, shutdown?: Shutdown) => {
      const own = { active, standby: [], applicationServer: undefined, processId: undefined };
      return encodeSubscription([], { ...own, shutdown, since });
    };
    const shutdown = { reason: 'a poison record', generation: 5 };
    coordinator.response = {
      memberId: 'm1',
      leaderId: 'm1',
      members: [
        { memberId: 'm1', metadata: subscription(['0_0', '0_1', '0_2', '0_3'], 5) },
        { memberId: 'm2', metadata: subscription([], 2, shutdown) },
        // Of a former shutdown, by one that has died since.
        { memberId: 'm3', metadata: subscription([], 1, { reason: 'an old one', generation: 3 }) },
        { memberId: 'm4', metadata: subscription([], 6) },
        { memberId: 'm5', metadata: subscription([], undefined) },
      ],
    };
    await coordinator.run();
    const [m1, m2, m3, m4, m5] = [...coordinator.plan.values()].map((bytes) =>
      decodeAssignment(bytes),
    );
    const none = { active: [], standby: [], shutdown };
    expect([m1, m2, m3]).toMatchObject([none, none, none]);
    // What the others run comes once they have let it go.
    const waiting = { active: [], isPartial: true, shutdown: undefined };
    expect([m4, m5]).toMatchObject([waiting, waiting]);
  });

  test('by another member is heeded once, and told on at each further join', async () => {
    const coordinator = new Coordinator();
    await coordinator.run();
    coordinator.assignment = assignmentOf([], false, 'a poison record');
    coordinator.faults.heartbeat = [kafkaError('REBALANCE_IN_PROGRESS')];
    await coordinator.clock.advance(HEARTBEAT_MS);
    expect(coordinator.shutdowns).toEqual(['a poison record']);
    expect(coordinator.assigned).toHaveLength(1);
    expect(coordinator.membership.isShutDown).toBe(true);
    coordinator.membership.rejoin();
    await settle();
    const { shutdown } = decodeSubscription(coordinator.joins[2]!.metadata);
    expect(shutdown).toEqual(shutdownFor('a poison record'));
    expect(coordinator.shutdowns).toHaveLength(1);
  });

  test('that was meant for the process before is left behind with its place', async () => {
    const coordinator = new Coordinator();
    coordinator.assignment = assignmentOf([], false, 'a poison record');
    const join = coordinator.run();
    coordinator.onLeave = () => void (coordinator.assignment = assignmentOf(['0_0']));
    await join;
    expect(coordinator.log).toEqual([
      "join ''",
      'sync m1 #1',
      'leave m1 #1',
      "join ''",
      'sync m2 #1',
    ]);
    expect(coordinator.shutdowns).toEqual([]);
    expect(coordinator.assigned.map((a) => a.active)).toEqual([['0_0']]);
  });
});

describe('stopping', () => {
  test('ends the run, and leaves', async () => {
    const coordinator = new Coordinator();
    await coordinator.run();
    coordinator.stop.abort();
    await settle();
    await coordinator.membership.leave();
    expect(coordinator.log.at(-1)).toBe('leave m1 #1');
    await coordinator.membership.leave();
    expect(coordinator.log.filter((line) => line.startsWith('leave'))).toHaveLength(1);
  });

  test('in the middle of a join: nothing is synced any more, and the group is left', async () => {
    const coordinator = new Coordinator();
    const running = coordinator.membership.run(coordinator.stop.signal);
    coordinator.stop.abort();
    await running;
    await coordinator.membership.leave();
    expect(coordinator.log).toEqual(["join ''", 'leave m1 #1']);
    expect(coordinator.assigned).toHaveLength(0);
  });
});

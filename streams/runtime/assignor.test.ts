import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assignTasks, type AssignorMember } from './assignor.ts';

const MEMBERS = ['m-0', 'm-1', 'm-2', 'm-3', 'm-4'];

/** Members as they usually are: no task has two owners. */
function members(maxPartitions: number, maxMembers: number) {
  return fc
    .record({
      partitions: fc.integer({ min: 1, max: maxPartitions }),
      count: fc.integer({ min: 1, max: maxMembers }),
      // By task: who had it, if anyone did. Some were taken from a group with more tasks or members.
      owners: fc.array(fc.integer({ min: -1, max: maxMembers }), { maxLength: maxPartitions + 3 }),
    })
    .map(({ partitions, count, owners }) => ({
      partitions,
      members: MEMBERS.slice(0, count).map((memberId, i) => ({
        memberId,
        owned: owners.flatMap((owner, task) => (owner === i ? [task] : [])),
      })),
    }));
}

/** Members that claim whatever they like. */
const anyClaims = fc.record({
  partitions: fc.integer({ min: 1, max: 12 }),
  members: fc
    .array(fc.array(fc.integer({ min: -2, max: 15 }), { maxLength: 10 }), {
      minLength: 1,
      maxLength: 5,
    })
    .map((claims) => claims.map((owned, i) => ({ memberId: MEMBERS[i]!, owned }))),
});

function expectFair(partitions: number, assigned: ReadonlyMap<string, readonly number[]>): void {
  const tasks = [...assigned.values()].flat().sort((a, b) => a - b);
  expect(tasks).toEqual(Array.from({ length: partitions }, (_, i) => i));
  const sizes = [...assigned.values()].map((t) => t.length);
  expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
}

function kept(all: readonly AssignorMember[], assigned: ReadonlyMap<string, readonly number[]>) {
  const keptBy = ({ memberId, owned }: AssignorMember) =>
    assigned.get(memberId)!.filter((task) => owned.includes(task)).length;
  return all.reduce((sum, member) => sum + keptBy(member), 0);
}

/** The most that can stay where it is: every assignment that is fair is tried. */
function mostKept(partitions: number, all: readonly AssignorMember[]): number {
  const least = Math.floor(partitions / all.length);
  const most = Math.ceil(partitions / all.length);
  const assigned = new Map(all.map((m) => [m.memberId, [] as number[]]));
  const best = (task: number): number => {
    if (task === partitions) {
      const isFair = [...assigned.values()].every((tasks) => tasks.length >= least);
      return isFair ? kept(all, assigned) : -1;
    }
    let found = -1;
    for (const tasks of assigned.values()) {
      if (tasks.length === most) continue;
      tasks.push(task);
      found = Math.max(found, best(task + 1));
      tasks.pop();
    }
    return found;
  };
  return best(0);
}

describe('every task goes to one member, and no member has two more than another', () => {
  test('when members tell what they had', () => {
    fc.assert(
      fc.property(members(24, 5), (group) => {
        const assigned = assignTasks(group.partitions, group.members);
        expect([...assigned.keys()].sort()).toEqual(group.members.map((m) => m.memberId));
        expectFair(group.partitions, assigned);
      }),
    );
  });

  test('when claims are stale, doubled, or of tasks that are not there', () => {
    fc.assert(
      fc.property(anyClaims, (group) => {
        expectFair(group.partitions, assignTasks(group.partitions, group.members));
      }),
    );
  });
});

test('no task moves that need not', () => {
  fc.assert(
    fc.property(members(6, 3), ({ partitions, members: group }) => {
      expect(kept(group, assignTasks(partitions, group))).toBe(mostKept(partitions, group));
    }),
  );
});

test('a claim listed twice, or of a task that is not there, moves nothing', () => {
  const clean = [
    { memberId: 'a', owned: [0, 1] },
    { memberId: 'b', owned: [2] },
  ];
  const messy = [
    { memberId: 'a', owned: [1, 0, 1, 0] },
    { memberId: 'b', owned: [9, 2, 2, -1, 7, 8, 3] },
  ];
  expect(assignTasks(3, messy)).toEqual(assignTasks(3, clean));
  expect(assignTasks(3, clean)).toEqual(
    new Map([
      ['a', [0, 1]],
      ['b', [2]],
    ]),
  );
});

test('two claims to one task are settled, and cost no other task its place', () => {
  const assigned = assignTasks(4, [
    { memberId: 'a', owned: [0, 1] },
    { memberId: 'b', owned: [1, 2] },
  ]);
  expect(assigned).toEqual(
    new Map([
      ['a', [0, 1]],
      ['b', [2, 3]],
    ]),
  );
});

test("the members' order does not matter", () => {
  const shuffled = anyClaims.chain(({ partitions, members: group }) =>
    fc.record({
      partitions: fc.constant(partitions),
      group: fc.constant(group),
      others: fc
        .shuffledSubarray(group, { minLength: group.length })
        .map((all) => all.map((m) => ({ ...m, owned: [...m.owned].reverse() }))),
    }),
  );
  fc.assert(
    fc.property(shuffled, ({ partitions, group, others }) => {
      const sorted = (members: AssignorMember[]) => [...assignTasks(partitions, members)].sort();
      expect(sorted(others)).toEqual(sorted(group));
    }),
  );
});

test('an assignment that is fair stays as it is', () => {
  fc.assert(
    fc.property(members(24, 5), ({ partitions, members: group }) => {
      const assigned = assignTasks(partitions, group);
      const again = group.map(({ memberId }) => ({ memberId, owned: assigned.get(memberId)! }));
      expect(assignTasks(partitions, again)).toEqual(assigned);
    }),
  );
});

test('members that are more than the tasks get none', () => {
  const assigned = assignTasks(1, [
    { memberId: 'a', owned: [] },
    { memberId: 'b', owned: [0] },
    { memberId: 'c', owned: [] },
  ]);
  expect(assigned).toEqual(
    new Map([
      ['a', []],
      ['b', [0]],
      ['c', []],
    ]),
  );
});

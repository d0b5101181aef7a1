import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  assignTasks,
  withholdOwned,
  type AssignorMember,
  type TaskAssignment,
} from './assignor.ts';

const tasks = (count: number) => Array.from({ length: count }, (_, i) => `0_${i}`);

/** Members with whatever claims: stale, doubled, of tasks that are not there. */
const members = fc.uniqueArray(
  fc.record({
    memberId: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
    active: fc.array(fc.constantFrom(...tasks(9)), { maxLength: 6 }),
    standby: fc.array(fc.constantFrom(...tasks(9)), { maxLength: 6 }),
  }),
  { selector: (member) => member.memberId, minLength: 1 },
);
const count = fc.integer({ min: 1, max: 8 });
const replicas = fc.integer({ min: 0, max: 2 });

const actives = (assignment: ReadonlyMap<string, TaskAssignment>) =>
  [...assignment.values()].map(({ active }) => active);

describe('assignTasks', () => {
  test('gives every task to one member, balanced to within one', () => {
    fc.assert(
      fc.property(count, members, replicas, (n, all, standbys) => {
        const given = actives(assignTasks(tasks(n), all, standbys));
        expect(given.flat().sort()).toEqual(tasks(n).sort());
        const sizes = given.map((each) => each.length);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      }),
    );
  });

  test('gives each replica to another member, as many as there can be', () => {
    fc.assert(
      fc.property(count, members, replicas, (n, all, standbys) => {
        const assigned = assignTasks(tasks(n), all, standbys);
        for (const task of tasks(n)) {
          const holders = [...assigned.values()].filter((each) => each.standby.includes(task));
          expect(holders).toHaveLength(Math.min(standbys, all.length - 1));
          expect(holders.some((each) => each.active.includes(task))).toBe(false);
        }
      }),
    );
  });

  test('keeps replicas in other processes, of which a member is one part', () => {
    fc.assert(
      fc.property(count, members, replicas, fc.array(fc.nat(2)), (n, all, standbys, parts) => {
        const processId = (i: number) => `process-${parts[i] ?? 0}`;
        const threads = all.map((member, i) => ({ ...member, processId: processId(i) }));
        const processes = new Map<string, string>(
          threads.map((thread) => [thread.memberId, thread.processId]),
        );
        const assigned = [...assignTasks(tasks(n), threads, standbys)];
        for (const task of tasks(n)) {
          const holders = assigned
            .filter(([, { active, standby }]) => [...active, ...standby].includes(task))
            .map(([memberId]) => processes.get(memberId));
          const expected = Math.min(standbys + 1, new Set(processes.values()).size);
          expect(holders).toHaveLength(expected);
          expect(new Set(holders).size).toBe(expected);
        }
      }),
    );
  });

  test('does not depend on the order of the members', () => {
    fc.assert(
      fc.property(count, members, replicas, (n, all, standbys) => {
        const forward = assignTasks(tasks(n), all, standbys);
        expect(assignTasks(tasks(n), [...all].reverse(), standbys)).toEqual(forward);
      }),
    );
  });

  test('leaves a balanced assignment as it is', () => {
    fc.assert(
      fc.property(count, members, replicas, (n, all, standbys) => {
        const before = assignTasks(tasks(n), all, standbys);
        const kept = all.map(({ memberId }) => ({ memberId, ...before.get(memberId)! }));
        expect(actives(assignTasks(tasks(n), kept, standbys))).toEqual(actives(before));
      }),
    );
  });

  test('prefers who has the state when an owner is gone', () => {
    const all: AssignorMember[] = [
      { memberId: 'a', active: ['0_0'], standby: ['0_3'] },
      { memberId: 'b', active: ['0_1'], standby: ['0_2'] },
    ];
    const assigned = assignTasks(tasks(4), all, 1);
    expect(assigned.get('a')!.active).toEqual(['0_0', '0_3']);
    expect(assigned.get('b')!.active).toEqual(['0_1', '0_2']);
  });

  test('moves no more than a new member needs', () => {
    const all: AssignorMember[] = [
      { memberId: 'a', active: tasks(6).slice(0, 3), standby: [] },
      { memberId: 'b', active: tasks(6).slice(3), standby: [] },
      { memberId: 'c', active: [], standby: [] },
    ];
    const assigned = assignTasks(tasks(6), all);
    expect(assigned.get('a')!.active).toEqual(['0_0', '0_1']);
    expect(assigned.get('b')!.active).toEqual(['0_3', '0_4']);
    expect(assigned.get('c')!.active).toEqual(['0_2', '0_5']);
  });
});

describe('withholdOwned', () => {
  test('hands out nothing that another member runs, and everything else', () => {
    fc.assert(
      fc.property(count, members, (n, all) => {
        const target = assignTasks(tasks(n), all);
        const now = withholdOwned(target, all);
        for (const [memberId, { active }] of target) {
          const isFree = (task: string) =>
            all.every((m) => m.memberId === memberId || !m.active.includes(task));
          expect(now.get(memberId)!.active).toEqual(active.filter(isFree));
        }
      }),
    );
  });

  test('has handed out everything once owners have let go', () => {
    fc.assert(
      fc.property(count, members, (n, all) => {
        const target = assignTasks(tasks(n), all);
        const settled = all.map(({ memberId }) => ({ memberId, ...target.get(memberId)! }));
        expect(withholdOwned(assignTasks(tasks(n), settled), settled)).toEqual(
          assignTasks(tasks(n), settled),
        );
      }),
    );
  });
});

import { describe, expect, test } from 'vitest';
import { TaskManager } from './task-manager.ts';

function manager(localTasks: readonly string[] = []) {
  return new TaskManager({
    taskOptions: () => expect.unreachable('nothing is opened here'),
    localTasks,
    onOpened: () => Promise.resolve(),
    onClosing: () => undefined,
    onChange: () => undefined,
    onRevoked: () => undefined,
    onFatal: () => undefined,
  });
}

describe('what the group is told', () => {
  test('what was assigned is this member’s from then on, opened or not: nobody else is to start it', () => {
    const tasks = manager(['0_3']);
    expect(tasks.memberState).toEqual({ active: [], standby: ['0_3'] });
    tasks.assign({ active: ['0_0', '0_1'], standby: [], hosts: new Map(), isPartial: false });
    expect(tasks.memberState.active).toEqual(['0_0', '0_1']);
  });

  test('nothing is, once the group has let it go', () => {
    const tasks = manager();
    tasks.assign({ active: ['0_0'], standby: [], hosts: new Map(), isPartial: false });
    tasks.lose();
    expect(tasks.memberState.active).toEqual([]);
  });
});

import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { instanceFolder, openInstance } from '../instance.ts';
import { spreadTasks, taskMoves } from './spread-tasks.ts';

describe('moves of tasks between threads', () => {
  const layouts = fc.array(fc.nat(5), { maxLength: 12 }).map((threads) => {
    const tasks = new Map<number, string[]>();
    threads.forEach((thread, task) => {
      tasks.set(thread + 1, [...(tasks.get(thread + 1) ?? []), `0_${task}`]);
    });
    return tasks;
  });
  const counts = fc.integer({ min: 1, max: 6 });

  test('leave every task with one thread that is there, spread to within one', () => {
    fc.assert(
      fc.property(layouts, counts, (tasks, threads) => {
        const where = new Map([...tasks].flatMap(([thread, own]) => own.map((t) => [t, thread])));
        for (const { task, from, to } of taskMoves(tasks, threads)) {
          expect(where.get(task)).toBe(from);
          where.set(task, to);
        }
        const sizes = Array.from(
          { length: threads },
          (_, i) => [...where.values()].filter((thread) => thread === i + 1).length,
        );
        expect(sizes.reduce((sum, size) => sum + size)).toBe([...tasks.values()].flat().length);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      }),
    );
  });

  test('are none where the tasks are spread already', () => {
    const tasks = new Map([
      [1, ['0_0', '0_2', '0_4']],
      [2, ['0_1', '0_3']],
    ]);
    expect(taskMoves(tasks, 2)).toEqual([]);
  });
});

describe('local state', () => {
  let stateDir: string;
  beforeEach(async () => {
    stateDir = await mkdtemp(join(tmpdir(), 'spread-'));
  });
  afterEach(() => rm(stateDir, { recursive: true }));

  const make = async (thread: number, ...tasks: string[]) => {
    for (const task of tasks) {
      const folder = join(instanceFolder(stateDir, 'app', thread), task);
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, 'content'), task);
    }
  };
  const tasksOf = async (thread: number) =>
    (await readdir(instanceFolder(stateDir, 'app', thread))).filter((n) => n.includes('_')).sort();

  test('moves with the number of threads, up and down', async () => {
    await make(1, '0_0', '0_1', '0_2', '0_3');
    await spreadTasks(stateDir, 'app', 2);
    expect([await tasksOf(1), await tasksOf(2)]).toEqual([
      ['0_0', '0_1'],
      ['0_2', '0_3'],
    ]);
    await spreadTasks(stateDir, 'app', 1);
    expect(await tasksOf(1)).toEqual(['0_0', '0_1', '0_2', '0_3']);
    expect(await tasksOf(2)).toEqual([]);
  });

  test.each([1, 2, 3])('is kept in its newest copy, also with %i threads', async (threads) => {
    await make(1, '0_0', '0_1');
    await make(2, '0_0', '0_1');
    const age = async (thread: number, task: string, seconds: number) => {
      const file = join(instanceFolder(stateDir, 'app', thread), task, 'content');
      await writeFile(file, String(seconds));
      await utimes(file, seconds, seconds);
    };
    await age(1, '0_0', 2000);
    await age(2, '0_0', 1000);
    await age(1, '0_1', 1000);
    await age(2, '0_1', 2000);
    await spreadTasks(stateDir, 'app', threads);
    const contents = new Map<string, string>();
    for (const thread of [1, 2]) {
      for (const task of await tasksOf(thread).catch(() => [])) {
        expect([...contents.keys()]).not.toContain(task);
        const folder = join(instanceFolder(stateDir, 'app', thread), task);
        contents.set(task, await readFile(join(folder, 'content'), 'utf8'));
      }
    }
    expect([...contents].sort()).toEqual([
      ['0_0', '2000'],
      ['0_1', '2000'],
    ]);
  });

  test('is not moved under an application that runs', async () => {
    await make(1, '0_0', '0_1');
    const running = await openInstance(stateDir, 'app');
    await expect(spreadTasks(stateDir, 'app', 2)).rejects.toThrow(/another instance/);
    expect(await tasksOf(1)).toEqual(['0_0', '0_1']);
    await running.close();
  });
});

import { mkdir, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { TaskId } from '../assignor.ts';
import { instanceFolder, openInstance, tasksIn } from '../instance.ts';

const THREAD_FOLDER = /^thread-(\d+)$/;

/** A task's local state is moved from one thread's folder to another's. */
export interface TaskMove {
  readonly task: TaskId;
  readonly from: number;
  readonly to: number;
}

/**
 * Brings the local state in line with the number of threads: what lies with a thread that is none any more, or more than a
 * thread's share, goes to another one. So the group, which gives tasks to whoever has their state, restores nothing.
 *
 * @throws {StreamsException} when the folder is in use
 */
export async function spreadTasks(
  stateDir: string,
  applicationId: string,
  threads: number,
): Promise<void> {
  const folder = (thread: number) => instanceFolder(stateDir, applicationId, thread);
  // Whoever has the folder has the first thread's identity open.
  const lock = await openInstance(stateDir, applicationId);
  try {
    const tasks = new Map<number, readonly TaskId[]>([[1, await tasksIn(folder(1))]]);
    for (const name of await readdir(folder(1))) {
      const thread = Number(THREAD_FOLDER.exec(name)?.[1] ?? 1);
      if (thread > 1) tasks.set(thread, await tasksIn(folder(thread)));
    }
    for (const { task, from, to } of taskMoves(tasks, threads)) {
      await mkdir(folder(to), { recursive: true });
      await rename(join(folder(from), task), join(folder(to), task));
    }
  } finally {
    await lock.close();
  }
}

/**
 * What has to be moved so that the tasks are spread evenly over the threads 1 to `threads`, and no more than that.
 * State that two threads have of one task stays where it is, or is left alone with a thread that is none any more.
 */
export function taskMoves(
  tasks: ReadonlyMap<number, readonly TaskId[]>,
  threads: number,
): TaskMove[] {
  const own = new Map(
    Array.from({ length: threads }, (_, i) => [i + 1, [...(tasks.get(i + 1) ?? [])]]),
  );
  const moves: TaskMove[] = [];
  const kept = new Set([...own.values()].flat());
  const fewest = () => [...own].reduce((a, b) => (b[1].length < a[1].length ? b : a));
  const give = (task: TaskId, from: number) => {
    const [to, list] = fewest();
    list.push(task);
    moves.push({ task, from, to });
  };
  for (const [thread, list] of tasks) {
    if (thread <= threads) continue;
    for (const task of list) {
      if (kept.has(task)) continue;
      kept.add(task);
      give(task, thread);
    }
  }
  for (const [thread, list] of own) {
    while (list.length > fewest()[1].length + 1) {
      const [, least] = fewest();
      const at = list.findLastIndex((task) => !least.includes(task));
      if (at === -1) break;
      give(list.splice(at, 1)[0]!, thread);
    }
  }
  return moves;
}

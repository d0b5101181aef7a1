import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
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

/** The local state that a thread has of a task. */
interface Copy {
  readonly task: TaskId;
  readonly thread: number;
  readonly folder: string;
}

/**
 * Brings the local state in line with the number of threads: what lies with a thread that is none any more, or more than a
 * thread's share, goes to another one. So the group, which gives tasks to whoever has their state, restores nothing. A task that
 * was moved between threads while the application ran has left an older copy behind, which would be restored from: it is removed.
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
    const further = (await readdir(folder(1))).flatMap(
      (name) => THREAD_FOLDER.exec(name)?.[1] ?? [],
    );
    const copies: Copy[] = [];
    for (const thread of new Set([1, ...further.map(Number).filter((n) => n > 1)])) {
      for (const task of await tasksIn(folder(thread)))
        copies.push({ task, thread, folder: join(folder(thread), task) });
    }
    const tasks = new Map<number, TaskId[]>();
    for (const ofTask of Map.groupBy(copies, ({ task }) => task).values()) {
      const { task, thread } = await keepNewest(ofTask);
      tasks.set(thread, [...(tasks.get(thread) ?? []), task]);
    }
    for (const { task, from, to } of taskMoves(tasks, threads)) {
      await mkdir(folder(to), { recursive: true });
      await rename(join(folder(from), task), join(folder(to), task));
    }
  } finally {
    await lock.close();
  }
}

/** Of several copies of a task's state, keeps the one that was written to last, and removes the others. */
async function keepNewest(copies: readonly Copy[]): Promise<Copy> {
  if (copies.length === 1) return copies[0]!;
  const aged = await Promise.all(
    copies.map(async (copy) => ({ copy, at: await changedAt(copy.folder) })),
  );
  const [newest, ...older] = aged.sort((a, b) => b.at - a.at);
  for (const { copy } of older) await rm(copy.folder, { recursive: true });
  return newest!.copy;
}

/** When a file in the folder was last written to, ms since the epoch. */
async function changedAt(folder: string): Promise<number> {
  const files = await readdir(folder);
  const times = await Promise.all(
    files.map(async (name) => (await stat(join(folder, name))).mtimeMs),
  );
  return Math.max(0, ...times);
}

/** What has to be moved so that the tasks are spread evenly over the threads 1 to `threads`, and no more than that. */
export function taskMoves(
  tasks: ReadonlyMap<number, readonly TaskId[]>,
  threads: number,
): TaskMove[] {
  const own = new Map(
    Array.from({ length: threads }, (_, i) => [i + 1, [...(tasks.get(i + 1) ?? [])]]),
  );
  const moves: TaskMove[] = [];
  const fewest = () => [...own].reduce((a, b) => (b[1].length < a[1].length ? b : a));
  const give = (task: TaskId, from: number) => {
    const [to, list] = fewest();
    list.push(task);
    moves.push({ task, from, to });
  };
  for (const [thread, list] of tasks) {
    if (thread <= threads) continue;
    for (const task of list) give(task, thread);
  }
  for (const [thread, list] of own) {
    while (list.length > fewest()[1].length + 1) give(list.pop()!, thread);
  }
  return moves;
}

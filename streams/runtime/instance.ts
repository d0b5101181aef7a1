import { randomUUID } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { TaskId } from './assignor.ts';
import type { OpenBackend, StateBackend } from '../state/backend.ts';
import { META_COLUMN } from '../state/backend.ts';
import { RocksDbBackend } from '../state/rocksdb-backend.ts';

const TASK_FOLDER = /^\d+_\d+$/;
const INSTANCE_ID = Buffer.from('instance-id');

/** The state folder of one running instance: who it is, and the state of its tasks. */
export interface Instance {
  /** Stays the same as long as the folder is there. */
  readonly id: string;
  readonly openBackend: OpenBackend;
  /** The tasks that have local state here, running or not. */
  localTasks(): Promise<readonly TaskId[]>;
  close(): Promise<void>;
}

export type OpenInstance = (
  stateDir: string,
  applicationId: string,
  thread?: number,
) => Promise<Instance>;

/** Where a thread keeps its identity and its tasks: the application's folder, and one in it for each further thread. */
export function instanceFolder(stateDir: string, applicationId: string, thread = 1): string {
  const folder = join(stateDir, applicationId);
  return thread === 1 ? folder : join(folder, `thread-${thread}`);
}

/**
 * Opens a thread's folder. It is open once at a time: the identity is kept in a small RocksDB, whose lock the operating
 * system takes away with the process, however that ends.
 * @throws {StreamsException} when another process has it
 */
export async function openInstance(
  stateDir: string,
  applicationId: string,
  thread = 1,
): Promise<Instance> {
  const folder = instanceFolder(stateDir, applicationId, thread);
  const identity = await RocksDbBackend.open(join(folder, 'instance'), []);
  return {
    id: readOrMakeId(identity),
    openBackend: (taskId, columns) => RocksDbBackend.open(join(folder, taskId), columns),
    localTasks: () => tasksIn(folder),
    close: () => identity.close(),
  };
}

/** The tasks that have local state in a thread's folder. */
export async function tasksIn(folder: string): Promise<TaskId[]> {
  return (await readdir(folder)).filter((name) => TASK_FOLDER.test(name));
}

function readOrMakeId(identity: StateBackend): string {
  const [known] = identity.getMany(META_COLUMN, [INSTANCE_ID]);
  if (known) return known.toString();
  const id = randomUUID();
  const batch = identity.batch();
  batch.put(META_COLUMN, INSTANCE_ID, Buffer.from(id));
  batch.write();
  return id;
}

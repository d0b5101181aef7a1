import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { StateBackend } from '../state/backend.ts';
import { MemoryBackend } from '../state/memory-backend.ts';
import { RocksDbBackend } from '../state/rocksdb-backend.ts';

/** An implementation of the state port, for suites that hold for each of them. */
export interface BackendKind {
  readonly name: string;
  readonly isOnDisk: boolean;
  /** Opens an empty one; it is closed and removed when the test is over. */
  open(columns: readonly string[]): Promise<StateBackend>;
}

export const backendKinds: readonly BackendKind[] = [
  { name: 'memory', isOnDisk: false, open: () => Promise.resolve(new MemoryBackend()) },
  {
    name: 'RocksDB',
    isOnDisk: true,
    open: async (columns) => {
      const backend = await RocksDbBackend.open(await temporaryFolder(), columns);
      onTestFinished(() => backend.close());
      return backend;
    },
  },
];

/** A new folder, removed when the test is over. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'streams-test-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

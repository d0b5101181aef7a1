import { StreamsException } from '#streams';
import type { Instance } from '#streams/runtime/instance';
import type { StateBackend } from '#streams/state/backend';
import type { Disk } from './disk.ts';
import { DISK_FAILED, type Faults } from './faults.ts';
import { ProcessBackend } from './process-backend.ts';
import type { SimClock } from './sim-clock.ts';
import type { SimProcess } from './sim-process.ts';

/** A disk as the state folder of one process. */
export async function openDisk(
  disk: Disk,
  process: SimProcess,
  clock: SimClock,
  faults: Faults,
  wrapped: (backend: StateBackend) => StateBackend = (backend) => backend,
): Promise<Instance> {
  await clock.sleep(faults.openDelayMs());
  return {
    id: disk.instanceId,
    localTasks: () => Promise.resolve([...disk.folders.keys()]),
    openBackend: async (taskId) => {
      await clock.sleep(faults.openDelayMs());
      faults.strike({ at: 'open' }, process);
      if (process.hasDiskFailure) {
        process.hasDiskFailure = false;
        throw new StreamsException(DISK_FAILED);
      }
      return wrapped(new ProcessBackend(disk.folder(taskId), process, faults));
    },
    close: () => Promise.resolve(),
  };
}

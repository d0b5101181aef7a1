import type { HostedTopology } from '#kit';
import { topics } from '#schemas';
import { defaultStorageSettings, storage } from '#topology/storage';

/** The storage: stock per sku. */
export function storageHost(): HostedTopology {
  return {
    name: 'storage',
    topology: storage({ ...defaultStorageSettings, topics }),
    topics: [topics.storageCommand, topics.storageEvent],
    written: [topics.storageEvent],
    applicationId: 'storage',
    // It has no timers that anybody waits for.
    allowedLatenessMs: 5000,
  };
}

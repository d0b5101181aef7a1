/** The service's process: `node services/storage/main.ts`. */
import { enableCompileCache, flushCompileCache } from 'node:module';

// What is imported from here on is compiled once, and not at each start.
enableCompileCache();
const { runService, startTopologyService } = await import('#kit');
const { storageHost } = await import('./host.ts');
// Now, since a killed process does not.
flushCompileCache();
const entry = new URL('./stream-thread.ts', import.meta.url);
await runService('storage', (settings, logger) =>
  startTopologyService({ host: storageHost, entry, settings, logger }),
);

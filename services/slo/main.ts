/** The service's process: `node services/slo/main.ts`. */
import { enableCompileCache, flushCompileCache } from 'node:module';

// What is imported from here on is compiled once, and not at each start.
enableCompileCache();
const { runService, startTopologyService } = await import('#kit');
const { sloHost } = await import('./host.ts');
const { registerSloMetrics } = await import('./metrics.ts');
// Now, since a killed process does not.
flushCompileCache();
const entry = new URL('./stream-thread.ts', import.meta.url);
await runService('slo', (settings, logger) =>
  startTopologyService({
    host: sloHost,
    entry,
    settings,
    logger,
    metrics: (app, registry) => {
      registerSloMetrics(app, registry);
    },
  }),
);

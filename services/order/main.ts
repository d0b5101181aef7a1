/** The service's process: `node services/order/main.ts`. */
import { enableCompileCache, flushCompileCache } from 'node:module';

// What is imported from here on is compiled once, and not at each start.
enableCompileCache();
const { runService, startTopologyService } = await import('#kit');
const { orderHost } = await import('./host.ts');
const { orderSettings, orderVariables } = await import('./settings.ts');
// Now, since a killed process does not.
flushCompileCache();
const entry = new URL('./stream-thread.ts', import.meta.url);
await runService(
  'order',
  (settings, logger, own) =>
    startTopologyService({
      host: orderHost,
      entry,
      settings: orderSettings(settings, own),
      logger,
    }),
  orderVariables,
);

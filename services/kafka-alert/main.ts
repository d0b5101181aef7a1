/** The service's process: `node services/kafka-alert/main.ts`, or `kafka-alert run`. */
import { enableCompileCache, flushCompileCache } from 'node:module';

// What is imported from here on is compiled once, and not at each start.
enableCompileCache();
const { runAlertService } = await import('./run.ts');
// Now, since a killed process does not.
flushCompileCache();
await runAlertService();

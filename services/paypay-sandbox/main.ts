/** The service's process: `node services/paypay-sandbox/main.ts`. */
import { enableCompileCache, flushCompileCache } from 'node:module';

// What is imported from here on is compiled once, and not at each start.
enableCompileCache();
const { runService } = await import('#kit');
const { sandboxVariables } = await import('./settings.ts');
const { startSandbox } = await import('./service.ts');
// Now, since a killed process does not.
flushCompileCache();
await runService('paypay-sandbox', startSandbox, sandboxVariables);

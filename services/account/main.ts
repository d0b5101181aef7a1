/** The service's process: `node services/account/main.ts`. */
import { enableCompileCache, flushCompileCache } from 'node:module';

// What is imported from here on is compiled once, and not at each start.
enableCompileCache();
const { runService } = await import('#kit');
const { startAccountService } = await import('./service.ts');
const { accountVariables } = await import('./settings.ts');
// Now, since a killed process does not.
flushCompileCache();
await runService('account', startAccountService, accountVariables);

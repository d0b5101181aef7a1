/** The BFF's process: `node bff/main.ts`. */
import { enableCompileCache, flushCompileCache } from 'node:module';

// What is imported from here on is compiled once, and not at each start.
enableCompileCache();
const { runService } = await import('#kit');
const { startBff } = await import('./service.ts');
const { bffVariables } = await import('./settings.ts');
// Now, since a killed process does not.
flushCompileCache();
await runService('bff', startBff, bffVariables);

/** The service's process: `node services/search-indexer/main.ts`. */
import { enableCompileCache, flushCompileCache } from 'node:module';

// What is imported from here on is compiled once, and not at each start.
enableCompileCache();
const { runService } = await import('#kit');
const { startSearchIndexer } = await import('./service.ts');
const { indexerVariables } = await import('./settings.ts');
// Now, since a killed process does not.
flushCompileCache();
await runService('search-indexer', startSearchIndexer, indexerVariables);

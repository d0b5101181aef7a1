/** The service's process: `node services/search-indexer/main.ts`. */
import { compiled } from '../kit/compiled.ts';

const { run } = await compiled(() => import('./run.ts'));
await run();

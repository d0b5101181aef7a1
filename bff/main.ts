/** The BFF's process: `node bff/main.ts`. */
import { compiled } from '../services/kit/compiled.ts';

const { run } = await compiled(() => import('./run.ts'));
await run();

/** The service's process: `node services/slo/main.ts`. */
import { compiled } from '../kit/compiled.ts';

const { run } = await compiled(() => import('./run.ts'));
await run();

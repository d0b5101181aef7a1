/** The service's process: `node services/kafka-alert/main.ts`, or `kafka-alert run`. */
import { compiled } from '../kit/compiled.ts';

const { runAlertService } = await compiled(() => import('./run.ts'));
await runAlertService();

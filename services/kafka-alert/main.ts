/** The service's process: `node services/kafka-alert/main.ts`, or `kafka-alert run`. */
import { createLogger, onStop, settingsOrExit } from '#kit';
import { startService } from './service.ts';

const STOP_DEADLINE_MS = 15_000;

/** Runs until it is told to stop; it ends the process itself. */
export async function runService(): Promise<never> {
  const settings = settingsOrExit();
  const logger = createLogger({ name: 'kafka-alert', level: settings.logLevel });
  const service = await startService(settings, logger);
  onStop({ stop: () => service.stop(), deadlineMs: STOP_DEADLINE_MS, logger });

  const error = await service.ended;
  logger.fatal({ error }, 'kafka-alert can not go on; start it again once this is mended');
  await Promise.race([service.stop(), afterDeadline()]);
  process.exit(1);
}

function afterDeadline(): Promise<unknown> {
  return new Promise((resolve) => setTimeout(resolve, STOP_DEADLINE_MS).unref());
}

if (import.meta.main) await runService();

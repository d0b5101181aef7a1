/** The service's process: `node services/kafka-alert/main.ts`, or `kafka-alert run`. */
import { createLogger, onStop, settingsOrExit } from '#kit';
import { startAlertService } from './service.ts';

// The topology commits in the stop; a transaction that hangs must not hold the process for ever.
const STOP_DEADLINE_MS = 15_000;

/** Runs kafka-alert until it is told to stop (exit 0), or can't go on (exit 1). */
export async function runAlertService(): Promise<never> {
  const settings = settingsOrExit();
  const logger = createLogger({ name: 'kafka-alert', level: settings.logLevel });
  const service = await startAlertService(settings, logger).catch((error: unknown) => {
    logger.fatal({ error }, `kafka-alert can't start: ${(error as Error).message}`);
    process.exit(1);
  });
  onStop({ stop: () => service.close(), deadlineMs: STOP_DEADLINE_MS, logger });

  const error = await service.failed;
  logger.fatal({ error }, `kafka-alert can't go on: ${error.message}`);
  const deadline = new Promise((resolve) => setTimeout(resolve, STOP_DEADLINE_MS).unref());
  await Promise.race([service.close(), deadline]);
  process.exit(1);
}

if (import.meta.main) await runAlertService();

import { createLogger, type Logger } from './log.ts';
import { settingsOrExit, type OwnSettings, type OwnVariables, type Settings } from './settings.ts';
import { onStop } from './stop.ts';

// A topology commits in the stop; a transaction that hangs must not hold the process for ever.
const STOP_DEADLINE_MS = 15_000;

/** What runs until it is told to stop, or can't go on. */
export interface RunningService {
  /** Resolves with what ended it by itself; never, when nothing does. */
  readonly failed: Promise<Error>;
  close(): Promise<void>;
}

/**
 * A service's process: runs it until it is told to stop (exit 0), or can't go on (exit 1; 2 for wrong settings).
 *
 * @param variables settings of its own, read with the others
 *
 * @example
 * await runService('storage', (settings, logger) => startTopologyService({ host, entry, settings, logger }));
 */
export async function runService<V extends OwnVariables = OwnVariables>(
  name: string,
  start: (settings: Settings, logger: Logger, own: OwnSettings<V>) => Promise<RunningService>,
  variables = {} as V,
): Promise<never> {
  const { settings, own } = settingsOrExit(variables);
  const logger = createLogger({ name, level: settings.logLevel });
  const service = await start(settings, logger, own).catch((error: unknown) => {
    logger.fatal({ error }, `${name} can't start: ${(error as Error).message}`);
    process.exit(1);
  });
  onStop({ stop: () => service.close(), deadlineMs: STOP_DEADLINE_MS, logger });

  const error = await service.failed;
  logger.fatal({ error }, `${name} can't go on: ${error.message}`);
  const deadline = new Promise((resolve) => setTimeout(resolve, STOP_DEADLINE_MS).unref());
  await Promise.race([service.close(), deadline]);
  process.exit(1);
}

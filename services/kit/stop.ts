import type { Logger } from './log.ts';

export interface StopOptions {
  /** Ends what the process started, in order. */
  readonly stop: (signal: string) => Promise<void>;
  /** After this the process ends anyway. */
  readonly deadlineMs: number;
  readonly logger: Pick<Logger, 'info' | 'error'>;
  /** For tests. */
  readonly process?: Pick<NodeJS.Process, 'on' | 'exit'>;
}

/** One Ctrl-C reaches a process from the terminal, and once more from a parent that hands it on (npm, npx). */
const SAME_SIGNAL_MS = 1000;

/**
 * The first SIGINT or SIGTERM stops in order (exit 0; 1 when that fails or takes too long), a second one, at least a second
 * later, at once (130).
 *
 * @example
 * onStop({ stop: async () => { await app.close(); await server.close(); }, deadlineMs: 15_000, logger });
 */
export function onStop(options: StopOptions): void {
  const { logger, process: host = process } = options;
  let stoppingSince: number | undefined;

  const stop = async (signal: string): Promise<void> => {
    logger.info(`${signal}: stopping`);
    const deadline = setTimeout(() => {
      logger.error(`not stopped after ${String(options.deadlineMs)} ms: exiting anyway`);
      host.exit(1);
    }, options.deadlineMs);
    try {
      await options.stop(signal);
      logger.info('stopped');
      clearTimeout(deadline);
      host.exit(0);
    } catch (error) {
      logger.error({ error }, 'could not stop in order');
      clearTimeout(deadline);
      host.exit(1);
    }
  };

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    host.on(signal, () => {
      if (stoppingSince === undefined) {
        stoppingSince = Date.now();
        void stop(signal);
      } else if (Date.now() - stoppingSince >= SAME_SIGNAL_MS) host.exit(130);
    });
  }
}

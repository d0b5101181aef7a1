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

/**
 * The first SIGINT or SIGTERM stops in order (exit 0; 1 when that fails or takes too long), a second one at once (130).
 *
 * @example
 * onStop({ stop: async () => { await app.close(); await server.close(); }, deadlineMs: 15_000, logger });
 */
export function onStop(options: StopOptions): void {
  const { logger, process: host = process } = options;
  let stopping = false;

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
      if (stopping) return host.exit(130);
      stopping = true;
      void stop(signal);
    });
  }
}

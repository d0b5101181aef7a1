import { runService, startTopologyService } from '#kit';
import { orderHost } from './host.ts';
import { orderSettings, orderVariables } from './settings.ts';

const entry = new URL('./stream-thread.ts', import.meta.url);

/** Runs the service until it is told to stop (exit 0), or can't go on (exit 1). */
export function run(): Promise<never> {
  return runService(
    'order',
    (settings, logger, own) =>
      startTopologyService({
        host: orderHost,
        entry,
        settings: orderSettings(settings, own),
        logger,
      }),
    orderVariables,
  );
}

import { runService, startTopologyService } from '#kit';
import { sloHost } from './host.ts';
import { registerSloMetrics } from './metrics.ts';

const entry = new URL('./stream-thread.ts', import.meta.url);

/** Runs the service until it is told to stop (exit 0), or can't go on (exit 1). */
export function run(): Promise<never> {
  return runService('slo', (settings, logger) =>
    startTopologyService({
      host: sloHost,
      entry,
      settings,
      logger,
      metrics: (app, registry) => registerSloMetrics(app, registry),
    }),
  );
}

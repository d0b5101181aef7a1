import { runService, startTopologyService } from '#kit';
import { alertHost } from './host.ts';
import { registerAlertMetrics } from './metrics.ts';
import { addOrderState } from './order-state.ts';

/** Runs kafka-alert until it is told to stop (exit 0), or can't go on (exit 1). */
export function runAlertService(): Promise<never> {
  return runService('kafka-alert', (settings, logger) =>
    startTopologyService({
      host: alertHost,
      entry: new URL('./stream-thread.ts', import.meta.url),
      settings,
      logger,
      routes: (http, app) => {
        addOrderState(http, app, settings);
      },
      metrics: (app, registry) => {
        registerAlertMetrics(() => app.status(), registry);
      },
    }),
  );
}

import { runService, startTopologyService } from '#kit';
import { storageHost } from './host.ts';

const entry = new URL('./stream-thread.ts', import.meta.url);

/** Runs the service until it is told to stop (exit 0), or can't go on (exit 1). */
export function run(): Promise<never> {
  return runService('storage', (settings, logger) =>
    startTopologyService({ host: storageHost, entry, settings, logger }),
  );
}

import { runService } from '#kit';
import { startBff } from './service.ts';
import { bffVariables } from './settings.ts';

/** Runs the BFF until it is told to stop (exit 0), or can't go on (exit 1). */
export function run(): Promise<never> {
  return runService('bff', startBff, bffVariables);
}

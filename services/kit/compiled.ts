import { enableCompileCache, flushCompileCache } from 'node:module';

/**
 * Loads a program, compiling what it imports once and not at each start. Import it from this file and not from `#kit`: what is
 * imported before is compiled every time.
 *
 * @example
 * const { run } = await compiled(() => import('./run.ts'));
 */
export async function compiled<T>(load: () => Promise<T>): Promise<T> {
  enableCompileCache();
  const loaded = await load();
  // Now, since a killed process does not.
  flushCompileCache();
  return loaded;
}

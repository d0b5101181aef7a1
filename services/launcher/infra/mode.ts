import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** `docker` when an engine and the compose plugin answer, else `native`. */
export async function chooseMode(): Promise<'docker' | 'native'> {
  const answers = async (args: readonly string[]): Promise<boolean> => {
    try {
      await promisify(execFile)('docker', args, { timeout: 10_000 });
      return true;
    } catch {
      return false;
    }
  };
  const [engine, compose] = await Promise.all([answers(['info']), answers(['compose', 'version'])]);
  return engine && compose ? 'docker' : 'native';
}

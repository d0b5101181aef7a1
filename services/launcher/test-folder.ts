import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { isAlive } from './bootstrap/lock.mjs';
import { ROOT } from './bootstrap/root.mjs';

/** Such as `test-4711-0a1b2c3d`: the process it belongs to is in its name. */
const NAME = /^test-(\d+)-[0-9a-f]+$/;

/**
 * The path of a data folder for one test run, below `.local/`; not made yet. Folders whose process is
 * gone without having removed them are removed.
 */
export function testFolder(local = path.join(ROOT, '.local')): string {
  for (const name of existsSync(local) ? readdirSync(local) : []) {
    const pid = Number(NAME.exec(name)?.[1] ?? process.pid);
    if (!isAlive(pid)) rmSync(path.join(local, name), { recursive: true, force: true });
  }
  return path.join(local, `test-${process.pid}-${randomBytes(4).toString('hex')}`);
}

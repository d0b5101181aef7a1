import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import path from 'node:path';

export interface User {
  uid: number;
  gid: number;
}

/** Where a root launcher keeps what another user must read: not below a home or checkout of mode 700. */
export const SHARED_FOLDER = '/var/lib/kafka-alert';

/** Whom to run as what refuses to run as root: nobody; undefined when the launcher isn't root. */
export function runAs(): User | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (option: string): number =>
    Number(execFileSync('id', [option, 'nobody'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

/** Whether everybody can read in the folder, and so enter every folder that it lies in. */
export function canEnter(folder: string): boolean {
  for (let each = path.resolve(folder); ; each = path.dirname(each)) {
    const { mode } = statSync(each);
    if ((mode & 0o001) === 0) return false;
    if (each === path.dirname(each)) break;
  }
  return (statSync(folder).mode & 0o004) !== 0;
}

import { accessSync, constants } from 'node:fs';
import path from 'node:path';

/** Where the system's administrators' programs are, often not on a person's PATH. */
const ALSO = ['/usr/sbin', '/usr/local/sbin', '/usr/local/bin', '/opt/homebrew/bin', '/sbin'];

/** The absolute path of the first of the programs that is installed. */
export function findProgram(names: readonly string[], env = process.env): string | undefined {
  const folders = [...(env['PATH'] ?? '').split(path.delimiter), ...ALSO];
  for (const name of names) {
    for (const folder of folders) {
      const file = path.join(folder, name);
      if (path.isAbsolute(file) && isExecutable(file)) return file;
    }
  }
  return undefined;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

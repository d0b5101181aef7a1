import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { cacheFolder } from '../../bootstrap/cache.mjs';
import { withLock } from '../../bootstrap/lock.mjs';
import { findProgram } from './programs.ts';

const run = promisify(execFile);

/** Whether packages can be installed without asking anybody: as root, on Debian or Ubuntu. */
export function canInstall(): boolean {
  return process.getuid?.() === 0 && findProgram(['apt-get']) !== undefined;
}

/**
 * Installs of each list the first package that the system's sources have. Lists of which they have
 * none are left out: what is still missing afterwards is reported by the caller.
 */
export async function installPackages(
  choices: readonly (readonly string[])[],
  note: (detail: string) => void,
): Promise<void> {
  await withLock(`${cacheFolder()}/apt.lock`, async () => {
    note('apt-get update');
    await apt(['update', '-q']);
    const names = new Set<string>();
    for (const choice of choices) {
      const name = await firstAvailable(choice);
      if (name !== undefined) names.add(name);
    }
    if (names.size === 0) return;
    note(`apt-get install ${[...names].join(' ')}`);
    await apt(['install', '-q', '-y', '--no-install-recommends', ...names]);
  });
}

async function firstAvailable(names: readonly string[]): Promise<string | undefined> {
  for (const name of names) {
    const { stdout } = await run('apt-cache', ['policy', name]);
    if (/Candidate: (?!\(none\))/.test(stdout)) return name;
  }
  return undefined;
}

async function apt(args: readonly string[]): Promise<void> {
  try {
    await run('apt-get', ['-o', 'DPkg::Lock::Timeout=300', ...args], {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      maxBuffer: 64 * 1024 * 1024,
    });
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    const lines = `${stdout}\n${stderr}`.split('\n').filter((line) => line.trim() !== '');
    throw new Error(
      `apt-get ${args.join(' ')} failed. Its last words:\n${lines.slice(-15).join('\n')}`,
      { cause: error },
    );
  }
}

import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { isAlive } from '../../services/launcher/bootstrap/lock.mjs';
import { ROOT } from '../../services/launcher/bootstrap/root.mjs';

const LAUNCHER = path.join(ROOT, 'services/launcher');

/** One of the launcher's commands as its users run it: a process, its output collected. */
export class LauncherProcess {
  readonly #child: ChildProcess;
  readonly ended: Promise<number | NodeJS.Signals>;
  stdout = '';
  stderr = '';

  /** `new LauncherProcess('start.ts', […])`, or any other command by its absolute path or name. */
  constructor(command: string, args: readonly string[]) {
    const isFile = command.endsWith('.ts');
    const file = isFile ? process.execPath : command;
    this.#child = spawn(file, isFile ? [path.join(LAUNCHER, command), ...args] : args, {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own, as a shell makes one: Ctrl-C is a signal to all of it.
      detached: true,
    });
    this.#child.stdout!.on('data', (chunk: Buffer) => (this.stdout += chunk.toString()));
    this.#child.stderr!.on('data', (chunk: Buffer) => (this.stderr += chunk.toString()));
    this.ended = new Promise((resolve) => {
      this.#child.once('close', (code, signal) => resolve(code ?? signal ?? 'SIGKILL'));
    });
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** Every process that this one, and what it started, has started. */
  descendants(): number[] {
    const lines = execFileSync('ps', ['-axo', 'pid=,ppid='], { encoding: 'utf8' })
      .trim()
      .split('\n');
    const pairs = lines.map((line) => line.trim().split(/\s+/).map(Number) as [number, number]);
    const found = [this.pid];
    for (const parent of found) {
      found.push(...pairs.flatMap(([pid, ppid]) => (ppid === parent ? [pid] : [])));
    }
    return found.slice(1);
  }

  /** The command line of a process. */
  commandOf(pid: number): string {
    return execFileSync('ps', ['-p', String(pid), '-o', 'args='], { encoding: 'utf8' });
  }

  /** Signals the process alone (`kill`), or its group as a terminal's Ctrl-C does. */
  signal(signal: NodeJS.Signals, whom: 'process' | 'group' = 'process'): void {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    process.kill(whom === 'group' ? -this.pid : this.pid, signal);
  }
}

/** Resolves when the condition holds. @throws with its name when it doesn't in time */
export async function eventually(
  what: string,
  holds: () => boolean | Promise<boolean>,
  withinMs = 60_000,
): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`not within ${withinMs / 1000} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export function allGone(pids: readonly number[]): boolean {
  return pids.every((pid) => !isAlive(pid));
}

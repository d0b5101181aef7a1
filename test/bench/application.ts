import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { messageOf } from '../../streams/errors.ts';

/** A program to be started. */
export interface Launch {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}

const STOP_MS = 30_000;
const KEPT_LOG = 4000;

/** Groups of processes that run; whatever ends this process ends them. */
const running = new Set<Application>();
process.on('exit', () => running.forEach((application) => application.kill()));

/** A contender's process, and all that it starts: in a group of its own, so that they end together. */
export class Application implements AsyncDisposable {
  /** When it was started; wall clock. */
  readonly startedAt: number;
  /** Resolves when it has ended, and all that it said has been read. */
  readonly hasExited: Promise<unknown>;
  readonly #child: ChildProcess;
  #log = '';

  private constructor(child: ChildProcess, startedAt: number) {
    this.#child = child;
    this.startedAt = startedAt;
    this.hasExited = once(child, 'close').finally(() => running.delete(this));
    // One that can't be started says so in `start`.
    this.hasExited.catch(() => undefined);
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.#log = (this.#log + chunk.toString()).slice(-KEPT_LOG);
      });
    }
  }

  /** @throws when there is no such program */
  static async start({ file, args, env, cwd }: Launch): Promise<Application> {
    const startedAt = Date.now();
    const child = spawn(file, args, {
      cwd,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    const application = new Application(child, startedAt);
    try {
      await once(child, 'spawn');
    } catch (error) {
      throw new Error(`${file} can't be started: ${messageOf(error)}`, { cause: error });
    }
    running.add(application);
    return application;
  }

  get pid(): number {
    return this.#child.pid!;
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  get exitCode(): number | null {
    return this.#child.exitCode;
  }

  /** The last of what it said. */
  get log(): string {
    return this.#log.trim();
  }

  /** As `kill -9` of the whole group. */
  kill(): void {
    this.#signal('SIGKILL');
  }

  /** Ends it, also what it has left behind, and waits for that; what doesn't listen to SIGTERM is killed after half a minute. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    if (!running.has(this)) return;
    this.#signal(signal);
    const timer = setTimeout(() => this.kill(), STOP_MS);
    await this.hasExited;
    clearTimeout(timer);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end('SIGKILL');
  }

  #signal(signal: NodeJS.Signals): void {
    try {
      process.kill(-this.pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}

/** Ends all that run, at once. */
export function killAll(): void {
  running.forEach((application) => application.kill());
}

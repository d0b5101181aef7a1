import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { holderOf } from '../bootstrap/lock.mjs';
import type { Exit, Launch, Notice, Order } from './messages.ts';

/** A process that the keeper runs. */
export interface KeptProcess {
  readonly pid: number;
  /** Settles when the process has ended, however it did. */
  readonly exited: Promise<Exit>;
  /** Sends a signal to the process and everything that it started. */
  signal(signal: NodeJS.Signals): void;
}

/** More than a keeper's patience. */
const ENDS_WITHIN_MS = 8000;

interface Entry {
  onSpawned: (pid: number) => void;
  onFailed: (message: string) => void;
  onExited: (exit: Exit) => void;
  pid?: number;
}

/** The launcher's end of the keeper: see `keeper.ts` for what it is there for. */
export class Keeper {
  readonly #process: ChildProcess;
  readonly #entries = new Map<number, Entry>();
  #nextId = 1;

  constructor() {
    // NODE_OPTIONS and the parent's own flags (a test runner's loader) are not for it.
    const env = { ...process.env, NODE_OPTIONS: '' };
    this.#process = fork(new URL('keeper.ts', import.meta.url), {
      detached: true,
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      execArgv: [],
      env,
    });
    this.#process.on('message', (notice: Notice) => this.#onNotice(notice));
    this.#process.once('exit', () => this.#onLost());
  }

  /**
   * A keeper for what works on the data in `folder`. One of an earlier launcher, which was killed, may
   * still be busy ending what had that data open: it is waited for.
   */
  static async in(folder: string, name = 'keeper'): Promise<Keeper> {
    const file = path.join(folder, `${name}.pid`);
    const deadline = Date.now() + ENDS_WITHIN_MS;
    // Past the deadline the id is some other process's by now.
    while (holderOf(file) !== undefined && Date.now() < deadline) await sleep(50);
    const keeper = new Keeper();
    writeFileSync(file, String(keeper.#process.pid ?? ''));
    keeper.removeAtEnd(file);
    return keeper;
  }

  /** Starts a program; rejects when it can't be started at all (no such file, no permission). */
  async spawn(launch: Launch): Promise<KeptProcess> {
    if (!this.#process.connected)
      throw new Error(`${launch.file} is not started: all is stopping.`);
    const id = this.#nextId++;
    const exit = Promise.withResolvers<Exit>();
    const spawned = Promise.withResolvers<number>();
    this.#entries.set(id, {
      onSpawned: spawned.resolve,
      onFailed: (message) =>
        spawned.reject(new Error(`${launch.file} could not be started: ${message}`)),
      onExited: exit.resolve,
    });
    this.#send({ type: 'spawn', id, launch });
    const pid = await spawned.promise;
    return {
      pid,
      exited: exit.promise,
      signal: (signal) => this.#send({ type: 'signal', id, signal }),
    };
  }

  /** A file or folder that is to be gone when all has stopped, also after a crash of the launcher. */
  removeAtEnd(path: string): void {
    this.#send({ type: 'remove-at-end', path });
  }

  /** A command that is to be run when all has stopped, also after a crash of the launcher. */
  runAtEnd(file: string, args: readonly string[]): void {
    this.#send({ type: 'run-at-end', file, args });
  }

  /** Ends what still runs, cleans up, and is done. */
  async close(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const gone = once(this.#process, 'exit');
    this.#send({ type: 'end' });
    await gone;
  }

  #send(order: Order): void {
    // A keeper that is gone has nothing left to be told: `#onLost` has seen to its processes.
    if (this.#process.connected) this.#process.send(order);
  }

  #onNotice(notice: Notice): void {
    const entry = this.#entries.get(notice.id);
    if (!entry) return;
    switch (notice.type) {
      case 'spawned':
        entry.pid = notice.pid;
        entry.onSpawned(notice.pid);
        break;
      case 'failed':
        this.#entries.delete(notice.id);
        entry.onFailed(notice.message);
        break;
      case 'exited':
        this.#entries.delete(notice.id);
        entry.onExited({ code: notice.code, signal: notice.signal });
    }
  }

  /** Should the keeper itself be killed, the launcher ends what it ran: one of the two always does. */
  #onLost(): void {
    for (const entry of this.#entries.values()) {
      entry.onFailed('the keeper process is gone');
      if (entry.pid === undefined) continue;
      try {
        process.kill(-entry.pid, 'SIGKILL');
      } catch {
        // It ended together with the keeper.
      }
      entry.onExited({ code: null, signal: 'SIGKILL' });
    }
    this.#entries.clear();
  }
}

import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { ShopSettings, ShopStatus } from './shop-process.ts';

/** A process with the shop's topology. */
export class ShopInstance implements AsyncDisposable {
  readonly #child: ChildProcess;
  #now: number;

  constructor(settings: ShopSettings) {
    this.#now = settings.start;
    const file = new URL('shop-process.ts', import.meta.url);
    // The test runner's own flags are not for it.
    this.#child = fork(file, [JSON.stringify(settings)], { execArgv: [] });
  }

  /** Tells it the time, and asks what it is at. @throws when it has ended */
  async at(now = this.#now): Promise<ShopStatus> {
    this.#now = now;
    if (!this.#child.connected) throw new Error('the process has ended');
    this.#child.send(now);
    const [status] = (await once(this.#child, 'message')) as [ShopStatus];
    if (status.error !== undefined) throw new Error(status.error);
    return status;
  }

  /** @returns the exit code, or the signal that ended it */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | string> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const exit = once(this.#child, 'exit');
      this.#child.kill(signal);
      await exit;
    }
    return this.#child.exitCode ?? this.#child.signalCode ?? 'unknown';
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end('SIGKILL');
  }
}

import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ROOT } from './bootstrap/root.mjs';
import { describeExit, StartFailed } from './infra/errors.ts';
import { lastLines, rotate } from './infra/log-tail.ts';
import { httpOk } from './infra/probes.ts';
import type { Progress, Report } from './infra/types.ts';
import type { Keeper, KeptProcess } from './keeper/keeper-client.ts';
import type { ServiceDefinition } from './services.ts';

const READY_WITHIN_MS = 60_000;
const STOP_WITHIN_MS = 20_000;
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 30_000;
/** Having run this long, a service is taken for sound again: the next pause is the first again. */
const SOUND_AFTER_MS = 60_000;

/** How long to wait before start number `attempt` (1, 2, …) of a service that keeps ending: doubling. */
export function pauseBefore(attempt: number): number {
  return Math.min(FIRST_PAUSE_MS * 2 ** (attempt - 1), LONGEST_PAUSE_MS);
}

/** Keeps one service running: started again, after a pause, whenever it ends unasked. */
export class ServiceRunner {
  readonly #definition: ServiceDefinition;
  readonly #keeper: Keeper;
  readonly #env: Record<string, string>;
  readonly #report: Report;
  readonly #logFile: string;
  readonly #url: string;
  readonly #stop = new AbortController();
  #running: KeptProcess | undefined;

  constructor(
    definition: ServiceDefinition,
    options: {
      keeper: Keeper;
      env: Record<string, string>;
      port: number;
      logs: string;
      report: Report;
    },
  ) {
    this.#definition = definition;
    this.#keeper = options.keeper;
    this.#env = { ...options.env, HTTP_PORT: String(options.port) };
    this.#report = options.report;
    this.#logFile = path.join(options.logs, `${definition.name}.log`);
    this.#url = `http://127.0.0.1:${options.port}`;
  }

  /** Where its HTTP endpoints are. */
  get url(): string {
    return this.#url;
  }

  /** Resolves once it is healthy. @throws {StartFailed} when the first start doesn't get there */
  async start(): Promise<void> {
    rotate(this.#logFile);
    const kept = await this.#spawn();
    await this.#untilHealthy(kept);
    void this.#keepRunning(kept);
  }

  /** Asks it to stop, and makes it when it doesn't. */
  async stop(): Promise<void> {
    this.#stop.abort();
    const kept = this.#running;
    if (!kept) return;
    this.#tell('stopping');
    kept.signal('SIGTERM');
    const force = setTimeout(() => kept.signal('SIGKILL'), STOP_WITHIN_MS);
    await kept.exited;
    clearTimeout(force);
    this.#tell('stopped');
  }

  async #spawn(): Promise<KeptProcess> {
    this.#tell('starting');
    const args = [path.join(ROOT, this.#definition.main)];
    const launch = {
      file: process.execPath,
      args,
      env: this.#env,
      cwd: ROOT,
      logFile: this.#logFile,
    };
    const kept = await this.#keeper.spawn(launch);
    this.#running = kept;
    void kept.exited.then(() => {
      if (this.#running === kept) this.#running = undefined;
    });
    return kept;
  }

  async #untilHealthy(kept: KeptProcess): Promise<void> {
    const startedAt = Date.now();
    let ended: string | undefined;
    void kept.exited.then((exit) => (ended = describeExit(exit)));
    while (!(await httpOk(`${this.#url}/actuator/health`).catch(() => false))) {
      const isLate = Date.now() - startedAt > READY_WITHIN_MS;
      if (ended === undefined && !isLate) {
        await sleep(100);
        continue;
      }
      const what = ended
        ? `${ended} before it was healthy`
        : `was not healthy within ${READY_WITHIN_MS / 1000} s`;
      throw new StartFailed(this.#definition.name, what, this.#logFile, lastLines(this.#logFile));
    }
    this.#tell('ready', `${((Date.now() - startedAt) / 1000).toFixed(1)} s`);
  }

  /** Waits for its end, and starts it again, until `stop`. */
  async #keepRunning(first: KeptProcess): Promise<void> {
    const { signal } = this.#stop;
    let attempt = 0;
    for (let kept = first; ;) {
      const since = Date.now();
      const exit = await kept.exited;
      if (signal.aborted) return;
      attempt = Date.now() - since > SOUND_AFTER_MS ? 1 : attempt + 1;
      const pauseMs = pauseBefore(attempt);
      this.#tell(
        'died',
        [
          `${describeExit(exit)} and is started again in ${pauseMs / 1000} s; ${this.#logFile} ends with:`,
          ...lastLines(this.#logFile),
        ].join('\n'),
      );
      try {
        await sleep(pauseMs, undefined, { signal });
        kept = await this.#spawn();
      } catch {
        return; // Stopped in the meantime.
      }
      // Healthy or not, its end is what counts here.
      void this.#untilHealthy(kept).catch(() => undefined);
    }
  }

  #tell(state: Progress['state'], detail?: string): void {
    const component = this.#definition.name;
    this.#report({ component, state, ...(detail === undefined ? {} : { detail }) });
  }
}

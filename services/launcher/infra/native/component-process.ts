import { setTimeout as sleep } from 'node:timers/promises';
import type { Keeper, KeptProcess } from '../../keeper/keeper-client.ts';
import { describeExit, StartFailed } from '../errors.ts';
import { lastLines } from '../log-tail.ts';
import type { Plan, Progress } from '../types.ts';

const READY_WITHIN_MS = 120_000;
const POLL_MS = 50;
/** Kafka ends within a second; this is for the one that hangs. */
const STOP_WITHIN_MS = 15_000;

/**
 * One component's process, through its starts and stops.
 *
 *     down --start--> starting --ready--> up --stop, kill--> down
 *                        |                 |
 *                        +-----(fails)-----+--(ends unasked)--> down, reported as `died`
 */
export class ComponentProcess {
  readonly #title: string;
  readonly #plan: Plan;
  readonly #keeper: Keeper;
  readonly #tell: (state: Progress['state'], detail?: string) => void;
  #running: KeptProcess | undefined;
  #isGivenUp = false;
  /** The process whose end is nobody's surprise. */
  #expectedEnd: KeptProcess | undefined;

  constructor(
    title: string,
    plan: Plan,
    keeper: Keeper,
    tell: (state: Progress['state'], detail?: string) => void,
  ) {
    this.#title = title;
    this.#plan = plan;
    this.#keeper = keeper;
    this.#tell = tell;
  }

  get addresses(): Record<string, string> {
    return this.#plan.addresses;
  }

  /** Resolves once it answers. @throws {StartFailed} with the log's end when it doesn't */
  async start(): Promise<void> {
    this.#tell('starting');
    const startedAt = Date.now();
    await this.#plan.prepare();
    if (this.#isGivenUp) throw new Error(`${this.#title} is not started any more.`);
    const kept = await this.#keeper.spawn(this.#plan.launch);
    this.#running = kept;
    const failure = await this.#waitUntilReady(kept);
    if (failure !== undefined) {
      this.#expectedEnd = kept;
      kept.signal('SIGKILL');
      await kept.exited;
      const { logFile } = this.#plan.launch;
      throw new StartFailed(this.#title, failure, logFile, lastLines(logFile));
    }
    this.#tell('ready', `${((Date.now() - startedAt) / 1000).toFixed(1)} s`);
    void this.#watch(kept);
  }

  /** Asks it to stop, and makes it when it doesn't. */
  async stop(): Promise<void> {
    const kept = this.#running;
    if (!kept) return;
    this.#tell('stopping');
    this.#expectedEnd = kept;
    kept.signal('SIGTERM');
    const force = setTimeout(() => kept.signal('SIGKILL'), STOP_WITHIN_MS);
    // One that was stopped by SIGSTOP hears nothing else before it goes on.
    kept.signal('SIGCONT');
    await kept.exited;
    clearTimeout(force);
    this.#running = undefined;
    this.#tell('stopped');
  }

  /** Ends it, or its start, for good. */
  giveUp(): void {
    this.#isGivenUp = true;
    this.kill('SIGKILL');
  }

  /** Its end is no surprise from now on. */
  expectEnd(): void {
    this.#expectedEnd = this.#running;
  }

  /** Sends a signal, as somebody outside would; its end is then no surprise. */
  kill(signal: NodeJS.Signals): void {
    const kept = this.#running;
    if (!kept) return;
    if (signal !== 'SIGSTOP' && signal !== 'SIGCONT') this.#expectedEnd = kept;
    kept.signal(signal);
  }

  /** Answers what went wrong, or undefined when it is up. */
  async #waitUntilReady(kept: KeptProcess): Promise<string | undefined> {
    let ended: string | undefined;
    void kept.exited.then((exit) => (ended = describeExit(exit)));
    const deadline = Date.now() + READY_WITHIN_MS;
    for (;;) {
      const isReady = await this.#plan.isReady().catch(() => false);
      // Looked at after the probe: a stranger on the port may have answered it.
      if (ended !== undefined) return `${ended} before it was ready`;
      if (isReady) return undefined;
      if (Date.now() > deadline) return `did not answer within ${READY_WITHIN_MS / 1000} s`;
      await sleep(POLL_MS);
    }
  }

  async #watch(kept: KeptProcess): Promise<void> {
    const exit = await kept.exited;
    if (this.#running === kept) this.#running = undefined;
    if (this.#expectedEnd === kept) return;
    const { logFile } = this.#plan.launch;
    this.#tell(
      'died',
      [`${describeExit(exit)}; ${logFile} ends with:`, ...lastLines(logFile)].join('\n'),
    );
  }
}

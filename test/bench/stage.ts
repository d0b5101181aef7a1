import { rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { renamed, topics } from '#schemas';
import { freePort, giveBack } from '../../services/launcher/infra/ports.ts';
import { messageOf } from '../../streams/errors.ts';
import { Application } from './application.ts';
import type { Bed, Inputs } from './bed.ts';
import type { Contender, Setup } from './contender.ts';
import type { AlertIds } from './load.ts';
import { AlertCollector, outcomeFault } from './outcome-check.ts';

const STALLED_MS = 120_000;
const OUTCOME_MS = 60_000;

/** An application has ended by itself. */
export class ApplicationEnded extends Error {
  override readonly name = 'ApplicationEnded';
  readonly exitCode: number | null;
  /** The last of what it said. */
  readonly log: string;

  constructor(name: string, application: Application) {
    const { exitCode, log } = application;
    super(`${name} has ended by itself (exit code ${String(exitCode)}); its last words:\n${log}`);
    this.exitCode = exitCode;
    this.log = log;
  }
}

/** One application of a contender: its id, topics and state, over any number of starts. */
export class Stage implements AsyncDisposable {
  readonly alertTopic: typeof topics.alertRaised;
  readonly resolvedTopic: typeof topics.alertResolved;
  readonly inputs: readonly string[];
  readonly #bed: Bed;
  readonly #contender: Contender;
  readonly #setup: Setup;

  private constructor(bed: Bed, contender: Contender, setup: Setup) {
    this.#bed = bed;
    this.#contender = contender;
    this.#setup = setup;
    this.inputs = [setup.orders, setup.payments];
    this.alertTopic = renamed(topics.alertRaised, setup.alerts);
    this.resolvedTopic = renamed(topics.alertResolved, setup.resolved);
  }

  static async make(
    bed: Bed,
    contender: Contender,
    inputs: Inputs,
    given: Pick<Setup, 'application' | 'stateDir' | 'threads' | 'lateness'>,
  ): Promise<Stage> {
    const stage = new Stage(bed, contender, {
      ...given,
      ...bed.addresses,
      orders: inputs.orders.name,
      payments: inputs.payments.name,
      alerts: `${given.application}-alerts`,
      resolved: `${given.application}-resolved`,
      httpPort: await freePort(),
    });
    await bed.makeTopics([stage.alertTopic, stage.resolvedTopic]);
    return stage;
  }

  start(): Promise<Application> {
    return Application.start(this.#contender.launch(this.#setup));
  }

  /** What it has committed, by partition of the inputs. */
  committed(): Promise<number[]> {
    return this.#bed.broker.committed(this.#setup.application, this.inputs);
  }

  /**
   * Looks again and again what it has committed, until that is at least so much in each partition.
   *
   * @param seen gets each look, with its wall-clock time
   * @throws {ApplicationEnded}
   * @throws when it has not gone on for two minutes
   */
  async hasCommitted(
    application: Application,
    targets: readonly number[],
    { everyMs, seen }: { everyMs: number; seen?: (offsets: readonly number[], at: number) => void },
  ): Promise<void> {
    let best = -1;
    let bestAt = Date.now();
    for (;;) {
      if (application.hasEnded) {
        await application.end('SIGKILL');
        throw new ApplicationEnded(this.#contender.name, application);
      }
      const offsets = await this.committed();
      const now = Date.now();
      seen?.(offsets, now);
      if (offsets.every((offset, i) => offset >= targets[i]!)) return;
      const done = offsets.reduce((sum, offset) => sum + offset, 0);
      if (done > best) [best, bestAt] = [done, now];
      if (now - bestAt > STALLED_MS) throw new Error(this.#stalled(offsets, targets, application));
      await delay(everyMs);
    }
  }

  /** As far as it has to commit to have processed all that is written: behind the last records stand transactions' markers. */
  async targets(): Promise<number[]> {
    const ends = await this.#bed.broker.ends(this.inputs);
    return ends.map((end) => Math.max(0, end - 1));
  }

  /** Waits until all that was written by transactions is processed. */
  async isCaughtUp(application: Application): Promise<void> {
    await this.hasCommitted(application, await this.targets(), { everyMs: 100 });
  }

  /**
   * Waits for the alerts, ends the application, and compares all that it has committed.
   * @returns what is wrong, in words; undefined when nothing is
   */
  async outcomeFault(application: Application, expected: AlertIds): Promise<string | undefined> {
    const { broker, registry } = this.#bed;
    const { alertTopic, resolvedTopic } = this;
    const raised = new AlertCollector(broker.reader(alertTopic.name), registry.serde(alertTopic));
    const resolved = new AlertCollector(
      broker.reader(resolvedTopic.name),
      registry.serde(resolvedTopic),
    );
    const deadline = Date.now() + OUTCOME_MS;
    const isThere = () =>
      raised.ids.length >= expected.raised.length &&
      resolved.ids.length >= expected.resolved.length;
    while (!isThere() && Date.now() < deadline && !application.hasEnded) {
      await Promise.all([raised.poll(200), resolved.poll(200)]);
      this.#bed.progress.show(`  waiting for alerts: ${String(raised.ids.length)}`);
    }
    await application.end('SIGTERM');
    await raised.readTo(await broker.ends([alertTopic.name]));
    await resolved.readTo(await broker.ends([resolvedTopic.name]));
    return outcomeFault({ raised: raised.ids, resolved: resolved.ids }, expected);
  }

  /** Sums of its gauges and counters with these names; undefined where it has none to be asked for. */
  async metrics(names: readonly string[]): Promise<Map<string, number> | undefined> {
    if (this.#contender.name === 'peer') return undefined;
    const url = `http://127.0.0.1:${String(this.#setup.httpPort)}/actuator/prometheus`;
    const answer = await fetch(url).catch((error: unknown) => {
      throw new Error(`no metrics from ${url}: ${messageOf((error as Error).cause)}`);
    });
    const text = await answer.text();
    return new Map(names.map((name) => [name, sumOfMetric(text, name)]));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    giveBack([this.#setup.httpPort]);
    rmSync(this.#setup.stateDir, { recursive: true, force: true });
    await this.#bed.broker.deleteTopics(this.#setup.application);
  }

  #stalled(offsets: readonly number[], targets: readonly number[], { log }: Application): string {
    const behind = offsets.filter((offset, i) => offset < targets[i]!).length;
    return (
      `${this.#contender.name} has committed nothing for ${STALLED_MS / 1000} s, and is behind in ` +
      `${behind} of ${targets.length} input partitions; the group is '${this.#setup.application}'. ` +
      `Its last words:\n${log}`
    );
  }
}

/** The sum of a metric over its labels; NaN where the text has none. */
export function sumOfMetric(text: string, name: string): number {
  const values = [...text.matchAll(new RegExp(`^${name}(?:\\{.*\\})? (\\S+)$`, 'gm'))];
  return values.length === 0 ? NaN : values.reduce((sum, [, value]) => sum + Number(value), 0);
}

import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { addressesFile, publishAddresses } from './addresses-file.ts';
import { ROOT } from './bootstrap/root.mjs';
import { startInfra, type Infra, type InfraOptions, type Report } from './infra.ts';
import { describeExit, StartFailed } from './infra/errors.ts';
import { lastLines, rotate } from './infra/log-tail.ts';
import { giveBack, preferredPort } from './infra/ports.ts';
import { Keeper } from './keeper/keeper-client.ts';
import { ServiceRunner } from './service-runner.ts';
import { services, setup } from './services.ts';

type Provision = (env: Record<string, string>, report: (line: string) => void) => Promise<void>;

/** Everything that `npm start` runs, from the bottom up; stopped from the top down. */
export class Stack {
  readonly #dataDir: string;
  readonly #mode: InfraOptions['mode'];
  readonly #report: Report;
  readonly #runners = new Map<string, ServiceRunner>();
  readonly #ports = new Map<string, number>();
  readonly #urlOf = (service: string): string => `http://127.0.0.1:${this.#ports.get(service)!}`;
  #infra: Infra | undefined;
  #keeper: Keeper | undefined;
  #unpublish = (): void => undefined;

  constructor(options: { dataDir: string; mode: 'auto' | 'docker' | 'native'; report: Report }) {
    this.#dataDir = options.dataDir;
    this.#mode = options.mode;
    this.#report = options.report;
  }

  /** By setting name: the infrastructure's, and those of services that commands ask. */
  get addresses(): Record<string, string> {
    return {
      ...this.#infra?.addresses,
      ...(this.#ports.has('kafka-alert') && { KAFKA_ALERT_URL: this.#urlOf('kafka-alert') }),
      ...(this.#ports.has('paypay-sandbox') && { PAYPAY_URL: this.#urlOf('paypay-sandbox') }),
    };
  }

  /** The services' HTTP addresses, by service name. */
  get urls(): ReadonlyMap<string, string> {
    return new Map([...this.#runners].map(([name, runner]) => [name, runner.url]));
  }

  get logs(): string {
    return path.join(this.#dataDir, 'logs');
  }

  async start(): Promise<void> {
    mkdirSync(this.logs, { recursive: true });
    this.#infra = await startInfra({
      dataDir: this.#dataDir,
      ports: 'preferred',
      purpose: 'start',
      mode: this.#mode ?? 'auto',
      report: this.#report,
    });
    await this.#provision();
    const keeper = await Keeper.in(this.#dataDir, 'services');
    this.#keeper = keeper;
    keeper.removeAtEnd(addressesFile(this.#dataDir));
    for (const { name, preferredPort: port } of services)
      this.#ports.set(name, await preferredPort(port));
    this.#unpublish = publishAddresses(this.#dataDir, this.addresses);
    for (const definition of services) {
      const runner = new ServiceRunner(definition, {
        keeper,
        port: this.#ports.get(definition.name)!,
        env: { ...this.#serviceEnv(definition.name), ...definition.env?.(this.#urlOf) },
        logs: this.logs,
        report: this.#report,
      });
      this.#runners.set(definition.name, runner);
    }
    await Promise.all([...this.#runners.values()].map((runner) => runner.start()));
    for (const step of setup) await this.#runSetup(keeper, step);
  }

  /** Services first, the last started first: they write their last words to what is below them. */
  async stop(): Promise<void> {
    this.#unpublish();
    for (const runner of [...this.#runners.values()].reverse()) await runner.stop();
    await this.#keeper?.close();
    await this.#infra?.stop();
    giveBack([...this.#ports.values()]);
  }

  /** A command that ends by itself. @throws {StartFailed} when it does not end well */
  async #runSetup(keeper: Keeper, { name, main }: (typeof setup)[number]): Promise<void> {
    const startedAt = Date.now();
    const logFile = path.join(this.logs, `${name}.log`);
    rotate(logFile);
    this.#report({ component: name, state: 'starting' });
    const kept = await keeper.spawn({
      file: process.execPath,
      args: [path.join(ROOT, main)],
      env: this.#serviceEnv(name),
      cwd: ROOT,
      logFile,
    });
    const exit = await kept.exited;
    if (exit.code !== 0)
      throw new StartFailed(name, describeExit(exit), logFile, lastLines(logFile));
    const detail = `${((Date.now() - startedAt) / 1000).toFixed(1)} s`;
    this.#report({ component: name, state: 'ready', detail });
  }

  async #provision(): Promise<void> {
    const component = 'topics';
    this.#report({ component, state: 'starting' });
    const { provision } = (await import('../kit/provision.ts')) as { provision: Provision };
    const startedAt = Date.now();
    await provision(this.addresses, (detail) =>
      this.#report({ component, state: 'installing', detail }),
    );
    this.#report({
      component,
      state: 'ready',
      detail: `${((Date.now() - startedAt) / 1000).toFixed(1)} s`,
    });
  }

  /** A person's own settings count, but not where they say where the infrastructure is. */
  #serviceEnv(service: string): Record<string, string> {
    return {
      ...(process.env as Record<string, string>),
      STATE_DIR: path.relative(ROOT, path.join(this.#dataDir, 'state', service)),
      ...this.addresses,
    };
  }
}

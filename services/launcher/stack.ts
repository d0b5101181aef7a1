import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { addressesFile, publishAddresses } from './addresses-file.ts';
import { ROOT } from './bootstrap/root.mjs';
import { startInfra, type Infra, type InfraOptions, type Report } from './infra.ts';
import { giveBack, preferredPort } from './infra/ports.ts';
import { Keeper } from './keeper/keeper-client.ts';
import { ServiceRunner } from './service-runner.ts';
import { services } from './services.ts';

type Provision = (env: Record<string, string>, report: (line: string) => void) => Promise<void>;

/** Everything that `npm start` runs, from the bottom up; stopped from the top down. */
export class Stack {
  readonly #dataDir: string;
  readonly #mode: InfraOptions['mode'];
  readonly #report: Report;
  readonly #runners = new Map<string, ServiceRunner>();
  readonly #ports: number[] = [];
  #infra: Infra | undefined;
  #keeper: Keeper | undefined;
  #unpublish = (): void => undefined;

  constructor(options: { dataDir: string; mode: 'auto' | 'docker' | 'native'; report: Report }) {
    this.#dataDir = options.dataDir;
    this.#mode = options.mode;
    this.#report = options.report;
  }

  /** The infrastructure's, by setting name. */
  get addresses(): Record<string, string> {
    return this.#infra?.addresses ?? {};
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
    this.#keeper = await Keeper.in(this.#dataDir, 'services');
    this.#keeper.removeAtEnd(addressesFile(this.#dataDir));
    this.#unpublish = publishAddresses(this.#dataDir, this.addresses);
    for (const definition of services) {
      const port = await preferredPort(definition.preferredPort);
      this.#ports.push(port);
      const runner = new ServiceRunner(definition, {
        keeper: this.#keeper,
        port,
        env: this.#serviceEnv(definition.name),
        logs: this.logs,
        report: this.#report,
      });
      this.#runners.set(definition.name, runner);
      await runner.start();
    }
  }

  /** Services first, the last started first: they write their last words to what is below them. */
  async stop(): Promise<void> {
    this.#unpublish();
    for (const runner of [...this.#runners.values()].reverse()) await runner.stop();
    await this.#keeper?.close();
    await this.#infra?.stop();
    giveBack(this.#ports);
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

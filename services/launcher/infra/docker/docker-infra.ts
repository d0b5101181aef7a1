import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { Keeper } from '../../keeper/keeper-client.ts';
import { runTool } from '../../keeper/run-tool.ts';
import { definitions } from '../components/index.ts';
import type { Infra, InfraOptions } from '../infra-options.ts';
import { lastLines, rotate } from '../log-tail.ts';
import { freePort, giveBack, preferredPort } from '../ports.ts';
import type { Component, NodeName } from '../types.ts';
import { addressesOf, composeArgs, portVariables, projectName } from './compose.ts';

const run = promisify(execFile);

/** The infrastructure as containers; see `startInfra`. */
export async function startDocker(options: Required<InfraOptions>): Promise<Infra> {
  mkdirSync(path.join(options.dataDir, 'logs'), { recursive: true });
  const ports = new Map<Component, number>();
  for (const component of options.components) {
    const [preferred = 0] = definitions[component].preferredPorts;
    const port = options.ports === 'preferred' ? preferredPort(preferred) : freePort();
    ports.set(component, await port);
  }
  const docker = new DockerInfra(options, ports, await Keeper.in(options.dataDir));
  try {
    await docker.start();
  } catch (error) {
    await docker.stop();
    throw error;
  }
  return docker;
}

/** Not tried against an engine by its author, who had none: the command lines are what tests check. */
class DockerInfra implements Infra {
  readonly addresses: Record<string, string>;
  readonly #options: Required<InfraOptions>;
  readonly #ports: ReadonlyMap<Component, number>;
  readonly #project: string;
  readonly #env: Record<string, string>;
  readonly #keeper: Keeper;
  /** Components whose end was asked for. */
  readonly #expectedEnds = new Set<NodeName>();
  #stopping: Promise<void> | undefined;

  constructor(
    options: Required<InfraOptions>,
    ports: ReadonlyMap<Component, number>,
    keeper: Keeper,
  ) {
    this.addresses = addressesOf(ports);
    this.#options = options;
    this.#ports = ports;
    this.#project = projectName(options.dataDir);
    this.#env = { ...(process.env as Record<string, string>), ...portVariables(ports) };
    this.#keeper = keeper;
    // At the end, whichever that is: a stop, a crash, a kill -9. Volumes go with temporary data only.
    const volumes = options.temporary ? ['--volumes'] : [];
    this.#keeper.runAtEnd('docker', composeArgs(this.#project, 'down', ...volumes));
    if (options.temporary) this.#keeper.removeAtEnd(options.dataDir);
  }

  async start(): Promise<void> {
    const { components, report } = this.#options;
    for (const component of components) report({ component, state: 'starting' });
    await this.#up(components);
    for (const component of components) {
      report({ component, state: 'ready' });
      await this.#follow(component);
    }
  }

  logFile(name: string): string {
    return path.join(this.#options.dataDir, 'logs', `${name}.log`);
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#keeper.close().then(() => giveBack([...this.#ports.values()]));
    return this.#stopping;
  }

  kill(component: NodeName, signal: NodeJS.Signals = 'SIGKILL'): void {
    this.#expectedEnds.add(component);
    void this.#docker('kill', '--signal', signal, component).catch((error: unknown) => {
      this.#options.report({ component, state: 'died', detail: String(error) });
    });
  }

  async restart(component: NodeName): Promise<void> {
    this.#expectedEnds.add(component);
    await this.#docker('stop', component);
    await this.#up([component]);
    await this.#follow(component);
  }

  /** `up --wait` resolves when every health check has passed, and fails when one can't. */
  async #up(components: readonly NodeName[]): Promise<void> {
    const file = 'docker';
    const args = composeArgs(this.#project, 'up', '--detach', '--wait', ...components);
    const logFile = this.logFile('docker-compose');
    await runTool(
      this.#keeper,
      { file, args, env: this.#env, cwd: this.#options.dataDir, logFile },
      {
        hint: `docker ${composeArgs(this.#project, 'logs').join(' ')} shows what the containers say.`,
        onLine: (detail) =>
          this.#options.report({ component: 'docker', state: 'installing', detail }),
      },
    );
  }

  /** Copies a container's log into its file; that the copying ends tells that the container has. */
  async #follow(component: NodeName): Promise<void> {
    const logFile = this.logFile(component);
    rotate(logFile);
    const args = composeArgs(
      this.#project,
      'logs',
      '--follow',
      '--no-color',
      '--no-log-prefix',
      component,
    );
    const cwd = this.#options.dataDir;
    const copying = await this.#keeper.spawn({
      file: 'docker',
      args,
      env: this.#env,
      cwd,
      logFile,
    });
    void copying.exited.then(() => {
      if (this.#stopping || this.#expectedEnds.delete(component)) return;
      const detail = [`ended; ${logFile} ends with:`, ...lastLines(logFile)].join('\n');
      this.#options.report({ component, state: 'died', detail });
    });
  }

  async #docker(...args: readonly string[]): Promise<void> {
    await run('docker', composeArgs(this.#project, ...args), { env: this.#env });
  }
}

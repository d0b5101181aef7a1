import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { Keeper } from '../../keeper/keeper-client.ts';
import { runTool } from '../../keeper/run-tool.ts';
import { baseEnv } from '../base-env.ts';
import { definitions } from '../components/index.ts';
import { StartFailed } from '../errors.ts';
import type { Infra, InfraOptions } from '../infra-options.ts';
import { rotate } from '../log-tail.ts';
import { freePort, giveBack, preferredPort } from '../ports.ts';
import type { Component, Progress } from '../types.ts';
import { ComponentProcess } from './component-process.ts';
import { findTools, type Tools } from './tools.ts';

/** How often a component is given other ports because somebody else took the ones it had. */
const PORT_ATTEMPTS = 4;

/** The infrastructure as processes of this machine; see `startInfra`. */
export async function startNative(options: Required<InfraOptions>): Promise<Infra> {
  const { components, dataDir, report } = options;
  mkdirSync(path.join(dataDir, 'logs'), { recursive: true });
  const tools = await findTools(components, (detail) =>
    report({ component: 'tools', state: 'installing', detail }),
  );
  const keeper = await Keeper.in(dataDir);
  if (options.temporary) keeper.removeAtEnd(dataDir);
  const native = new NativeInfra(options, keeper, tools);
  try {
    await native.start();
  } catch (error) {
    await native.stop();
    throw error;
  }
  return native;
}

class NativeInfra implements Infra {
  readonly #options: Required<InfraOptions>;
  readonly #keeper: Keeper;
  readonly #tools: Tools;
  readonly #ports = new Set<number>();
  readonly #processes = new Map<Component, ComponentProcess>();
  #stopping: Promise<void> | undefined;

  constructor(options: Required<InfraOptions>, keeper: Keeper, tools: Tools) {
    this.#options = options;
    this.#keeper = keeper;
    this.#tools = tools;
  }

  get addresses(): Record<string, string> {
    const all = [...this.#processes.values()].map((process) => process.addresses);
    return Object.assign({}, ...all) as Record<string, string>;
  }

  /** All at once; the first that fails ends the others, before its error is thrown. */
  async start(): Promise<void> {
    const starts = this.#options.components.map((component) => this.#startOne(component));
    try {
      await Promise.all(starts);
    } catch (error) {
      for (const process of this.#processes.values()) process.expectEnd();
      await this.#keeper.close();
      await Promise.allSettled(starts);
      throw error;
    }
  }

  logFile(component: string): string {
    return path.join(this.#options.dataDir, 'logs', `${component}.log`);
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  kill(component: Component, signal: NodeJS.Signals = 'SIGKILL'): void {
    this.#processOf(component).kill(signal);
  }

  async restart(component: Component): Promise<void> {
    const process = this.#processOf(component);
    await process.stop();
    await process.start();
  }

  async #stop(): Promise<void> {
    await Promise.all([...this.#processes.values()].map((process) => process.stop()));
    await this.#keeper.close();
    giveBack([...this.#ports]);
  }

  async #startOne(component: Component): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const ports = await this.#choosePorts(component);
      try {
        const process = await this.#prepare(component, ports);
        this.#processes.set(component, process);
        await process.start();
        return;
      } catch (error) {
        this.#processes.delete(component);
        giveBack(ports);
        const again = error instanceof StartFailed && error.isPortTaken && attempt < PORT_ATTEMPTS;
        if (!again) throw error;
      }
    }
  }

  async #prepare(component: Component, ports: readonly number[]): Promise<ComponentProcess> {
    const definition = definitions[component];
    const folder = path.join(this.#options.dataDir, component);
    const logFile = this.logFile(component);
    mkdirSync(folder, { recursive: true });
    rotate(logFile);
    const tell = (state: Progress['state'], detail?: string): void =>
      this.#options.report({ component, state, ...(detail === undefined ? {} : { detail }) });
    const note = (detail: string): void => tell('installing', detail);
    const plan = await definition.plan({
      folder,
      logFile,
      ports,
      purpose: this.#options.purpose,
      tools: this.#tools,
      overrides: this.#options.overrides[component] ?? {},
      note,
      run: (file, args, { cwd = folder, env = baseEnv(), ...rest } = {}) =>
        runTool(this.#keeper, { file, args, cwd, env, logFile: `${logFile}.setup` }, rest),
      alsoTemporary: (each) => {
        if (this.#options.temporary) this.#keeper.removeAtEnd(each);
      },
    });
    return new ComponentProcess(definition.title, plan, this.#keeper, tell);
  }

  async #choosePorts(component: Component): Promise<number[]> {
    const ports: number[] = [];
    for (const preferred of definitions[component].preferredPorts) {
      const wanted = this.#options.ports === 'preferred' ? preferredPort(preferred) : freePort();
      ports.push(await wanted);
      this.#ports.add(ports.at(-1)!);
    }
    return ports;
  }

  #processOf(component: Component): ComponentProcess {
    const process = this.#processes.get(component);
    if (!process) throw new Error(`${component} was not started: ask startInfra for it.`);
    return process;
  }
}

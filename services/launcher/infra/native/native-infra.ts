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
import { COMPONENTS, type Component, type NodeName, type Progress } from '../types.ts';
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
  readonly #processes = new Map<NodeName, ComponentProcess>();
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

  logFile(name: string): string {
    return path.join(this.#options.dataDir, 'logs', `${name}.log`);
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  kill(name: NodeName, signal: NodeJS.Signals = 'SIGKILL'): void {
    for (const process of this.#processesOf(name)) process.kill(signal);
  }

  async restart(name: NodeName): Promise<void> {
    const processes = this.#processesOf(name);
    await Promise.all(processes.map((process) => process.stop()));
    await Promise.all(processes.map((process) => process.start()));
  }

  async #stop(): Promise<void> {
    await Promise.all([...this.#processes.values()].map((process) => process.stop()));
    await this.#keeper.close();
    giveBack([...this.#ports]);
  }

  async #startOne(component: Component): Promise<void> {
    const names = this.#nodesOf(component);
    for (let attempt = 1; ; attempt++) {
      const cluster = await Promise.all(names.map(() => this.#choosePorts(component)));
      try {
        for (const i of names.keys())
          this.#processes.set(names[i]!, await this.#prepare(component, names, i, cluster));
        await startTogether(names.map((name) => this.#processes.get(name)!));
        return;
      } catch (error) {
        for (const name of names) this.#processes.delete(name);
        giveBack(cluster.flat());
        const again = error instanceof StartFailed && error.isPortTaken && attempt < PORT_ATTEMPTS;
        if (!again) throw error;
      }
    }
  }

  /** @param i which of the component's processes */
  async #prepare(
    component: Component,
    names: readonly NodeName[],
    i: number,
    cluster: readonly (readonly number[])[],
  ): Promise<ComponentProcess> {
    const name = names[i]!;
    const definition = definitions[component];
    const folder = path.join(this.#options.dataDir, name);
    const logFile = this.logFile(name);
    mkdirSync(folder, { recursive: true });
    rotate(logFile);
    const tell = (state: Progress['state'], detail?: string): void =>
      this.#options.report({ component: name, state, ...(detail === undefined ? {} : { detail }) });
    const note = (detail: string): void => tell('installing', detail);
    const plan = await definition.plan({
      folder,
      logFile,
      node: i + 1,
      cluster,
      ports: cluster[i]!,
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
    const title = names.length === 1 ? definition.title : `${definition.title} ${i + 1}`;
    return new ComponentProcess(title, plan, this.#keeper, tell);
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

  /** One process bears the component's name; several are numbered. */
  #nodesOf(component: Component): readonly NodeName[] {
    const count = component === 'kafka' ? this.#options.kafkaBrokers : 1;
    if (count === 1) return [component];
    return Array.from({ length: count }, (_, i): NodeName => `${component}-${i + 1}`);
  }

  #processesOf(name: NodeName): ComponentProcess[] {
    const component = COMPONENTS.find((each) => each === name);
    const names = component ? this.#nodesOf(component) : [name];
    return names.map((each) => {
      const process = this.#processes.get(each);
      if (!process) throw new Error(`${each} was not started: ask startInfra for it.`);
      return process;
    });
  }
}

/** They may need one another to become ready: when one fails, the others are given up. */
async function startTogether(processes: readonly ComponentProcess[]): Promise<void> {
  const starts = processes.map((process) => process.start());
  try {
    await Promise.all(starts);
  } catch (error) {
    for (const process of processes) process.giveUp();
    await Promise.allSettled(starts);
    throw error;
  }
}

import { services } from '../../services/launcher/services.ts';
import { eventually } from './kafka.ts';
import { freePort, ServiceProcess } from './service-process.ts';

/** All services of the shop, each a process of its own, as `npm start` runs them. */
export class ShopStack implements AsyncDisposable {
  readonly #env: Readonly<Record<string, string>>;
  readonly #stateDir: string;
  readonly #ports = new Map<string, number>();
  readonly #running = new Map<string, ServiceProcess>();

  private constructor(env: Readonly<Record<string, string>>, stateDir: string) {
    this.#env = env;
    this.#stateDir = stateDir;
  }

  /** @param env addresses, and settings of all */
  static async start(
    env: Readonly<Record<string, string>>,
    stateDir: string,
    names = services.map(({ name }) => name),
  ): Promise<ShopStack> {
    const stack = new ShopStack(env, stateDir);
    for (const { name } of services) stack.#ports.set(name, await freePort());
    await Promise.all(names.map((name) => stack.run(name)));
    await Promise.all(names.map((name) => stack.untilUp(name)));
    return stack;
  }

  urlOf(name: string): string {
    return `http://127.0.0.1:${this.#ports.get(name)!}`;
  }

  /** Where a test's own clients find things. */
  get env(): Record<string, string> {
    return { ...this.#env, PAYPAY_URL: this.urlOf('paypay-sandbox') };
  }

  service(name: string): ServiceProcess {
    return this.#running.get(name)!;
  }

  async run(name: string): Promise<void> {
    const { env, main } = services.find((each) => each.name === name)!;
    const process = await ServiceProcess.start(
      {
        ...this.#env,
        STATE_DIR: `${this.#stateDir}/${name}`,
        HTTP_PORT: String(this.#ports.get(name)!),
        ...env?.((other) => this.urlOf(other)),
      },
      name,
      main,
    );
    this.#running.set(name, process);
  }

  untilUp(name: string): Promise<true> {
    return eventually(`${name} to be up`, async () => {
      const service = this.service(name);
      if (service.hasEnded) throw new Error(`${name} has ended:\n${service.log}`);
      return (await service.health())?.status === 'UP';
    });
  }

  /** `kill -9`. */
  kill(name: string): Promise<number | string> {
    return this.service(name).end('SIGKILL');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#running.values()].map((service) => service.end('SIGKILL')));
  }
}

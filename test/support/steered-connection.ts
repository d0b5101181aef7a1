import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A server's address in whose way stands somebody: who lets everything through, nothing, or nobody in. */
export class SteeredConnection implements AsyncDisposable {
  readonly #target: { readonly host: string; readonly port: number };
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  #server: Server | undefined;
  #port = 0;
  #hangs = false;

  private constructor(target: { readonly host: string; readonly port: number }) {
    this.#target = target;
  }

  static async to(url: string): Promise<SteeredConnection> {
    const { hostname, port } = new URL(url);
    const steered = new SteeredConnection({ host: hostname, port: Number(port) });
    await steered.#listen();
    return steered;
  }

  get address(): string {
    return `127.0.0.1:${this.#port}`;
  }

  /** Connections are taken and kept, and nothing goes through, as with a process that is stopped. */
  hang(): void {
    this.#hangs = true;
    for (const pair of this.#pairs) for (const socket of pair) socket.pause();
  }

  resume(): void {
    this.#hangs = false;
    for (const pair of this.#pairs) for (const socket of pair) socket.resume();
  }

  /** Connections end, and new ones are refused. */
  async leave(): Promise<void> {
    for (const pair of this.#pairs) for (const socket of pair) socket.destroy();
    const server = this.#server;
    this.#server = undefined;
    if (server) await new Promise((resolve) => server.close(resolve));
  }

  async comeBack(): Promise<void> {
    await this.#listen();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.leave();
  }

  async #listen(): Promise<void> {
    const server = createServer((client) => {
      const there = connect(this.#target);
      const pair = [client, there] as const;
      this.#pairs.add(pair);
      for (const [from, to] of [pair, [there, client] as const]) {
        from.on('data', (chunk) => void to.write(chunk));
        from.on('error', () => undefined);
        from.on('close', () => {
          this.#pairs.delete(pair);
          to.destroy();
        });
        if (this.#hangs) from.pause();
      }
    });
    server.listen(this.#port, '127.0.0.1');
    await once(server, 'listening');
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }
}

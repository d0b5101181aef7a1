import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';

interface ComponentHealth {
  readonly status: string;
  readonly details?: {
    readonly tasks?: readonly string[];
    readonly standbys?: readonly { readonly task: string; readonly lag: number }[];
  };
}

/** `/state/orders/{orderNo}`, as far as it says one thing. */
export interface OrderAnswer {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly body: {
    readonly timelines: readonly unknown[];
    readonly answeredBy: {
      readonly host: string;
      readonly isActive: boolean;
      readonly lag: number;
    };
    /** Of a problem. */
    readonly detail?: string;
  };
}

const root = new URL('../../', import.meta.url).pathname;

/** A service as its users run it: a process of its own. */
export class ServiceProcess implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #port: number;
  #log = '';

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.#port = port;
    child.stderr!.on('data', (chunk: Buffer) => (this.#log += chunk.toString()));
  }

  static async start(
    env: Readonly<Record<string, string>>,
    service = 'kafka-alert',
    main = `services/${service}/main.ts`,
  ): Promise<ServiceProcess> {
    const port = Number(env['HTTP_PORT'] ?? (await freePort()));
    const child = spawn(process.execPath, [main], {
      cwd: root,
      env: { ...process.env, HTTP_PORT: String(port), ...env },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    return new ServiceProcess(child, port);
  }

  /** What it has logged so far. */
  get log(): string {
    return this.#log;
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** `/actuator/health`, undefined while nothing listens. */
  async health(): Promise<
    { status: string; components: Record<string, ComponentHealth> } | undefined
  > {
    try {
      const answer = await fetch(`http://127.0.0.1:${this.#port}/actuator/health`);
      return (await answer.json()) as {
        status: string;
        components: Record<string, ComponentHealth>;
      };
    } catch {
      return undefined;
    }
  }

  /** The tasks it owns, by their ids. */
  async tasks(): Promise<readonly string[]> {
    const streams = (await this.health())?.components['streams'];
    return streams?.details?.tasks ?? [];
  }

  /** Replicas that have everything. */
  async warmStandbys(): Promise<readonly string[]> {
    const streams = (await this.health())?.components['streams'];
    const warm = (streams?.details?.standbys ?? []).filter(({ lag }) => lag === 0);
    return warm.map(({ task }) => task);
  }

  /** Where the others reach it. */
  get address(): string {
    return `127.0.0.1:${this.#port}`;
  }

  /** What it says of an order, whoever has it. */
  async order(orderNo: string, { allowStale = false } = {}): Promise<OrderAnswer> {
    const path = `/state/orders/${orderNo}${allowStale ? '?allowStale=true' : ''}`;
    const answer = await fetch(`http://${this.address}${path}`);
    return {
      status: answer.status,
      retryAfter: answer.headers.get('retry-after'),
      body: (await answer.json()) as OrderAnswer['body'],
    };
  }

  async metrics(): Promise<string> {
    return (await fetch(`http://127.0.0.1:${this.#port}/actuator/prometheus`)).text();
  }

  /** One of its `kafka_streams_task_…` metrics, by task; empty while nothing listens. */
  async taskMetric(name: string): Promise<ReadonlyMap<string, number>> {
    const metrics = await this.metrics().catch(() => '');
    const lines = metrics.matchAll(
      new RegExp(`^kafka_streams_task_${name}\\{task="([^"]+)"\\} (\\S+)$`, 'gm'),
    );
    return new Map([...lines].map(([, task, value]) => [task!, Number(value)]));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end('SIGKILL');
  }

  /** @returns the exit code, or the signal that ended it */
  async end(signal: 'SIGTERM' | 'SIGINT' | 'SIGKILL'): Promise<number | string> {
    if (!this.hasEnded) {
      const exit = once(this.#child, 'exit');
      this.#child.kill(signal);
      await exit;
    }
    return this.#child.exitCode ?? this.#child.signalCode ?? 'unknown';
  }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

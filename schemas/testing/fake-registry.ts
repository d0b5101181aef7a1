import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** As much of a Confluent registry's API as the client uses, in memory, with faults. */
export class FakeRegistry {
  readonly schemas: string[] = [];
  readonly levels = new Map<string, string>();
  /** Every request, as `GET /schemas/ids/1`. */
  readonly requests: string[] = [];
  /** Answer to everything instead of the real one. */
  fault: { status: number; body: string } | undefined;
  /** Whether a subject's schemas are refused. */
  refuses = false;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<FakeRegistry> {
    const server = createServer();
    const registry = new FakeRegistry(server);
    server.on('request', (request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        const line = `${request.method ?? ''} ${request.url ?? ''}`;
        registry.requests.push(line);
        const { status, json } = registry.#answer(line, body);
        response.writeHead(status, { 'content-type': 'application/json' }).end(json);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return registry;
  }

  get url(): string {
    return `http://127.0.0.1:${String((this.#server.address() as AddressInfo).port)}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** Puts a schema there as another writer would; answers its id. */
  add(schema: object): number {
    return this.#idOf(JSON.stringify(schema));
  }

  #answer(line: string, body: string): { status: number; json: string } {
    if (this.fault) return { status: this.fault.status, json: this.fault.body };
    const [method, path = ''] = line.split(' ');
    const [, kind, name = '', ...rest] = path.split('/');
    const sent = (body === '' ? {} : JSON.parse(body)) as Record<string, string>;
    if (kind === 'config' && method === 'PUT') {
      this.levels.set(name, sent.compatibility ?? '');
      return ok({ compatibility: sent.compatibility });
    }
    if (kind === 'config') {
      const compatibilityLevel = this.levels.get(name);
      return compatibilityLevel ? ok({ compatibilityLevel }) : missing(40401);
    }
    if (kind === 'subjects') {
      if (this.refuses) {
        return { status: 409, json: '{"error_code":409,"message":"incompatible schema"}' };
      }
      return ok({ id: this.#idOf(sent.schema ?? '') });
    }
    const schema = this.schemas[Number(rest[0]) - 1];
    return schema === undefined ? missing(40403) : ok({ schema });
  }

  #idOf(schema: string): number {
    const index = this.schemas.indexOf(schema);
    return index >= 0 ? index + 1 : this.schemas.push(schema);
  }
}

function ok(body: object): { status: number; json: string } {
  return { status: 200, json: JSON.stringify(body) };
}

function missing(code: number): { status: number; json: string } {
  return { status: 404, json: JSON.stringify({ error_code: code, message: 'not found' }) };
}

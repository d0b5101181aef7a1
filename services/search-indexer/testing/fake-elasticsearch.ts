import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Stored {
  readonly source: object;
  readonly version: number;
  readonly seqNo: number;
}

interface Action {
  readonly _index: string;
  readonly _id: string;
  readonly version?: number;
  readonly if_seq_no?: number;
}

/** What the writer needs of the engine, over HTTP: bulk and mget, with versions, and faults at will. */
export class FakeElasticsearch implements AsyncDisposable {
  readonly indices = new Map<string, Map<string, Stored>>();
  /** Ids of each bulk request. */
  readonly requests: string[][] = [];
  /** Before a request with writes is carried out. */
  onBulk: () => void = () => undefined;
  /** A status and reason for an item that is not taken. */
  fault: (id: string, document: Record<string, unknown>) => readonly [number, string] | undefined =
    () => undefined;
  /** A status for a request that is refused as a whole. */
  wholeFault: (ids: readonly string[]) => number | undefined = () => undefined;
  readonly #server: Server;
  #seqNo = 0;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(...indices: readonly string[]): Promise<FakeElasticsearch> {
    const server = createServer();
    const fake = new FakeElasticsearch(server);
    for (const name of indices) fake.indices.set(name, new Map());
    server.on('request', (request, response) => {
      void textOf(request).then((text) => {
        const [status, body] = fake.#answer(request.url!, text);
        response.writeHead(status, {
          'x-elastic-product': 'Elasticsearch',
          'content-type': 'application/vnd.elasticsearch+json;compatible-with=8',
        });
        response.end(JSON.stringify(body));
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return fake;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The documents of an index, by id. */
  documents(index: string): Record<string, object> {
    const found = this.indices.get(index) ?? new Map<string, Stored>();
    return Object.fromEntries([...found].map(([id, { source }]) => [id, source]));
  }

  put(index: string, id: string, source: object): void {
    this.indices.get(index)!.set(id, { source, version: 1, seqNo: this.#seqNo++ });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #answer(url: string, text: string): [number, object] {
    if (url.startsWith('/_bulk')) return this.#bulk(text);
    const index = /^\/([^/]+)\/_mget/.exec(url)?.[1] ?? '';
    const { ids } = JSON.parse(text) as { readonly ids: readonly string[] };
    return [200, { docs: ids.map((id) => this.#get(index, id)) }];
  }

  #get(_index: string, _id: string): object {
    const documents = this.indices.get(_index);
    if (!documents) return { _index, _id, error: { type: 'index_not_found_exception' } };
    const stored = documents.get(_id);
    if (!stored) return { _index, _id, found: false };
    const { source: _source, seqNo: _seq_no } = stored;
    return { _index, _id, found: true, _seq_no, _primary_term: 1, _source };
  }

  #bulk(text: string): [number, object] {
    this.onBulk();
    const lines = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
    const pairs = lines.flatMap((line, i) =>
      i % 2 === 0 ? [[line as Record<string, Action>, lines[i + 1] as object] as const] : [],
    );
    const ids = pairs.map(([action]) => Object.values(action)[0]!._id);
    this.requests.push(ids);
    const whole = this.wholeFault(ids);
    if (whole !== undefined) return [whole, { error: { type: 'refused', reason: 'the whole' } }];
    const items = pairs.map(([action, document]) => {
      const [kind, meta] = Object.entries(action)[0]!;
      const [status, reason] = this.#write(kind, meta, document);
      const { _index, _id } = meta;
      return {
        [kind]: { _index, _id, status, ...(status > 299 && { error: { type: 'x', reason } }) },
      };
    });
    return [200, { errors: true, took: 1, items }];
  }

  #write(
    kind: string,
    { _index, _id, ...meta }: Action,
    source: object,
  ): readonly [number, string] {
    const documents = this.indices.get(_index);
    if (!documents) return [404, 'no such index'];
    const fault = this.fault(_id, source as Record<string, unknown>);
    if (fault) return fault;
    const stored = documents.get(_id);
    if (kind === 'create' && stored) return [409, 'it exists'];
    if (meta.version !== undefined && stored && stored.version >= meta.version)
      return [409, 'newer'];
    if (meta.if_seq_no !== undefined && stored?.seqNo !== meta.if_seq_no) return [409, 'changed'];
    documents.set(_id, { source, version: meta.version ?? 1, seqNo: this.#seqNo++ });
    return [201, ''];
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

import { messageOf } from '../errors.ts';
import { decodeAnswer, decodeRequest, encodeAnswer, encodeRequest } from './query-json.ts';
import type { QueryRequest, QueryTransport, TaskAnswer } from './store-query.ts';

/** Where an instance answers the others. */
export const QUERY_PATH = '/streams/query';

/** Far more than keys have. */
const MAX_REQUEST_BYTES = 1024 * 1024;

export interface HttpQueryOptions {
  /** How long an instance has to answer, ms; then a standby may. Default 2000. */
  readonly timeoutMs?: number;
  /** Default `http:`. */
  readonly protocol?: 'http:' | 'https:';
  /** Where the other side mounts `httpQueryHandler`. Default `QUERY_PATH`. */
  readonly path?: string;
  /** Default: the global one. */
  readonly fetch?: (request: Request) => Promise<Response>;
}

/** Asks other instances over HTTP; each mounts `httpQueryHandler`. The default of `queryTransport`. */
export function httpQueryTransport({
  timeoutMs = 2000,
  protocol = 'http:',
  path = QUERY_PATH,
  fetch = (request) => globalThis.fetch(request),
}: HttpQueryOptions = {}): QueryTransport {
  return {
    async ask(host, request) {
      const response = await fetch(
        new Request(`${protocol}//${host}${path}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: encodeRequest(request),
          redirect: 'error',
          signal: AbortSignal.timeout(timeoutMs),
        }),
      );
      const body = await response.text();
      if (!response.ok) throw new Error(`HTTP ${response.status}: ${body.slice(0, 200)}`);
      return decodeAnswer(body);
    },
  };
}

/**
 * The other end of `httpQueryTransport`, for any server that speaks in the web's `Request` and `Response`. Whoever reaches it
 * can read every store of this instance: mount it where only the other instances (and operators) come.
 *
 * @example
 * const answer = httpQueryHandler(app);
 * server.post(QUERY_PATH, (context) => answer(context.req.raw)); // Hono
 */
export function httpQueryHandler(app: {
  answerQuery(request: QueryRequest): Promise<TaskAnswer>;
}): (request: Request) => Promise<Response> {
  return async (request) => {
    if (request.method !== 'POST') return refuse(405, 'POST a query');
    // A page in a browser can't send this type to another origin without being allowed to.
    if (!request.headers.get('content-type')?.startsWith('application/json'))
      return refuse(415, 'a query is application/json');
    const body = await bodyOf(request);
    if (body === undefined) return refuse(413, `a query has at most ${MAX_REQUEST_BYTES} bytes`);
    let query: QueryRequest;
    try {
      query = decodeRequest(body);
    } catch (error) {
      return refuse(400, messageOf(error));
    }
    const headers = { 'content-type': 'application/json' };
    return new Response(encodeAnswer(await app.answerQuery(query)), { headers });
  };
}

/** Undefined when it is too long. */
async function bodyOf(request: Request): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of (request.body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    if (size > MAX_REQUEST_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function refuse(status: number, reason: string): Response {
  return new Response(reason, { status, headers: { 'content-type': 'text/plain' } });
}

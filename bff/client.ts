/** The API for pages: typed by the contract, no dependency, nothing of zod at run time. */
import type { z } from 'zod';
import type { Call, CallName, Calls } from './calls.ts';
import type { Problem } from './contract.ts';

type InputOf<C, K extends keyof Call> =
  C extends Readonly<Record<K, infer S extends z.ZodType>>
    ? Readonly<Record<K, z.input<S>>>
    : unknown;
type ParamsOf<C> = C extends { readonly params: infer P }
  ? { readonly params: { readonly [K in keyof P]: string } }
  : unknown;
type KeyOf<C> = C extends { readonly idempotencyKey: 'required' }
  ? { readonly idempotencyKey: string }
  : C extends { readonly idempotencyKey: 'optional' }
    ? { readonly idempotencyKey?: string }
    : unknown;
type QueryOf<C> = C extends { readonly query: infer S extends z.ZodType }
  ? { readonly query?: { readonly [K in keyof z.input<S>]?: string | number | undefined } }
  : unknown;

/** What a call takes. */
export type Given<N extends CallName> = InputOf<Calls[N], 'body'> &
  ParamsOf<Calls[N]> &
  KeyOf<Calls[N]> &
  QueryOf<Calls[N]> & { readonly signal?: AbortSignal };
/** What a call answers. */
export type Answer<N extends CallName> = Calls[N] extends {
  readonly answer: infer S extends z.ZodType;
}
  ? z.output<S>
  : undefined;

/** The answer was no. */
export class CallFailed extends Error {
  override readonly name = 'CallFailed';
  readonly problem: Problem;
  /** When asking again may help. */
  readonly retryAfterS: number | undefined;

  constructor(problem: Problem, retryAfterS: number | undefined) {
    super(problem.detail);
    this.problem = problem;
    this.retryAfterS = retryAfterS;
  }
}

export interface ClientOptions {
  /** Default: where the page is from. */
  readonly baseUrl?: string;
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response> | Response;
  /** Sent with whatever changes something, see `csrfToken` of the session. */
  readonly csrfToken?: () => string | undefined;
}

/**
 * @example
 * const call = createClient({ csrfToken: () => session.csrfToken });
 * const { products } = await call('GET /api/products', { query: { q: 'tea', page: 2 } });
 * const { orderNo } = await call('POST /api/orders', { body: { expectedTotal: 1280 }, idempotencyKey: crypto.randomUUID() });
 */
export function createClient({ baseUrl = '', fetch: ask = fetch, csrfToken }: ClientOptions = {}) {
  return async <N extends CallName>(name: N, given: Given<N>): Promise<Answer<N>> => {
    const { params, query, body, idempotencyKey, signal } = given as {
      readonly params?: Readonly<Record<string, string>>;
      readonly query?: Readonly<Record<string, string | number | undefined>>;
      readonly body?: unknown;
      readonly idempotencyKey?: string;
      readonly signal?: AbortSignal;
    };
    const [method = 'GET', template = '/'] = name.split(' ');
    const path = template.replace(/\{(\w+)\}/g, (_, key: string) =>
      encodeURIComponent(params?.[key] ?? ''),
    );
    const search = new URLSearchParams();
    for (const [key, value] of Object.entries(query ?? {}))
      if (value !== undefined && value !== '') search.set(key, String(value));
    const token = method === 'GET' ? undefined : csrfToken?.();
    const answer = await ask(`${baseUrl}${path}${search.size > 0 ? `?${search.toString()}` : ''}`, {
      method,
      credentials: 'same-origin',
      headers: {
        accept: 'application/json',
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(token !== undefined && { 'x-csrf-token': token }),
        ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(signal && { signal }),
    });
    if (answer.ok) return (answer.status === 204 ? undefined : await answer.json()) as Answer<N>;
    const retryAfter = Number(answer.headers.get('retry-after') ?? NaN);
    const problem = (await answer.json().catch(() => undefined)) as Problem | undefined;
    const { status, statusText: title } = answer;
    throw new CallFailed(
      problem ?? { type: 'about:blank', title, status, detail: `answered with ${status}` },
      Number.isNaN(retryAfter) ? undefined : retryAfter,
    );
  };
}

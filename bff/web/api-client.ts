/** Calls of the API, typed by the contract. The same in the browser and on the server: what sends is handed in. */
import type { z } from 'zod';
import type { CallName, Calls } from '../calls.ts';
import type { Problem } from '../contract.ts';

type Output<T> = T extends z.ZodType ? z.output<T> : undefined;
type Input<T> = T extends z.ZodType ? z.input<T> : undefined;
export type Answer<N extends CallName> = Calls[N] extends { answer: infer A }
  ? Output<A>
  : undefined;

/** What a call takes: as the contract says, nothing more. */
export type Wish<N extends CallName> = (Calls[N] extends { params: infer P }
  ? { readonly params: { readonly [K in keyof P]: string } }
  : object) &
  (Calls[N] extends { query: infer Q } ? { readonly query?: Input<Q> } : object) &
  (Calls[N] extends { body: infer B } ? { readonly body: Input<B> } : object) &
  (Calls[N] extends { idempotencyKey: string } ? { readonly idempotencyKey: string } : object) & {
    /** Of the session; needed by everything that changes something. */
    readonly csrf?: string;
    readonly signal?: AbortSignal;
  };

/** The API said no, and why. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  readonly problem: Problem;
  /** What the answer says to wait, if it does. */
  readonly retryAfterS: number | null;

  constructor(problem: Problem, retryAfterS: number | null = null) {
    super(`${String(problem.status)} ${problem.title}: ${problem.detail}`);
    this.problem = problem;
    this.retryAfterS = retryAfterS;
  }

  get status(): number {
    return this.problem.status;
  }
}

export type Send = (path: string, init: RequestInit) => Response | Promise<Response>;

/**
 * One call.
 *
 * @example
 * const { products } = await callApi(fetch, 'GET /api/products', { query: { q: 'sencha' } });
 */
export async function callApi<N extends CallName>(
  send: Send,
  name: N,
  wish: Wish<N>,
): Promise<Answer<N>> {
  const { params, query, body, idempotencyKey, csrf, signal } = wish as {
    params?: Record<string, string>;
    query?: Record<string, string | undefined>;
    body?: unknown;
    idempotencyKey?: string;
    csrf?: string;
    signal?: AbortSignal;
  };
  const [method = '', path = ''] = name.split(' ');
  const filled = path.replace(/\{(\w+)\}/g, (_, key: string) =>
    encodeURIComponent(params?.[key] ?? ''),
  );
  const asked = Object.entries(query ?? {}).filter(
    ([, value]) => value !== undefined && value !== '',
  );
  const search = new URLSearchParams(asked as [string, string][]).toString();
  const response = await send(search === '' ? filled : `${filled}?${search}`, {
    method,
    headers: {
      accept: 'application/json',
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(csrf !== undefined && { 'x-csrf-token': csrf }),
      ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    ...(signal !== undefined && { signal }),
  });
  if (!response.ok) throw await problemOf(response);
  return (response.status === 204 ? undefined : await response.json()) as Answer<N>;
}

async function problemOf(response: Response): Promise<ApiProblem> {
  const wait = Number(response.headers.get('retry-after') ?? Number.NaN);
  const fallback = {
    type: 'about:blank',
    title: response.statusText,
    status: response.status,
    detail: '',
  };
  const told = (await response.json().catch(() => ({}))) as Partial<Problem> | null;
  return new ApiProblem(
    { ...fallback, ...told, status: response.status },
    Number.isFinite(wait) ? wait : null,
  );
}

/** What the routes of the store have in common: a visit, the fields of a form, and what is shown when the API says no. */
import type { Context } from 'hono';
import { ApiProblem } from '../../web/api-client.ts';
import type { PagesDeps } from '../../web/visit.ts';
import { Visit } from '../../web/visit.ts';
import type { StorePages } from '../pages.ts';

export type StoreVisit = Visit<StorePages>;
export type Handle = (visit: StoreVisit) => Promise<Response>;
export type Route = (handle: Handle) => (c: Context) => Promise<Response>;

export function createRoute(deps: PagesDeps<StorePages>): Route {
  return (handle) => async (c: Context) => {
    const visit = new Visit(c, deps);
    try {
      return await handle(visit);
    } catch (error) {
      return await problemPage(visit, error, deps);
    }
  };
}

/** To the sign-in, and back to where one was. */
export function signInFirst(visit: StoreVisit, next: string): Response {
  return visit.goTo(`/sign-in?next=${encodeURIComponent(next)}`);
}

/** The fields of a form by their names; '' for what is not there. */
export async function formOf(visit: StoreVisit): Promise<(name: string) => string> {
  const fields: Record<string, unknown> = await visit.c.req.parseBody().catch(() => ({}));
  return (name) => {
    const value = fields[name];
    return typeof value === 'string' ? value : '';
  };
}

const MISSING = new Set([400, 404, 422]);
const AWAY = new Set([502, 503, 504]);

async function problemPage(
  visit: StoreVisit,
  error: unknown,
  deps: PagesDeps<StorePages>,
): Promise<Response> {
  const status = error instanceof ApiProblem ? error.status : 500;
  if (status === 401) {
    const isPage = visit.c.req.method === 'GET';
    return signInFirst(visit, isPage ? visit.path : '/');
  }
  // A number of a product or an order that can be none is one that is not there.
  if (MISSING.has(status)) return visit.page('problem', { status: 404 }, 404);
  if (status === 403) return visit.page('problem', { status: 403 }, 403);
  if (status === 429) return visit.page('problem', { status: 429 }, 429);
  if (AWAY.has(status)) {
    visit.c.header('retry-after', '5');
    return visit.page('problem', { status: 503 }, 503);
  }
  deps.report(error);
  return visit.page('problem', { status: 500 }, 500);
}

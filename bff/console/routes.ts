/**
 * Which address shows which page of the console. Changes are made by the pages' scripts through the API; here is only
 * looked.
 *
 * C1. Who is not signed in is sent to sign in, and back; to who is no operator nothing is here (404).
 * C2. When the API is away, the page says so and is there.
 */
import { Hono } from 'hono';
import type { Context, Handler } from 'hono';
import { ApiProblem } from '../web/api-client.ts';
import type { PagesDeps } from '../web/visit.ts';
import { Visit } from '../web/visit.ts';
import { apiQueryOf, filtersOf, isPlain } from './list/filters.ts';
import type { ConsolePages, Watching } from './pages.ts';

type ConsoleVisit = Visit<ConsolePages>;

const ORDER_STATUSES = ['PENDING', 'WAITING_PAYMENT', 'PAID', 'FAILED'] as const;
const DAY_HOURS = 24;
const WEEK_HOURS = 7 * DAY_HOURS;
/** What the overview can look back on. */
const SPANS: readonly number[] = [1, DAY_HOURS, WEEK_HOURS, 30 * DAY_HOURS];

export function createConsole(deps: PagesDeps<ConsolePages>): Hono {
  const app = new Hono();
  const route =
    (handle: (visit: ConsoleVisit) => Promise<Response>): Handler =>
    async (c: Context) => {
      const visit = new Visit(c, deps);
      try {
        const refusal = await refusalOf(visit);
        return refusal ?? (await handle(visit));
      } catch (error) {
        return await problemPage(visit, error, deps);
      }
    };

  app.get('/ops', route(alerts));
  app.get(
    '/ops/alerts/:alertId',
    route(async (visit) => {
      const params = { alertId: visit.c.req.param('alertId') ?? '' };
      return visit.page('alert', {
        detail: await visit.call('GET /api/ops/alerts/{alertId}', { params }),
      });
    }),
  );
  app.get(
    '/ops/overview',
    route(async (visit) => {
      const asked = Number(visit.c.req.query('hours'));
      const hours = SPANS.includes(asked) ? asked : DAY_HOURS;
      const query = { hours: String(hours) };
      const overview = await orAway(visit.call('GET /api/ops/overview', { query }));
      return visit.page('overview', { overview, hours }, overview ? 200 : 503);
    }),
  );
  app.get('/ops/orders', route(orders));
  app.get(
    '/ops/orders/:orderNo',
    route(async (visit) => {
      const orderNo = visit.c.req.param('orderNo') ?? '';
      const detail = await visit.call('GET /api/ops/orders/{orderNo}', { params: { orderNo } });
      return visit.page('order', { orderNo, detail });
    }),
  );
  app.get(
    '/ops/*',
    route((visit) => visit.page('problem', { status: 404 }, 404)),
  );
  return app;
}

async function alerts(visit: ConsoleVisit): Promise<Response> {
  const filters = filtersOf(new URL(visit.c.req.url).searchParams);
  const page = await orAway(visit.call('GET /api/ops/alerts', { query: apiQueryOf(filters) }));
  const hasNews = page?.total === 0 && isPlain(filters);
  const watching = hasNews ? await watchingNow(visit) : null;
  return visit.page('alerts', { filters, page, watching }, page ? 200 : 503);
}

async function orders(visit: ConsoleVisit): Promise<Response> {
  const q = (visit.c.req.query('q') ?? '').trim().slice(0, 64);
  const status = ORDER_STATUSES.find((each) => each === visit.c.req.query('status')) ?? '';
  const number = Number(visit.c.req.query('page'));
  const page = String(Number.isInteger(number) && number >= 1 ? Math.min(number, 10_000) : 1);
  const query = { q, status, page, pageSize: '50' };
  const found = await orAway(visit.call('GET /api/ops/orders', { query }));
  return visit.page('orders', { q, status, page: found }, found ? 200 : 503);
}

/** Whether it is good news that there are no alerts; null: nobody can say. */
async function watchingNow(visit: ConsoleVisit): Promise<Watching | null> {
  const query = { hours: String(WEEK_HOURS) };
  const overview = await visit.call('GET /api/ops/overview', { query }).catch(() => null);
  if (!overview) return null;
  const watcher = overview.services.find(({ name }) => name === 'kafka-alert');
  return {
    isUp: watcher?.isUp ?? false,
    behindMs: watcher?.watermarkDelayMs ?? null,
    orders: overview.orders.reduce((sum, { count }) => sum + count, 0),
  };
}

async function refusalOf(visit: ConsoleVisit): Promise<Response | null> {
  const { account } = await visit.session();
  if (account?.roles.includes('operator')) return null;
  if (account) return visit.page('problem', { status: 404 }, 404);
  return visit.goTo(`/sign-in?next=${encodeURIComponent(visit.path)}`);
}

async function problemPage(
  visit: ConsoleVisit,
  error: unknown,
  { report }: PagesDeps<ConsolePages>,
): Promise<Response> {
  if (!(error instanceof ApiProblem)) {
    report(error);
    return visit.page('problem', { status: 500 }, 500);
  }
  const { status } = error;
  if (status === 401) {
    return visit.goTo(`/sign-in?next=${encodeURIComponent(visit.path)}`);
  }
  // An id that can be none is one that is not there; and so is what is not for this account.
  if ([400, 403, 404, 422].includes(status)) return visit.page('problem', { status: 404 }, 404);
  visit.c.header('retry-after', '5');
  return visit.page('problem', { status: 503 }, 503);
}

/** Null while the API, or something behind it, is away; what else it says is thrown on. */
async function orAway<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ApiProblem && error.status >= 500) return null;
    throw error;
  }
}

/** Which address shows which page of the store, and what its forms do. */
import { Hono } from 'hono';
import type { PagesDeps } from '../web/visit.ts';
import type { StorePages } from './pages.ts';
import { addAccount } from './routes/account.ts';
import { addOrders } from './routes/orders.ts';
import { createRoute } from './routes/route.ts';
import { addShopping } from './routes/shopping.ts';

/** Not pages, whatever is asked for there. */
const OTHERS = /^\/(api|ws|ops|webhooks|actuator|assets|pictures)(\/|$)/;

/**
 * The store. To be mounted last: it answers every address that nobody else knows and that a browser asks a page for.
 */
export function createStorefront(deps: PagesDeps<StorePages>): Hono {
  const app = new Hono();
  const route = createRoute(deps);
  addShopping(app, route);
  addAccount(app, route);
  addOrders(app, route);
  const notFound = route((visit) => visit.page('problem', { status: 404 }, 404));
  app.get('*', async (c, next) => {
    const isPage = (c.req.header('accept') ?? '').includes('text/html');
    if (!isPage || OTHERS.test(c.req.path)) return next();
    return notFound(c);
  });
  return app;
}

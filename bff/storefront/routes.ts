/** Which address shows which page of the store, and what its forms do. */
import { Hono } from 'hono';
import type { PagesDeps } from '../web/visit.ts';
import { Visit } from '../web/visit.ts';
import type { StorePages } from './pages.ts';

export function createStorefront(deps: PagesDeps<StorePages>): Hono {
  const app = new Hono();
  app.get('/', (c) => new Visit(c, deps).page('problem', { status: 503 }, 503));
  return app;
}

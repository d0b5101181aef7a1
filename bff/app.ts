import { Hono } from 'hono';
import type { BffApp, BffDeps, BffEnv } from './deps.ts';
import { csrf } from './middleware/csrf.ts';
import { observed } from './middleware/observed.ts';
import { limitedBody, limitedTime, securityHeaders } from './middleware/security.ts';
import { operatorsOnly, withSession } from './middleware/session.ts';
import { openapi } from './openapi.ts';
import { ApiProblem, problemOf } from './problems.ts';
import { cartRoutes } from './routes/cart.ts';
import { opsRoutes } from './routes/ops.ts';
import { orderRoutes } from './routes/orders.ts';
import { pictureRoutes } from './routes/pictures.ts';
import { productRoutes } from './routes/products.ts';
import { sessionRoutes } from './routes/session.ts';
import { webhookRoutes } from './routes/webhook.ts';

/**
 * The whole of what the BFF answers over HTTP. Pages are routed after this, by `app.route('/', pages)`.
 *
 * @example
 * const answer = await createApp(deps).request('/api/products?q=tea');
 */
export function createApp(deps: BffDeps): BffApp {
  const description = openapi();
  const app = new Hono<BffEnv>();
  app.use(observed(deps));
  app.use(securityHeaders());
  app.use('/api/*', limitedTime());
  // First of all: without sessions there is no answer, whatever is asked.
  app.use('/api/*', withSession(deps));
  app.use('/api/*', limitedBody());
  app.use('/api/*', csrf(deps));
  app.use('/api/ops/*', operatorsOnly);
  app.get('/api/openapi.json', (c) => c.json(description));
  app.route('/', sessionRoutes(deps));
  app.route('/', productRoutes(deps));
  app.route('/', cartRoutes(deps));
  app.route('/', orderRoutes(deps));
  app.route('/', opsRoutes(deps));
  app.route('/', pictureRoutes(deps));
  app.route('/', webhookRoutes(deps));
  app.notFound((c) => problemOf(new ApiProblem(404, `there is no ${c.req.path} here`)));
  app.onError((error, c) => {
    const answer = problemOf(error);
    if (answer.status === 500) deps.logger.error({ error, ...c.var.trace }, 'a fault of ours');
    return answer;
  });
  return app;
}

export type App = ReturnType<typeof createApp>;

import { createMiddleware } from 'hono/factory';
import { routePath } from 'hono/route';
import { traceOf } from '#kit';
import type { BffDeps, BffEnv } from '../deps.ts';

/** Each request has its trace, is counted, and leaves a line in the log that says nothing of a person. */
export function observed({ metrics, logger }: Pick<BffDeps, 'metrics' | 'logger'>) {
  return createMiddleware<BffEnv>(async (c, next) => {
    const trace = traceOf((name) => c.req.header(name));
    c.set('trace', trace);
    const startedAt = performance.now();
    await next();
    const ms = performance.now() - startedAt;
    // What the request says of itself may be anything; the route is one of ours.
    const route = routePath(c, -1);
    const { status } = c.res;
    c.res.headers.set('correlation-id', trace['correlation-id']);
    metrics.request(c.req.method, route, status, ms / 1000);
    const line = { method: c.req.method, route, status, ms: Math.round(ms), ...trace };
    if (status >= 500) logger.warn({ ...line, error: c.error }, 'request failed');
    else logger.debug(line, 'request');
  });
}

/**
 * Nobody else's page can change anything.
 *
 * Browsers say where a request comes from (`Sec-Fetch-Site`, `Origin`): that has to be a page of ours, and such a request has to
 * bring its session's token. A request that says neither comes from no browser, and nobody was lured into it.
 */
import { createMiddleware } from 'hono/factory';
import type { BffDeps, BffEnv } from '../deps.ts';
import { ApiProblem } from '../problems.ts';
import { isSame } from '../sessions.ts';

const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

export function csrf({ options }: Pick<BffDeps, 'options'>) {
  return createMiddleware<BffEnv>(async (c, next) => {
    if (SAFE.has(c.req.method)) return next();
    const origin = c.req.header('origin');
    const site = c.req.header('sec-fetch-site');
    const host = new URL(c.req.url).host;
    const isForeign =
      (origin !== undefined && !isOwnOrigin(origin, host, options.publicOrigins)) ||
      (site !== undefined && site !== 'same-origin' && origin === undefined);
    if (isForeign || site === 'cross-site')
      throw new ApiProblem(403, 'the request comes from another site', { code: 'foreign-origin' });
    const token = c.req.header('x-csrf-token');
    const { session } = c.var;
    const isOfBrowser = origin !== undefined || site !== undefined;
    if (session && (isOfBrowser || token !== undefined) && !isSame(token ?? '', session.csrfToken))
      throw new ApiProblem(403, 'the x-csrf-token is missing, or of another session', {
        code: 'csrf-token',
      });
    return next();
  });
}

/** Whether a page of this origin is one of ours. @param host that was asked */
export function isOwnOrigin(
  origin: string,
  host: string | undefined,
  publicOrigins: readonly string[] | undefined,
): boolean {
  return publicOrigins ? publicOrigins.includes(origin) : URL.parse(origin)?.host === host;
}

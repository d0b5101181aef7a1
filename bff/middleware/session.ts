import { getCookie, setCookie } from 'hono/cookie';
import { createMiddleware } from 'hono/factory';
import type { BffContext, BffDeps, BffEnv } from '../deps.ts';
import { ApiProblem } from '../problems.ts';
import { ABSOLUTE_MS, type Session, type SignedIn } from '../sessions.ts';

export const COOKIE = 'sid';

type SessionDeps = Pick<BffDeps, 'sessions' | 'cache' | 'options'>;
export type SignedInSession = Session & { readonly account: NonNullable<Session['account']> };

/** Finds the session of the cookie. Without the store of sessions nothing is answered, whoever asks. */
export function withSession({ sessions, cache }: SessionDeps) {
  return createMiddleware<BffEnv>(async (c, next) => {
    const id = getCookie(c, COOKIE);
    const session = id === undefined ? undefined : await sessions.find(id);
    if (!session) await cache.ping();
    c.set('session', session);
    await next();
    // What is answered is for one person, and for now.
    c.res.headers.set('cache-control', 'no-store');
  });
}

/** The session, which begins now where there is none. */
export async function ensureSession(c: BffContext, deps: SessionDeps): Promise<Session> {
  return c.var.session ?? (await beginSession(c, deps, null));
}

/** Another session in the place of the one that was. */
export async function beginSession(
  c: BffContext,
  { sessions, options }: SessionDeps,
  account: SignedIn | null,
): Promise<Session> {
  const { id, session } = await sessions.begin(account);
  setCookie(c, COOKIE, id, { ...cookieOptions(options), maxAge: ABSOLUTE_MS / 1000 });
  c.set('session', session);
  return session;
}

export function forgetCookie(c: BffContext, { options }: Pick<BffDeps, 'options'>): void {
  setCookie(c, COOKIE, '', { ...cookieOptions(options), maxAge: 0 });
}

/** @throws {ApiProblem} 401 */
export function signedIn(c: BffContext): SignedInSession {
  const { session } = c.var;
  if (!session?.account) throw new ApiProblem(401, 'please sign in', { code: 'not-signed-in' });
  return { ...session, account: session.account };
}

/** Whoever is no operator is not told that there is something. @throws {ApiProblem} 404 */
export const operatorsOnly = createMiddleware<BffEnv>(async (c, next) => {
  if (!c.var.session?.account?.roles.includes('operator'))
    throw new ApiProblem(404, `there is no ${c.req.path} here`);
  await next();
});

function cookieOptions({ isCookieSecure }: BffDeps['options']) {
  return {
    path: '/',
    httpOnly: true,
    // Lax: whoever comes back from the provider is still signed in.
    sameSite: 'Lax',
    secure: isCookieSecure,
  } as const;
}

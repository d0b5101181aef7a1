import { createHash } from 'node:crypto';
import { Hono } from 'hono';
import { signIn, signOutQuery, signUp, type SessionView } from '../contract.ts';
import type { BffContext, BffDeps, BffEnv } from '../deps.ts';
import { beginSession, ensureSession, forgetCookie } from '../middleware/session.ts';
import { limitRate } from '../rate-limit.ts';
import { addressOf, bodyOf, queryOf } from '../requests.ts';
import type { Session, SignedIn } from '../sessions.ts';

/** Of one address of the network; whole offices share one. */
const ADDRESS_FACTOR = 10;

export function sessionRoutes(deps: BffDeps): Hono<BffEnv> {
  const { accounts, cache, carts, options, sessions } = deps;
  const view = async (session: Session): Promise<SessionView> => {
    const lines = await carts.lines(session);
    return {
      account: session.account,
      csrfToken: session.csrfToken,
      expiresAt: session.expiresAt,
      endsAt: session.endsAt,
      cartItems: lines.reduce((sum, { quantity }) => sum + quantity, 0),
    };
  };
  const limit = async (c: BffContext, email: string): Promise<void> => {
    const { signInsPerMinute } = options;
    const address = addressOf(c) ?? 'unknown';
    await limitRate(cache, 'sign-in-from', address, ADDRESS_FACTOR * signInsPerMinute);
    const who = createHash('sha256').update(email.normalize('NFKC').toLowerCase().trim());
    await limitRate(cache, 'sign-in', who.digest('base64url'), signInsPerMinute);
  };
  /** Whoever knew the old session's id or token knows nothing now. */
  const enter = async (c: BffContext, account: SignedIn): Promise<Session> => {
    const before = c.var.session;
    const session = await beginSession(c, deps, account);
    if (before) {
      await carts.move(before, session);
      await sessions.end(before);
    }
    return session;
  };

  const api = new Hono<BffEnv>();
  api.get('/api/session', async (c) => c.json(await view(await ensureSession(c, deps))));
  api.post('/api/session', async (c) => {
    const { email, password } = await bodyOf(c, signIn);
    await limit(c, email);
    const account = await accounts.verify(email, password, c.var.trace);
    return c.json(await view(await enter(c, account)));
  });
  api.delete('/api/session', async (c) => {
    const { everywhere } = queryOf(c, signOutQuery);
    const { session } = c.var;
    if (session) {
      if (everywhere === 'true' && session.account)
        await sessions.endAll(session.account.accountId);
      await sessions.end(session);
    }
    forgetCookie(c, deps);
    return c.body(null, 204);
  });
  api.post('/api/accounts', async (c) => {
    const wanted = await bodyOf(c, signUp);
    await limit(c, wanted.email);
    const account = await accounts.signUp(wanted, c.var.trace);
    return c.json(await view(await enter(c, account)), 201);
  });
  return api;
}

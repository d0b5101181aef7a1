/**
 * Accounts over HTTP, for the inside only: who may do what is decided by whoever is in front. Roles in particular are for the
 * seed and for tools, and no path from outside leads there.
 */
import { Hono, type Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { z } from 'zod';
import { problem, traceOf, type Logger, type Trace } from '#kit';
import type { AccountRecord } from './account.ts';
import type { Accounts } from './accounts.ts';
import {
  ChangedMeanwhile,
  EmailTaken,
  InvalidValues,
  TryLater,
  UnknownAccount,
  WrongCredentials,
  WrongOldPassword,
} from './errors.ts';

const MAX_BYTES = 16 * 1024;

const signUp = z.strictObject({ email: z.string(), password: z.string(), displayName: z.string() });
const verification = z.strictObject({ email: z.string(), password: z.string() });
const edit = z
  .strictObject({
    displayName: z.string().optional(),
    password: z.strictObject({ old: z.string(), new: z.string() }).optional(),
  })
  .refine((given) => Object.keys(given).length > 0, 'says nothing that is to be changed');
const roles = z.strictObject({ roles: z.array(z.string()).max(20) });

export interface AccountApiOptions {
  readonly accounts: Accounts;
  readonly logger: Logger;
}

interface Env {
  Variables: { trace: Trace };
}

/** @example http.route('/', accountApi({ accounts, logger })); */
export function accountApi({ accounts, logger }: AccountApiOptions): Hono<Env> {
  const api = new Hono<Env>();
  const log = (c: Context<Env>, accountId: string, what: string): void => {
    logger.info({ accountId, ...c.var.trace }, what);
  };

  api.use('/accounts/*', async (c, next) => {
    const trace = traceOf((name) => c.req.header(name));
    c.set('trace', trace);
    await next();
    c.res.headers.set('correlation-id', trace['correlation-id']);
  });
  api.use(
    '/accounts/*',
    bodyLimit({
      maxSize: MAX_BYTES,
      onError: () => problem(413, 'Content Too Large', `a body has at most ${MAX_BYTES} bytes`),
    }),
  );

  api.post('/accounts', async (c) => {
    const account = await accounts.signUp(await bodyOf(c, signUp), c.var.trace);
    log(c, account.accountId, 'signed up');
    return c.json(view(account), 201, { location: `/accounts/${account.accountId}` });
  });
  api.post('/accounts/verify', async (c) => {
    const { email, password } = await bodyOf(c, verification);
    const account = await accounts.verify(email, password);
    log(c, account.accountId, 'verified');
    return c.json(view(account));
  });
  api.get('/accounts/:id', async (c) => c.json(view(await accounts.find(c.req.param('id')))));
  api.patch('/accounts/:id', async (c) => {
    const typed = await bodyOf(c, edit);
    const account = await accounts.edit(c.req.param('id'), typed, c.var.trace);
    log(c, account.accountId, 'edited');
    return c.json(view(account));
  });
  api.post('/accounts/:id/roles', async (c) => {
    const given = await bodyOf(c, roles);
    const account = await accounts.setRoles(c.req.param('id'), given.roles, c.var.trace);
    log(c, account.accountId, `has the roles ${account.roles.join(', ')}`);
    return c.json(view(account));
  });
  api.delete('/accounts/:id', async (c) => {
    const accountId = c.req.param('id');
    await accounts.close(accountId, c.var.trace);
    log(c, accountId, 'closed');
    return c.body(null, 204);
  });
  api.onError((error, c) => {
    const answer = answerOf(error);
    if (answer.status >= 500)
      logger.error({ error, ...c.var.trace }, `${c.req.method} failed: ${error.message}`);
    return answer;
  });
  return api;
}

/** What is told of an account. */
function view({ accountId, email, displayName, roles, version }: AccountRecord) {
  return { accountId, email, displayName, roles, version };
}

/** The body is no JSON at all. */
class MalformedBody extends Error {
  override readonly name = 'MalformedBody';
}

async function bodyOf<T>(c: Context<Env>, shape: z.ZodType<T>): Promise<T> {
  const body: unknown = await c.req.json().catch(() => {
    throw new MalformedBody('the body is no JSON');
  });
  const read = shape.safeParse(body);
  if (read.success) return read.data;
  throw new InvalidValues(
    read.error.issues.map((issue) => {
      const keys = issue.code === 'unrecognized_keys' ? issue.keys : [];
      const field = [...issue.path, ...keys.slice(0, 1)].join('.') || 'body';
      return { field, message: keys.length > 0 ? 'is not known' : messageOf(issue.message) };
    }),
  );
}

/** zod says `Invalid input: expected string, received undefined`. */
function messageOf(message: string): string {
  const [, expected, received] = /expected (\S+), received (\S+)$/.exec(message) ?? [];
  if (received === 'undefined') return 'is missing';
  return expected === undefined ? message : `is no ${expected}`;
}

function answerOf(error: Error): Response {
  const { message } = error;
  if (error instanceof InvalidValues)
    return problem(422, 'Unprocessable Content', message, { members: { faults: error.faults } });
  if (error instanceof MalformedBody) return problem(400, 'Bad Request', message);
  if (error instanceof WrongCredentials) return problem(401, 'Unauthorized', message);
  if (error instanceof WrongOldPassword) return problem(403, 'Forbidden', message);
  if (error instanceof UnknownAccount) return problem(404, 'Not Found', message);
  if (error instanceof EmailTaken) return problem(409, 'Conflict', message);
  if (error instanceof ChangedMeanwhile) return problem(409, 'Conflict', message);
  if (error instanceof TryLater)
    return problem(503, 'Service Unavailable', message, { retryAfterS: error.retryAfterS });
  // What it says may be of statements and their values.
  return problem(500, 'Internal Server Error', 'this is not the caller’s fault; it is logged');
}

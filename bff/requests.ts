/** Reads what a request says, with the contract's schemas. */
import { getConnInfo } from '@hono/node-server/conninfo';
import type { z } from 'zod';
import type { BffContext } from './deps.ts';
import { ApiProblem, notFound } from './problems.ts';
import { idempotencyKey } from './contract.ts';

/** @throws {ApiProblem} 400, 415, 422 */
export async function bodyOf<S extends z.ZodType>(c: BffContext, schema: S): Promise<z.output<S>> {
  const text = await c.req.text();
  // Forms of other sites can't be JSON.
  const isJson = /^application\/json\s*(;|$)/i.test(c.req.header('content-type') ?? '');
  if (text !== '' && !isJson) throw new ApiProblem(415, 'the body is to be application/json');
  return checked(schema, text === '' ? {} : parsed(text), 422, 'body');
}

/** @throws {ApiProblem} 400 */
export function queryOf<S extends z.ZodType>(c: BffContext, schema: S): z.output<S> {
  return checked(schema, c.req.query(), 400, 'query');
}

/** A part of the path; what can't be one is not there. @throws {ApiProblem} 404 */
export function pathOf(c: BffContext, name: string, schema: z.ZodType<string>): string {
  const read = schema.safeParse(c.req.param(name));
  if (!read.success) throw notFound(name);
  return read.data;
}

/** @throws {ApiProblem} 400 for one that can't be used */
export function idempotencyKeyOf(c: BffContext): string | undefined {
  const key = c.req.header('idempotency-key');
  return key === undefined ? undefined : checked(idempotencyKey, key, 400, 'Idempotency-Key');
}

/** Where a request comes from, as the connection says. */
export function addressOf(c: BffContext): string | undefined {
  // There is no connection under `app.request()`.
  return (c.env as object | undefined) && 'incoming' in (c.env as object)
    ? getConnInfo(c).remote.address
    : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ApiProblem(400, 'the body is no JSON');
  }
}

function checked<S extends z.ZodType>(
  schema: S,
  given: unknown,
  status: 400 | 422,
  what: string,
): z.output<S> {
  const read = schema.safeParse(given);
  if (read.success) return read.data;
  const faults = read.error.issues.map((issue) => {
    const keys = issue.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [];
    const field = [...issue.path, ...keys].join('.').slice(0, 100) || what;
    return { field, message: keys.length > 0 ? 'is not known' : issue.message };
  });
  throw new ApiProblem(status, `the ${what} can not be used`, { faults });
}

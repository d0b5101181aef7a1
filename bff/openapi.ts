/** The API's description, out of the schemas that validate it. @see https://spec.openapis.org/oas/v3.1.1 */
import { z } from 'zod';
import { calls, type Call } from './calls.ts';
import { idempotencyKey, problem } from './contract.ts';

type Json = Readonly<Record<string, unknown>>;

const ALWAYS = [400, 403, 429, 503, 504];
const WITH_BODY = [413, 415, 422];

/** @example openapi()['paths']['/api/orders']['post'] */
export function openapi(): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const [name, call] of Object.entries<Call>(calls)) {
    const [method = '', path = ''] = name.split(' ');
    (paths[path] ??= {})[method.toLowerCase()] = operationOf(name, method, call);
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'kafka-alert: store and operators’ console',
      version: '1',
      description:
        'Times are epoch milliseconds, money is yen with tax. A browser sends the session’s `csrfToken` as `x-csrf-token` with ' +
        'every POST, PUT and DELETE. Live: `GET /ws/orders/{orderNo}?token=` and `GET /ws/ops?order=` (WebSocket).',
    },
    paths,
    components: {
      schemas: { Problem: schemaOf(problem, 'output') },
      securitySchemes: { session: { type: 'apiKey', in: 'cookie', name: 'sid' } },
    },
  };
}

function operationOf(name: string, method: string, call: Call): Json {
  const problems = [...ALWAYS, ...(call.body ? WITH_BODY : []), ...(call.problems ?? [])];
  const withSession = call.problems?.includes(401) || name.includes('/api/ops/');
  return {
    operationId: operationIdOf(name),
    summary: call.summary,
    ...(withSession && { security: [{ session: [] }] }),
    parameters: [
      ...Object.entries(call.params ?? {}).map(([each, schema]) => ({
        name: each,
        in: 'path',
        required: true,
        schema: schemaOf(schema, 'input'),
      })),
      ...queryOf(call.query),
      ...(call.idempotencyKey
        ? [headerOf('Idempotency-Key', call.idempotencyKey === 'required')]
        : []),
      ...(method === 'GET' ? [] : [headerOf('x-csrf-token', false)]),
    ],
    ...(call.body && { requestBody: { required: true, content: json(call.body, 'input') } }),
    responses: {
      [call.status]: {
        description: call.summary,
        ...(call.answer && { content: json(call.answer, 'output') }),
      },
      ...Object.fromEntries(
        [...new Set(problems)].sort().map((status) => [
          status,
          {
            description: 'A problem',
            content: {
              'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
            },
          },
        ]),
      ),
    },
  };
}

/** `get-api-products-sku` */
function operationIdOf(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z]+/g, '-')
    .replace(/-$/, '');
}

function queryOf(query: z.ZodType | undefined): Json[] {
  if (!query) return [];
  const { properties = {}, required = [] } = schemaOf(query, 'input') as {
    readonly properties?: Readonly<Record<string, Json>>;
    readonly required?: readonly string[];
  };
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema,
  }));
}

function headerOf(name: string, required: boolean): Json {
  const schema =
    name === 'Idempotency-Key' ? schemaOf(idempotencyKey, 'input') : { type: 'string' };
  return { name, in: 'header', required, schema };
}

function json(schema: z.ZodType, io: 'input' | 'output'): Json {
  return { 'application/json': { schema: schemaOf(schema, io) } };
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Json {
  const described = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  // Every one of them would say so.
  delete described.$schema;
  return described;
}

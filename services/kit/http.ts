import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { Registry } from 'prom-client';
import { healthOf, type Components, type Health } from './health.ts';

const EVERYWHERE: ReadonlySet<string> = new Set(['0.0.0.0', '::', '']);

export interface ActuatorOptions {
  /** The parts of the process; one that is DOWN makes `/actuator/health` a 503. A throw counts as DOWN. */
  readonly health: () => Components | Promise<Components>;
  /** Whether the process should be restarted if not; default: it answers, so it lives. */
  readonly live?: () => boolean;
  /** Whether it should get work; default: as `health`. */
  readonly ready?: () => boolean | Promise<boolean>;
  /** What runs here: name, version, … */
  readonly info: Readonly<Record<string, unknown>>;
  readonly registry: Registry;
}

/**
 * The endpoints that every process has: `/actuator/health`, `…/liveness`, `…/readiness`, `/actuator/info` and
 * `/actuator/prometheus`. Others can be added to the app; whatever it does not have is a 404 in RFC 9457 form.
 *
 * @example
 * const app = createActuator({ health: () => ({ kafka: { status: 'UP' } }), info: { name: 'demo' }, registry });
 * app.get('/state/orders/:orderNo', (c) => c.json(find(c.req.param('orderNo'))));
 * const server = await listen(app, { host: '127.0.0.1', port: 8090 });
 */
export function createActuator(options: ActuatorOptions): Hono {
  const app = new Hono();
  const health = async (): Promise<Health> => {
    try {
      return healthOf(await options.health());
    } catch (error) {
      return healthOf({ health: { status: 'DOWN', details: (error as Error).message } });
    }
  };
  const isReady = async (): Promise<boolean> =>
    options.ready ? await options.ready() : (await health()).status === 'UP';

  app.get('/actuator/health', async (c) => {
    const current = await health();
    return c.json(current, httpStatus(current.status === 'UP'));
  });
  app.get('/actuator/health/liveness', (c) => {
    const up = options.live?.() ?? true;
    return c.json({ status: up ? 'UP' : 'DOWN' }, httpStatus(up));
  });
  app.get('/actuator/health/readiness', async (c) => {
    const up = await isReady();
    return c.json({ status: up ? 'UP' : 'DOWN' }, httpStatus(up));
  });
  app.get('/actuator/info', (c) => c.json(options.info));
  app.get('/actuator/prometheus', async (c) =>
    c.body(await options.registry.metrics(), 200, { 'content-type': options.registry.contentType }),
  );
  app.notFound((c) => problem(404, 'Not Found', `there is no ${c.req.path} here`));
  app.onError((error) => problem(500, 'Internal Server Error', error.message));
  return app;
}

/**
 * An error answer in the form of RFC 9457 (problem details).
 *
 * @see https://www.rfc-editor.org/rfc/rfc9457
 */
export function problem(
  status: ContentfulStatusCode,
  title: string,
  detail: string,
  { members = {}, retryAfterS }: ProblemExtras = {},
): Response {
  const retryAfter = retryAfterS !== undefined && { 'retry-after': String(retryAfterS) };
  return Response.json(
    { type: 'about:blank', title, status, detail, ...members },
    { status, headers: { 'content-type': 'application/problem+json', ...retryAfter } },
  );
}

export interface ProblemExtras {
  /** What a program may want to know, e.g. every field that is wrong. */
  readonly members?: Readonly<Record<string, unknown>>;
  /** When asking again may help. */
  readonly retryAfterS?: number;
}

export interface HttpServer {
  readonly port: number;
  readonly url: string;
  /** `host:port`, for others: a server that listens everywhere is reached by the machine's name. */
  readonly address: string;
  /** For what is more than a request and its answer. */
  readonly server: Server;
  /** Answers what is being asked, takes nothing new, and cuts what is left after `graceMs` (default 2 s). */
  close(graceMs?: number): Promise<void>;
}

/** @throws when the port is taken or not allowed, naming the setting to change */
export async function listen(
  app: Pick<Hono, 'fetch'>,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<HttpServer> {
  const server = await new Promise<Server>((resolve, reject) => {
    const starting = serve({ fetch: app.fetch, hostname: host, port }, () => {
      resolve(starting);
    }) as Server;
    starting.once('error', (error) => {
      const what = `can not listen on ${host}:${String(port)}: ${error.message}`;
      reject(new Error(`${what}; choose another HTTP_PORT (0 for any free one)`, { cause: error }));
    });
  });
  const actual = (server.address() as AddressInfo).port;
  return {
    port: actual,
    url: `http://${hostAndPort(host, actual)}`,
    server,
    address: hostAndPort(EVERYWHERE.has(host) ? hostname() : host, actual),
    close: (graceMs = 2_000) =>
      new Promise((resolve) => {
        const cut = setTimeout(() => {
          server.closeAllConnections();
        }, graceMs);
        server.close(() => {
          clearTimeout(cut);
          resolve();
        });
        server.closeIdleConnections();
      }),
  };
}

function hostAndPort(host: string, port: number): string {
  return `${host.includes(':') ? `[${host}]` : host}:${String(port)}`;
}

function httpStatus(up: boolean): 200 | 503 {
  return up ? 200 : 503;
}

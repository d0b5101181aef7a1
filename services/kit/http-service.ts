/**
 * A service that is asked over HTTP: listens, prepares what it needs, answers how it is, stops in order.
 *
 * H1. HTTP comes first: whoever asks before all is prepared is told to ask again (503), and health says what is waited for.
 * H2. What is prepared is tried until it works; an error that trying again does not change ends the service.
 * H3. It stops from the outside in: no new requests, then what runs beside them, then what both have used.
 */
import type { Hono } from 'hono';
import type { Server } from 'node:http';
import { collectDefaultMetrics, Registry } from 'prom-client';
import type { Components } from './health.ts';
import { createActuator, listen, problem } from './http.ts';
import type { Logger } from './log.ts';
import type { Patience } from './patience.ts';
import type { RunningService } from './run-service.ts';
import type { Settings } from './settings.ts';

/** For what has to be there before something else can begin. */
export interface Startup {
  /** What is being waited for; shown by health. */
  readonly report: (line: string) => void;
  /** As long as the service runs. */
  readonly patience: Patience & { readonly signal: AbortSignal };
}

export interface HttpServiceOptions {
  readonly name: string;
  readonly settings: Settings;
  readonly logger: Logger;
  /** The service's own endpoints; they are open once `prepare` is through. */
  readonly routes: (http: Hono) => void;
  readonly metrics?: (registry: Registry) => void;
  readonly health?: () => Components | Promise<Components>;
  /** Whether it should get requests, once they are open; default: as `health`. */
  readonly ready?: () => boolean | Promise<boolean>;
  /** Before requests are taken, e.g. migrations. */
  readonly prepare?: (startup: Startup) => Promise<void>;
  /** Once it listens: for upgrades of connections, and how long a request may take to come. */
  readonly listening?: (server: Server) => void;
  /** As soon as it is to stop: for connections that do not end by themselves. */
  readonly closing?: () => void;
  /** Beside requests, until the signal; a rejection ends the service. */
  readonly run?: (startup: Startup) => Promise<void>;
  /** At the very end. */
  readonly release?: () => Promise<void>;
}

export interface HttpService extends RunningService {
  readonly url: string;
}

const RETRY_AFTER_S = 2;

/** Starts the service; resolves once HTTP answers. @throws when the HTTP port can't be had */
export async function startHttpService(options: HttpServiceOptions): Promise<HttpService> {
  const { name, settings, logger } = options;
  const metrics = new Registry();
  collectDefaultMetrics({ register: metrics });
  options.metrics?.(metrics);
  let isOpen = false;
  let waitingFor: string | undefined = 'it has not begun yet';

  const health = async (): Promise<Components> => ({
    ...(await options.health?.()),
    ...(waitingFor !== undefined && {
      startup: { status: 'DOWN', details: { reason: waitingFor } } as const,
    }),
  });
  const isReady = options.ready;
  const app = createActuator({
    health,
    ...(isReady && { ready: async () => isOpen && (await isReady()) }),
    info: { name, node: process.version },
    registry: metrics,
  });
  app.use(async (_, next) => {
    if (isOpen) return next();
    const detail = `${name} is still starting: ${String(waitingFor)}`;
    return problem(503, 'Service Unavailable', detail, { retryAfterS: RETRY_AFTER_S });
  });
  options.routes(app);
  const http = await listen(app, { host: settings.httpHost, port: settings.httpPort });
  options.listening?.(http.server);
  logger.info({ url: http.url }, 'health, info and metrics under /actuator');

  const stopping = new AbortController();
  const { promise: failed, resolve: fail } = Promise.withResolvers<Error>();
  const startup: Startup = {
    report: (line) => {
      waitingFor = line;
      logger.info(line);
    },
    patience: { timeoutMs: Infinity, signal: stopping.signal },
  };
  const begin = async (): Promise<void> => {
    await options.prepare?.(startup);
    isOpen = true;
    waitingFor = undefined;
    await options.run?.({ ...startup, report: (line) => logger.info(line) });
  };
  const running = begin().catch((error: unknown) => {
    if (!stopping.signal.aborted) fail(error as Error);
  });
  return {
    url: http.url,
    failed,
    close: async () => {
      options.closing?.();
      await http.close();
      stopping.abort();
      await running;
      await options.release?.();
    },
  };
}

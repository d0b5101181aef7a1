/**
 * A topology as a service: runs it, answers how it is and what its stores hold, stops in order.
 *
 * It can be asked before it works: HTTP comes first, so that a broker that is away shows as DOWN and not as silence.
 */
import type { Hono } from 'hono';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { SchemaRegistry } from '#schemas';
import { httpQueryHandler, QUERY_PATH, registerMetrics, ThreadedStreams } from '#streams';
import type { Components } from './health.ts';
import type { HostedThreadData, HostedTopology } from './hosted-topology.ts';
import { createActuator, listen } from './http.ts';
import type { Logger } from './log.ts';
import { provisionTopics, registerSchemas } from './provision.ts';
import type { Settings } from './settings.ts';

/** A running service. */
export interface TopologyService {
  /** Where its HTTP endpoints are. */
  readonly url: string;
  /** Resolves with what ended the service by itself; never, when nothing does. */
  readonly failed: Promise<Error>;
  /** Commits what was processed, and stops. */
  close(): Promise<void>;
}

/** What a service's own endpoints and metrics can ask. */
export type HostedApp = Pick<ThreadedStreams, 'store' | 'status'>;

export interface TopologyServiceOptions<S extends Settings = Settings> {
  readonly host: (settings: S) => HostedTopology;
  /** The module whose default export is `hostedThread(host)`. */
  readonly entry: URL;
  readonly settings: S;
  readonly logger: Logger;
  /** Adds endpoints. */
  readonly routes?: (http: Hono, app: HostedApp) => void;
  /** Adds metrics. */
  readonly metrics?: (app: HostedApp, registry: Registry) => void;
}

/**
 * Starts a topology, and the HTTP endpoints that tell how it is; resolves once HTTP answers. A broker or registry that is
 * away is waited for, with health DOWN meanwhile.
 *
 * @throws when the HTTP port can't be had
 */
export async function startTopologyService<S extends Settings>(
  options: TopologyServiceOptions<S>,
): Promise<TopologyService> {
  const { settings, logger } = options;
  const { name, topology, topics, written, applicationId } = options.host(settings);
  const schemas = new SchemaRegistry({ url: settings.schemaRegistryUrl });
  const metrics = new Registry();
  collectDefaultMetrics({ register: metrics });

  let waitingFor: string | undefined = 'topics and schemas are not checked yet';
  const startup = (): Components =>
    waitingFor === undefined
      ? {}
      : { startup: { status: 'DOWN', details: { reason: waitingFor } } };
  const actuator = createActuator({
    health: async () => ({ ...(await app.health()), ...startup() }),
    live: () => app.state !== 'ERROR',
    info: { name, node: process.version, settings: publicSettings(settings) },
    registry: metrics,
  });
  const ask: HostedApp = {
    store: ((...args: Parameters<ThreadedStreams['store']>) =>
      app.store(...args)) as ThreadedStreams['store'],
    status: () => app.status(),
  };
  options.routes?.(actuator, ask);
  const answerQuery = httpQueryHandler({ answerQuery: (request) => app.answerQuery(request) });
  actuator.post(QUERY_PATH, (c) => answerQuery(c.req.raw));
  const http = await listen(actuator, { host: settings.httpHost, port: settings.httpPort });
  const address = settings.advertisedAddress ?? http.address;
  logger.info({ url: http.url, address }, 'health, info and metrics under /actuator');
  // The others are told its address, so it comes after HTTP, but in the same turn: before anybody can have asked.
  const app = new ThreadedStreams({
    topology,
    applicationId,
    stateDir: settings.stateDir,
    threads: settings.threads,
    entry: options.entry,
    data: { settings, address } satisfies HostedThreadData<S>,
    applicationServer: address,
    logger,
  });
  registerMetrics(() => app.status(), metrics);
  options.metrics?.(ask, metrics);

  const stopping = new AbortController();
  const { promise: failed, resolve: fail } = Promise.withResolvers<Error>();
  app.onState((state) => {
    if (state === 'ERROR') fail(app.error ?? new Error('the topology stopped'));
  });
  const prepare = async (): Promise<void> => {
    const report = (line: string): void => {
      waitingFor = line;
      logger.info(line);
    };
    const patience = { timeoutMs: Infinity, signal: stopping.signal };
    await provisionTopics(settings, topics, 'as found', report, patience);
    await registerSchemas(schemas, written, report, patience);
    waitingFor = undefined;
  };
  app.start(prepare());
  return {
    url: http.url,
    failed,
    close: async () => {
      stopping.abort();
      await app.close();
      await http.close();
    },
  };
}

/** What may be shown: no secrets, no addresses with passwords in them. */
function publicSettings(settings: Settings): object {
  return { ...settings, kafka: undefined, schemaRegistryUrl: undefined };
}

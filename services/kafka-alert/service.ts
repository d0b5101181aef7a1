/**
 * kafka-alert as a service: runs the topology, answers how it is and what it knows of an order, stops in order.
 *
 * It can be asked before it works: HTTP comes first, so that a broker that is away shows as DOWN and not as silence.
 */
import { collectDefaultMetrics, Registry } from 'prom-client';
import {
  createActuator,
  listen,
  provisionTopics,
  topicsOf,
  type Components,
  type Logger,
  type Settings,
} from '#kit';
import { SchemaRegistry } from '#schemas';
import { QUERY_PATH, ThreadedStreams, httpQueryHandler, registerMetrics } from '#streams';
import { registerAlertMetrics } from './metrics.ts';
import { alertTopology, registerOutputs, type ThreadData } from './streams.ts';
import { addOrderState } from './order-state.ts';

/** The running alert service. */
export interface AlertService {
  /** Where its HTTP endpoints are. */
  readonly url: string;
  /** Resolves with what ended the service by itself; never, when nothing does. */
  readonly failed: Promise<Error>;
  /** Commits what was processed, and stops. */
  close(): Promise<void>;
}

/**
 * Starts kafka-alert: the topology, and the HTTP endpoints that tell how it is; resolves once HTTP answers. A broker or
 * registry that is away is waited for, with health DOWN meanwhile.
 *
 * @throws when the HTTP port can't be had
 */
export async function startAlertService(settings: Settings, logger: Logger): Promise<AlertService> {
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
    info: { name: 'kafka-alert', node: process.version, settings: publicSettings(settings) },
    registry: metrics,
  });
  addOrderState(actuator, { store: (store) => app.store(store) }, settings);
  const answerQuery = httpQueryHandler({ answerQuery: (request) => app.answerQuery(request) });
  actuator.post(QUERY_PATH, (c) => answerQuery(c.req.raw));
  const http = await listen(actuator, { host: settings.httpHost, port: settings.httpPort });
  const address = settings.advertisedAddress ?? http.address;
  logger.info({ url: http.url, address }, 'health, info and metrics under /actuator');
  // The others are told its address, so it comes after HTTP, but in the same turn: before anybody can have asked.
  const app = new ThreadedStreams({
    topology: alertTopology(settings),
    applicationId: settings.applicationId,
    stateDir: settings.stateDir,
    threads: settings.threads,
    entry: new URL('./stream-thread.ts', import.meta.url),
    data: { settings, address } satisfies ThreadData,
    applicationServer: address,
    logger,
  });
  registerMetrics(() => app.status(), metrics);
  registerAlertMetrics(() => app.status(), metrics);

  const stopping = new AbortController();
  const { promise: failed, resolve: fail } = Promise.withResolvers<Error>();
  app.onState((state) => {
    if (state === 'ERROR') fail(app.error ?? new Error('the topology stopped'));
  });
  const report = (line: string): void => {
    waitingFor = line;
    logger.info(line);
  };
  const started = prepare(settings, schemas, report, stopping.signal).then(
    () => {
      waitingFor = undefined;
      if (!stopping.signal.aborted) app.start();
    },
    (error: unknown) => {
      if (!stopping.signal.aborted) fail(error as Error);
    },
  );
  return {
    url: http.url,
    failed,
    close: async () => {
      stopping.abort();
      await started;
      await app.close();
      await http.close();
    },
  };
}

/** What may be shown: no secrets, no addresses with passwords in them. */
function publicSettings(settings: Settings): object {
  return { ...settings, kafka: undefined, schemaRegistryUrl: undefined };
}

/** What has to be there before the topology can run. */
async function prepare(
  settings: Settings,
  schemas: SchemaRegistry,
  report: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const patience = { timeoutMs: Infinity, signal };
  const all = topicsOf(settings);
  await provisionTopics(settings, all, 'as found', report, patience);
  await registerOutputs(settings, schemas, report, signal);
}

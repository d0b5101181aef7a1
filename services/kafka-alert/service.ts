/**
 * kafka-alert as a service: runs the topology, answers how it is, stops in order.
 *
 * It can be asked before it works: HTTP comes first, so that a broker that is away shows as DOWN and not as silence.
 */
import { collectDefaultMetrics, Registry } from 'prom-client';
import {
  createActuator,
  kafkaConfig,
  listen,
  provisionTopics,
  registerSchemas,
  registerStreamsMetrics,
  topicsOf,
  type Components,
  type HttpServer,
  type Logger,
  type Settings,
} from '#kit';
import { renamed, SchemaRegistry, topics, type AvroTopic } from '#schemas';
import { KafkaStreams } from '#streams';
import { kafkaAlert } from '#topology/kafka-alert';

export interface Service {
  readonly http: HttpServer;
  /** Resolves with what ended the service by itself; never, when nothing does. */
  readonly ended: Promise<Error>;
  stop(): Promise<void>;
}

/**
 * Starts kafka-alert; resolves once HTTP answers.
 *
 * @throws when the HTTP port is taken
 */
export async function startService(settings: Settings, logger: Logger): Promise<Service> {
  const schemas = new SchemaRegistry({ url: settings.schemaRegistryUrl });
  const app = createApp(settings, schemas, logger);
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  registerStreamsMetrics(app, registry);

  let starting: string | undefined = 'starting';
  const health = (): Components =>
    starting === undefined
      ? app.health()
      : { ...app.health(), startup: { status: 'DOWN', details: { reason: starting } } };
  const actuator = createActuator({
    health,
    live: () => app.state !== 'ERROR',
    info: { name: 'kafka-alert', applicationId: settings.applicationId, node: process.version },
    registry,
  });
  const http = await listen(actuator, { host: settings.httpHost, port: settings.httpPort });
  logger.info({ url: http.url, brokers: settings.kafka.brokers }, 'kafka-alert starts');

  const stopping = new AbortController();
  const { promise: ended, resolve: end } = Promise.withResolvers<Error>();
  app.onState((state) => {
    if (state === 'ERROR') end(app.error ?? new Error('the topology stopped'));
  });
  const report = (line: string): void => {
    starting = line;
    logger.info(line);
  };
  const started = prepare(settings, schemas, report, stopping.signal).then(
    () => {
      starting = undefined;
      if (!stopping.signal.aborted) app.start();
    },
    (error: unknown) => {
      if (!stopping.signal.aborted) end(error as Error);
    },
  );
  return {
    http,
    ended,
    stop: async () => {
      stopping.abort();
      await started;
      await app.close();
      await http.close();
    },
  };
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
  const written = [settings.alertTopic, settings.resolvedTopic];
  const outputs = all.filter(({ name }) => written.includes(name));
  await registerSchemas(schemas, outputs, report, patience);
}

function createApp(settings: Settings, schemas: SchemaRegistry, logger: Logger): KafkaStreams {
  const { graceMs, retentionMs, unknownOrder } = settings;
  const topology = kafkaAlert({
    graceMs,
    retentionMs,
    unknownOrder,
    topics: {
      orderStatusChanged: renamed(topics.orderStatusChanged, settings.orderTopic),
      paymentStatusObserved: renamed(topics.paymentStatusObserved, settings.paymentTopic),
      alertRaised: renamed(topics.alertRaised, settings.alertTopic),
      alertResolved: renamed(topics.alertResolved, settings.resolvedTopic),
    },
  });
  return new KafkaStreams(topology, {
    applicationId: settings.applicationId,
    // One attempt a call: the runtime knows itself what may be repeated.
    kafka: {
      ...kafkaConfig(settings.kafka, settings.applicationId, logger),
      retry: { retries: 0 },
    },
    stateDir: settings.stateDir,
    // The topology was given the topics of schemas/, and hands the same ones back.
    serde: (topic) => schemas.serde(topic as AvroTopic<unknown>),
    allowedLatenessMs: settings.allowedLatenessMs,
    commitIntervalMs: settings.commitIntervalMs,
    logger,
  });
}

import { setTimeout as delay } from 'node:timers/promises';
import { collectDefaultMetrics, Registry } from 'prom-client';
import {
  createActuator,
  kafkaConfig,
  listen,
  type Components,
  type Logger,
  type Settings,
} from '#kit';
import { renamed, SchemaRegistry, topics, type AvroTopic } from '#schemas';
import { KafkaStreams, registerMetrics, type StreamsState } from '#streams';
import { kafkaAlert, type AlertTopics } from '#topology/kafka-alert';
import { registerAlertMetrics } from './metrics.ts';

const REGISTER_PAUSE_MS = 1000;

/** The running alert service. */
export interface AlertService {
  /** Where its actuator endpoints are. */
  readonly url: string;
  /** Resolves with what ended the topology, should it end by itself. */
  readonly failed: Promise<Error>;
  /** Commits what was processed, and stops. */
  close(): Promise<void>;
}

/**
 * Starts kafka-alert: the topology, and the HTTP endpoints that tell how it is. A broker or registry that is away is waited
 * for, with health DOWN meanwhile.
 * @throws when the HTTP port can't be had
 */
export async function startAlertService(settings: Settings, logger: Logger): Promise<AlertService> {
  const alertTopics = topicsOf(settings);
  const schemas = new SchemaRegistry({ url: settings.schemaRegistryUrl });
  const app = new KafkaStreams(kafkaAlert({ ...settings, topics: alertTopics }), {
    applicationId: settings.applicationId,
    kafka: kafkaConfig(settings.kafka, settings.applicationId, logger),
    stateDir: settings.stateDir,
    serde: (topic) => schemas.serde(topic as AvroTopic<unknown>),
    allowedLatenessMs: settings.allowedLatenessMs,
    commitIntervalMs: settings.commitIntervalMs,
    logger,
  });
  const failed = new Promise<Error>((resolve) => {
    app.onState((state: StreamsState) => {
      if (state === 'ERROR') resolve(app.error!);
    });
  });

  const stopping = new AbortController();
  const registration = new Registration(schemas, Object.values(alertTopics), logger);
  const metrics = new Registry();
  collectDefaultMetrics({ register: metrics });
  registerMetrics(app, metrics);
  registerAlertMetrics(app, metrics);
  const actuator = createActuator({
    health: () => ({ ...(app.health() as Components), ...registration.health() }),
    live: () => app.state !== 'ERROR',
    info: { name: 'kafka-alert', settings: publicSettings(settings) },
    registry: metrics,
  });
  const http = await listen(actuator, { host: settings.httpHost, port: settings.httpPort });
  logger.info({ url: http.url }, 'health, info and metrics under /actuator');

  // An output can be encoded only under a registered schema.
  const started = registration.run(stopping.signal).then((done) => {
    if (done) app.start();
  });
  return {
    url: http.url,
    failed,
    async close() {
      stopping.abort();
      await started;
      await app.close();
      await http.close();
    },
  };
}

/** The topics under the names that the settings give them. */
function topicsOf(settings: Settings): AlertTopics & Record<keyof AlertTopics, AvroTopic<never>> {
  return {
    orderStatusChanged: renamed(topics.orderStatusChanged, settings.orderTopic),
    paymentStatusObserved: renamed(topics.paymentStatusObserved, settings.paymentTopic),
    alertRaised: renamed(topics.alertRaised, settings.alertTopic),
    alertResolved: renamed(topics.alertResolved, settings.resolvedTopic),
  } as AlertTopics & Record<keyof AlertTopics, AvroTopic<never>>;
}

/** What may be shown: no secrets, no addresses with passwords in them. */
function publicSettings({ kafka: _kafka, schemaRegistryUrl: _url, ...rest }: Settings): object {
  return rest;
}

/** Registers the schemas, however long the registry is away. */
class Registration {
  readonly #schemas: SchemaRegistry;
  readonly #topics: readonly AvroTopic<unknown>[];
  readonly #logger: Logger;
  #fault: string | undefined = 'schemas are not registered yet';

  constructor(schemas: SchemaRegistry, all: readonly AvroTopic<unknown>[], logger: Logger) {
    this.#schemas = schemas;
    this.#topics = all;
    this.#logger = logger;
  }

  /** Overrides the runtime's view of the registry until registration is done. */
  health(): Components {
    if (this.#fault === undefined) return {};
    return { schemaRegistry: { status: 'DOWN', details: { reason: this.#fault } } };
  }

  /** @returns false when it was told to stop before */
  async run(signal: AbortSignal): Promise<boolean> {
    while (!signal.aborted) {
      try {
        for (const topic of this.#topics) await this.#schemas.register(topic);
        this.#fault = undefined;
        return true;
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        if (reason !== this.#fault)
          this.#logger.warn({ reason }, 'schemas can not be registered, trying again');
        this.#fault = reason;
        await delay(REGISTER_PAUSE_MS, undefined, { signal }).catch(() => undefined);
      }
    }
    return false;
  }
}

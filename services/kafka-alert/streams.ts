import { kafkaConfig, registerSchemas, topicsOf, type Logger, type Settings } from '#kit';
import { renamed, topics, type AvroTopic, type SchemaRegistry } from '#schemas';
import { KafkaStreams, type ThreadIdentity, type Topology } from '#streams';
import { kafkaAlert } from '#topology/kafka-alert';

/** What a stream thread is started with. */
export interface ThreadData {
  readonly settings: Settings;
  /** Where this instance answers queries. */
  readonly address: string;
}

/** The topology over the topics that the settings name. */
export function alertTopology(settings: Settings): Topology {
  const { graceMs, retentionMs, unknownOrder } = settings;
  return kafkaAlert({
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
}

/** Registers the schemas of what is written: encoding needs them. Those of the inputs are their writers' to register. */
export async function registerOutputs(
  settings: Settings,
  schemas: SchemaRegistry,
  report: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const written = [settings.alertTopic, settings.resolvedTopic];
  const outputs = topicsOf(settings).filter(({ name }) => written.includes(name));
  await registerSchemas(schemas, outputs, report, { timeoutMs: Infinity, signal });
}

/** One stream thread's application. */
export function alertStreams(
  { settings, address }: ThreadData,
  schemas: SchemaRegistry,
  thread: ThreadIdentity,
  logger: Logger,
): KafkaStreams {
  return new KafkaStreams(alertTopology(settings), {
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
    standbyReplicas: settings.standbyReplicas,
    applicationServer: address,
    thread,
    logger,
  });
}

import type { AvroTopic } from '#schemas';
import { SchemaRegistry } from '#schemas';
import { KafkaStreams, type CreateStreams, type Topology } from '#streams';
import { kafkaConfig } from './kafka.ts';
import { createLogger } from './log.ts';
import { registerSchemas } from './provision.ts';
import type { Settings } from './settings.ts';

/** A topology as a service runs it, in each of its threads. Pure: threads make their own from the settings. */
export interface HostedTopology {
  /** The service's, in its logs. */
  readonly name: string;
  readonly topology: Topology;
  /** What it reads and writes; made at start where it is missing. */
  readonly topics: readonly AvroTopic<unknown>[];
  /** Those that it writes: encoding needs their schemas. Those of the others are their writers' to register. */
  readonly written: readonly AvroTopic<unknown>[];
  readonly applicationId: string;
  /** Event times may be out of order by this much; ms. */
  readonly allowedLatenessMs: number;
}

/** What a stream thread is started with. */
export interface HostedThreadData<S extends Settings = Settings> {
  /** A service's own may be among them. */
  readonly settings: S;
  /** Where this instance answers queries, `host:port`. */
  readonly address: string;
}

/**
 * What runs in each stream thread of a service: the default export of its `stream-thread.ts`.
 *
 * @example
 * export default hostedThread(storageService);
 */
export function hostedThread<S extends Settings>(
  host: (settings: S) => HostedTopology,
): CreateStreams<HostedThreadData<S>> {
  return async ({ settings, address }, { identity, signal }) => {
    const { name, topology, written, applicationId, allowedLatenessMs } = host(settings);
    const logger = createLogger({ name, level: settings.logLevel }).child({
      thread: identity.thread,
    });
    const schemas = new SchemaRegistry({ url: settings.schemaRegistryUrl });
    const patience = { timeoutMs: Infinity, signal };
    await registerSchemas(schemas, written, (line) => logger.debug(line), patience);
    return new KafkaStreams(topology, {
      applicationId,
      // One attempt a call: the runtime knows itself what may be repeated.
      kafka: { ...kafkaConfig(settings.kafka, applicationId, logger), retry: { retries: 0 } },
      stateDir: settings.stateDir,
      // The topology was given the topics of schemas/, and hands the same ones back.
      serde: (topic) => schemas.serde(topic as AvroTopic<unknown>),
      allowedLatenessMs,
      commitIntervalMs: settings.commitIntervalMs,
      processingGuarantee: settings.processingGuarantee,
      standbyReplicas: settings.standbyReplicas,
      applicationServer: address,
      thread: identity,
      logger,
    });
  };
}

/**
 * Group consumers as a service: runs them, answers how they are, stops in order.
 *
 * It can be asked before it works: HTTP comes first, so that a broker that is away shows as DOWN and not as silence.
 */
import type { Hono } from 'hono';
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { SchemaRegistry, type AvroTopic } from '#schemas';
import { deadLetterTopic } from '#streams/graph/topology';
import { openInstance } from '#streams/runtime/instance';
import { KafkaJsKafka } from '#streams/runtime/kafka/kafkajs-kafka';
import { systemClock } from '#streams/runtime/clock';
import type { Kafka } from '#streams/runtime/kafka/kafka';
import { retry } from '#streams/runtime/retry';
import type { Components } from '../health.ts';
import { createActuator, listen } from '../http.ts';
import { kafkaConfig } from '../kafka.ts';
import type { Logger } from '../log.ts';
import { provisionTopics, registerSchemas } from '../provision.ts';
import type { RunningService } from '../run-service.ts';
import type { Settings } from '../settings.ts';
import { GroupConsumer, type ConsumePartition } from './group-consumer.ts';
import { knownPartitions } from './known-partitions.ts';
import { PartitionTransactions } from './partition-transactions.ts';

/** What a consumer can use, once brokers and registry are there. */
export interface ConsumerTools {
  readonly groupId: string;
  readonly kafka: Kafka;
  readonly schemas: SchemaRegistry;
  /** Of every topic that is written. */
  readonly partitionCounts: ReadonlyMap<string, number>;
  /** For consumers whose outcome is records. */
  readonly transactions: (partition: number) => PartitionTransactions;
}

export interface ConsumerDefinition {
  readonly groupId: string;
  readonly topics: readonly AvroTopic<unknown>[];
  readonly written: readonly AvroTopic<unknown>[];
  readonly consume: (tools: ConsumerTools) => ConsumePartition | Promise<ConsumePartition>;
}

export interface ConsumerServiceOptions {
  readonly name: string;
  readonly consumers: readonly ConsumerDefinition[];
  readonly settings: Settings;
  readonly logger: Logger;
  /** Parts besides Kafka, e.g. a database. */
  readonly health?: () => Components | Promise<Components>;
  readonly routes?: (http: Hono, schemas: SchemaRegistry) => void;
  readonly metrics?: (registry: Registry) => void;
  /** Before consumers are started, e.g. migrations; tried by itself until it works. */
  readonly prepare?: (signal: AbortSignal) => Promise<void>;
  /** After consumers have stopped. */
  readonly release?: () => Promise<void>;
}

export interface ConsumerService extends RunningService {
  /** Where its HTTP endpoints are. */
  readonly url: string;
}

const FOREVER = { 'retention.ms': '-1', 'message.timestamp.type': 'LogAppendTime' };

/** Starts the consumers, and HTTP; resolves once HTTP answers. @throws when the HTTP port can't be had */
export async function startConsumerService(
  options: ConsumerServiceOptions,
): Promise<ConsumerService> {
  const { name, settings, logger } = options;
  const schemas = new SchemaRegistry({ url: settings.schemaRegistryUrl });
  const metrics = new Registry();
  collectDefaultMetrics({ register: metrics });
  const running: GroupConsumer[] = [];
  const closers: (() => Promise<void>)[] = [];
  let waitingFor: string | undefined = 'topics and schemas are not checked yet';

  const actuator = createActuator({
    health: async () => ({
      ...consumersHealth(running),
      ...(await options.health?.()),
      ...(waitingFor !== undefined && {
        startup: { status: 'DOWN', details: { reason: waitingFor } } as const,
      }),
    }),
    info: { name, node: process.version, consumers: options.consumers.map((c) => c.groupId) },
    registry: metrics,
  });
  options.routes?.(actuator, schemas);
  options.metrics?.(metrics);
  registerConsumerMetrics(options.consumers, running, metrics);
  const http = await listen(actuator, { host: settings.httpHost, port: settings.httpPort });
  logger.info({ url: http.url }, 'health, info and metrics under /actuator');

  const stopping = new AbortController();
  const { promise: failed, resolve: fail } = Promise.withResolvers<Error>();
  const begin = async (): Promise<void> => {
    const report = (line: string): void => {
      waitingFor = line;
      logger.info(line);
    };
    const patience = { timeoutMs: Infinity, signal: stopping.signal };
    const written = options.consumers.flatMap((each) => each.written);
    const read = options.consumers.flatMap((each) => each.topics);
    const all = [...new Set([...read, ...written])];
    await provisionTopics(settings, all, 'as found', report, patience);
    await registerSchemas(schemas, written, report, patience);
    await options.prepare?.(stopping.signal);
    for (const definition of options.consumers) {
      if (stopping.signal.aborted) return;
      const consumer = await startConsumer(definition);
      if (consumer) running.push(consumer);
    }
    waitingFor = undefined;
  };

  const startConsumer = async (
    definition: ConsumerDefinition,
  ): Promise<GroupConsumer | undefined> => {
    const { groupId, topics, written } = definition;
    // Each of its own: one fetch at a time goes over a connection.
    const config = kafkaConfig(settings.kafka, groupId, logger);
    const kafka = new KafkaJsKafka({ ...config, retry: { retries: 0 } });
    const instance = await openInstance(settings.stateDir, groupId);
    closers.push(
      () => kafka.close(),
      () => instance.close(),
    );
    const letters = deadLetterTopic(groupId);
    const read = topics.map((topic) => topic.name);
    const { signal } = stopping;
    const onMissing = (missing: readonly string[]): void => {
      waitingFor = `waiting for topics that do not exist: ${missing.join(', ')}`;
    };
    const context = { clock: systemClock, logger, signal, onMissing };
    const counts = await knownPartitions(kafka, read, context);
    if (!counts) return undefined;
    const partitions = Math.max(...counts.values());
    const create = () => kafka.createTopics([{ name: letters, partitions, config: FOREVER }]);
    await retry(`making ${letters}`, create, { kafka, ...context });
    const names = [letters, ...written.map((topic) => topic.name)];
    const partitionCounts = await knownPartitions(kafka, names, context);
    if (!partitionCounts) return undefined;
    const consume = await definition.consume({
      groupId,
      kafka,
      schemas,
      partitionCounts,
      transactions: (partition) =>
        new PartitionTransactions({
          groupId,
          partition,
          topics: read,
          kafka,
          partitionCounts,
          logger,
        }),
    });
    const options = { groupId, instanceId: instance.id, kafka, schemas, topics, consume, logger };
    const consumer = new GroupConsumer(options);
    void consumer.run().catch(fail);
    return consumer;
  };

  const starting = begin().catch((error: unknown) => {
    if (!stopping.signal.aborted) fail(error as Error);
  });
  return {
    url: http.url,
    failed,
    close: async () => {
      stopping.abort();
      await starting;
      await Promise.all(running.map((consumer) => consumer.close()));
      await Promise.all(closers.map((close) => close()));
      await options.release?.();
      await http.close();
    },
  };
}

function consumersHealth(running: readonly GroupConsumer[]): Components {
  const found: Record<string, Components[string]> = {};
  for (const { health } of running) {
    for (const [part, state] of Object.entries(health)) {
      // Of several consumers, one that is not well speaks for all.
      if (found[part]?.status !== 'DOWN') found[part] = state;
    }
  }
  return found;
}

function registerConsumerMetrics(
  definitions: readonly ConsumerDefinition[],
  running: readonly GroupConsumer[],
  registry: Registry,
): void {
  const each = (): [string, GroupConsumer][] =>
    running.map((consumer, i) => [definitions[i]!.groupId, consumer]);
  new Gauge({
    name: 'kafka_consumer_records_lag',
    help: 'Records of a partition that are not consumed yet',
    labelNames: ['group', 'topic', 'partition'],
    registers: [registry],
    collect() {
      this.reset();
      for (const [group, { positions }] of each())
        for (const { topic, partition, offset, end } of positions)
          if (end !== undefined) this.set({ group, topic, partition }, Math.max(0, end - offset));
    },
  });
  new Gauge({
    name: 'kafka_consumer_dead_letters',
    help: 'Records that could not be read since the start, now in the dead-letter topic',
    labelNames: ['group'],
    registers: [registry],
    collect() {
      for (const [group, { deadLetters }] of each()) this.set({ group }, deadLetters);
    },
  });
}

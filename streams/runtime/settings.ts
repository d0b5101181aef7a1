import type { KafkaConfig } from 'kafkajs';
import { httpQueryTransport } from '../query/http-queries.ts';
import type { QueryTransport } from '../query/store-query.ts';
import type { AnyTopic, LoadingSerde, Serde } from '../serde/serde.ts';
import type { FailurePolicies } from '../task/failure-handler.ts';
import { systemClock, type Clock } from './clock.ts';
import { DEFAULT_ACTIONS, type UncaughtErrorHandler } from './error-policy.ts';
import { openInstance, type OpenInstance } from './instance.ts';
import { silentLogger, type Logger } from './logger.ts';
import type { Kafka } from './kafka/kafka.ts';

/** Which thread of a process this is; see `ThreadedStreams`. */
export interface ThreadIdentity {
  /** From 1 on. */
  readonly thread: number;
  /** The same in all threads of a process: replicas are kept in others. */
  readonly processId: string;
}

/** What an application can set; the defaults are Kafka Streams' where it has the setting. */
export interface StreamsConfig extends FailurePolicies {
  /** Names the consumer group, the internal topics and the transactional ids. */
  readonly applicationId: string;
  /** How to reach Kafka, as kafkajs takes it; or an implementation of the port. */
  readonly kafka: KafkaConfig | Kafka;
  /**
   * Default `exactly_once_v2`: each commit is a transaction. `at_least_once` needs none, and after a crash does some work again:
   * outputs may come twice, and what processors do must bear it.
   */
  readonly processingGuarantee?: 'exactly_once_v2' | 'at_least_once';
  /** Local state in RocksDB; one running instance per folder. */
  readonly stateDir: string;
  /** Where local state is instead, e.g. in memory for a simulation. */
  readonly openInstance?: OpenInstance;
  /** A topic's serde on the wire. Default: the topic's own. */
  readonly serde?: (topic: AnyTopic) => Serde<unknown> | LoadingSerde<unknown>;
  /** `L` of the watermark, ms. Default 5000. */
  readonly allowedLatenessMs?: number;
  /** How often uncommitted work is committed when caught up, ms; outputs are at once. Default 100. */
  readonly commitIntervalMs?: number;
  /** States kept decoded in memory, per store and task. Default 3000. */
  readonly cacheSize?: number;
  /** Records buffered per input partition before fetching it pauses. Default 1000. */
  readonly bufferedRecords?: number;
  /** Warm replicas of each task on other instances. Default 0. */
  readonly standbyReplicas?: number;
  /** Where this instance answers queries, `host:port`; told to the others. */
  readonly applicationServer?: string | undefined;
  /** How to ask the others. Default: over HTTP, where they mount `httpQueryHandler`. */
  readonly queryTransport?: QueryTransport;
  /** How soon a dead instance's tasks go to others, ms. Default 10 000. */
  readonly sessionTimeoutMs?: number;
  /** How long a rebalance waits for members to join, ms. Default 60 000. */
  readonly rebalanceTimeoutMs?: number;
  /** How long the broker waits before it aborts a transaction whose owner is silent, ms. Default 10 000. */
  readonly transactionTimeoutMs?: number;
  /** How long a fetch waits for records, ms: also how often the wall clock moves a quiet watermark. Default 100. */
  readonly fetchMaxWaitMs?: number;
  /**
   * What is done about errors that processing can't go on after. Default: what may pass by itself starts the task again, the
   * rest ends this instance in `ERROR`.
   * @see https://cwiki.apache.org/confluence/x/lkN4CQ KIP-671
   * @example onUncaughtError: { processing: 'shutdown-application', bug: 'replace-thread' }
   */
  readonly onUncaughtError?: UncaughtErrorHandler;
  /** Set where the application is one thread of several. */
  readonly thread?: ThreadIdentity | undefined;
  readonly logger?: Logger;
  readonly clock?: Clock;
  /** A number from 0 (inclusive) to 1 (exclusive), for pauses that are not to be those of everybody. */
  readonly random?: () => number;
}

export type ResolvedConfig = Required<StreamsConfig>;

export function resolveConfig(config: StreamsConfig): ResolvedConfig {
  return {
    serde: (topic) => topic.value,
    processingGuarantee: 'exactly_once_v2',
    onDeserializationError: 'dead-letter',
    onProcessingError: 'dead-letter',
    onProductionError: 'dead-letter',
    allowedLatenessMs: 5000,
    commitIntervalMs: 100,
    cacheSize: 3000,
    bufferedRecords: 1000,
    standbyReplicas: 0,
    applicationServer: undefined,
    queryTransport: httpQueryTransport(),
    thread: undefined,
    sessionTimeoutMs: 10_000,
    rebalanceTimeoutMs: 60_000,
    transactionTimeoutMs: 10_000,
    fetchMaxWaitMs: 100,
    onUncaughtError: DEFAULT_ACTIONS,
    logger: silentLogger,
    clock: systemClock,
    random: Math.random,
    openInstance,
    ...config,
  };
}

import { createRequire } from 'node:module';
import type { KafkaConfig } from 'kafkajs';

/**
 * The parts of kafkajs 2.2.4 that lie under its public API, typed as far as they are used. Only this folder knows of them:
 * connections, metadata, authentication and single requests are sound there; its transaction, fetch and group layers are not.
 */
export interface Cluster {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  isConnected(): boolean;
  addMultipleTargetTopics(topics: readonly string[]): Promise<void>;
  refreshMetadata(): Promise<void>;
  findBroker(options: { nodeId: number | string }): Promise<Broker>;
  findControllerBroker(): Promise<Broker>;
  readonly brokerPool: BrokerPool;
}

export interface BrokerPool {
  readonly brokers: Readonly<Record<string, Broker>>;
  readonly seedBroker: Broker;
  connect(): Promise<void>;
  findBroker(options: { nodeId: number }): Promise<Broker>;
  findConnectedBroker: () => Promise<Broker>;
  /** As of the last refresh; null before the first. */
  readonly metadata: Metadata | null;
  createBroker: (options: object) => Broker;
  readonly connectionPoolBuilder: {
    /** @param destination default: the next one of those that were given */
    build: (destination?: Destination) => Promise<ConnectionPool>;
  };
}

export interface Metadata {
  readonly topicMetadata: readonly TopicMetadata[];
}

interface Destination {
  readonly host: string;
  readonly port: number;
  readonly rack?: string | null;
}

export interface ConnectionPool extends Destination {
  readonly pool: Connection[];
  getConnection: (index?: number) => Promise<Connection>;
  destroy: () => Promise<void>;
}

export interface Broker {
  readonly nodeId: number;
  readonly connectionPool: ConnectionPool;
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  metadata: (topics?: readonly string[]) => Promise<Metadata>;
  findGroupCoordinator(options: {
    groupId: string;
    coordinatorType?: number;
  }): Promise<{ coordinator: { nodeId: number } }>;
  createTopics(options: object): Promise<unknown>;
  describeConfigs(options: object): Promise<{
    resources: { configEntries: { configName: string; configValue: string | null }[] }[];
  }>;
  listOffsets(options: object): Promise<TopicResponses<{ offset: string }>>;
  offsetCommit(options: object): Promise<unknown>;
  offsetFetch(
    options: object,
  ): Promise<TopicResponses<{ offset: string; metadata: string | null }>>;
  initProducerId(options: object): Promise<{ producerId: string; producerEpoch: number }>;
  addPartitionsToTxn(options: object): Promise<unknown>;
  addOffsetsToTxn(options: object): Promise<unknown>;
  txnOffsetCommit(options: object): Promise<unknown>;
  endTxn(options: object): Promise<unknown>;
}

/** What a broker says of a topic. A partition without a leader has -1 for one. */
export interface TopicMetadata {
  readonly topic: string;
  readonly topicErrorCode: number;
  readonly partitionMetadata: readonly { readonly partitionId: number; readonly leader: number }[];
}

export interface TopicResponses<P> {
  readonly responses: {
    topic: string;
    partitions: (P & { partition: number })[];
  }[];
}

export interface Connection {
  readonly connectionStatus: 'connected' | 'disconnecting' | 'disconnected';
  readonly versions: unknown;
  connect(): Promise<unknown>;
  disconnect(): Promise<unknown>;
  setVersions(versions: unknown): void;
  getSupportAuthenticationProtocol(): unknown;
  setSupportAuthenticationProtocol(isSupported: unknown): void;
  send: (protocol: {
    request: ProtocolRequest;
    response: ProtocolResponse;
    requestTimeout?: number;
  }) => Promise<unknown>;
  /** Those that are under way. */
  rejectRequests(error: Error): void;
  readonly requestQueue: { readonly inflight: ReadonlyMap<number, unknown> };
}

export interface ProtocolRequest {
  readonly apiKey: number;
  readonly apiVersion: number;
  readonly apiName: string;
  encode(): Promise<unknown>;
}

export interface ProtocolResponse {
  decode(bytes: Buffer): Promise<object>;
  parse(decoded: object): Promise<unknown>;
}

interface RequestQueue {
  readonly pending: unknown[];
  readonly throttledUntil: number;
}

const NOTHING: number = 0;
const DEBUG: number = 5;

const require = createRequire(import.meta.url);

type ClusterOptions = KafkaConfig & { logger: unknown; allowAutoTopicCreation: boolean };
export const ClusterClass = require('kafkajs/src/cluster') as new (
  options: ClusterOptions,
) => Cluster;
const { createLogger } = require('kafkajs/src/loggers') as {
  createLogger: (options: object) => unknown;
};
export const plainSocketFactory = require('kafkajs/src/network/socketFactory') as () => NonNullable<
  KafkaConfig['socketFactory']
>;
const LoggerConsole = require('kafkajs/src/loggers/console') as unknown;
const RequestQueueClass = require('kafkajs/src/network/requestQueue') as {
  prototype: RequestQueue & { scheduleCheckPendingRequests: (this: RequestQueue) => void };
};

/** kafkajs's own request and response of an API version, e.g. `protocol('joinGroup', 5)`. */
export function protocol(
  api: string,
  version: number,
): { request: (options: object) => ProtocolRequest; response: ProtocolResponse } {
  const folder = `kafkajs/src/protocol/requests/${api}/v${version}`;
  return {
    request: require(`${folder}/request`) as (options: object) => ProtocolRequest,
    response: require(`${folder}/response`) as ProtocolResponse,
  };
}

/** What kafkajs's connection takes for an encoder: it looks at these two only. */
export function encoderOf(bytes: Buffer): unknown {
  return { buf: bytes, buffer: bytes };
}

export const errorFromCode = (
  require('kafkajs/src/protocol/error') as { createErrorFromCode: (code: number) => Error }
).createErrorFromCode;

/** The hash behind Java's default partitioner. */
export const murmur2 = require('kafkajs/src/producer/partitioners/default/murmur2') as (
  key: Buffer,
) => number;

/** Every failure reaches the caller as an error; kafkajs would log the ones that pass by themselves, too. */
export function kafkaJsLogger(config: KafkaConfig): unknown {
  return createLogger({
    level: Number(config.logLevel) === DEBUG ? DEBUG : NOTHING,
    logCreator: config.logCreator ?? LoggerConsole,
  });
}

const scheduleCheck = RequestQueueClass.prototype.scheduleCheckPendingRequests;
// Unpatched, every connection has a timer of 1 ms for ever: it is set again also when nothing waits.
RequestQueueClass.prototype.scheduleCheckPendingRequests = function (this: RequestQueue) {
  if (this.pending.length > 0 || this.throttledUntil > Date.now()) scheduleCheck.call(this);
};

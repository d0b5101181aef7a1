export { openDeadLetters } from './dead-letters.ts';
export type { DeadLetter, DeadLetterFilter, DeadLetters, RequeueOptions } from './dead-letters.ts';
export { healthOf, type ComponentHealth, type Components, type Health } from './health.ts';
export { createActuator, listen, problem, type ActuatorOptions, type HttpServer } from './http.ts';
export { kafkaConfig } from './kafka.ts';
export { createLogger, kafkaLogs, type Logger, type LogOptions } from './log.ts';
export { follow, type Followed, type FollowFrom, type Following } from './follow.ts';
export {
  History,
  NoSuchHistory,
  openHistory,
  type HistoryRange,
  type HistoryRecord,
} from './history.ts';
export { pictureOf, type PicturedProduct } from './pictures/picture.ts';
export { patiently, type Patience } from './patience.ts';
export {
  ensureTopics,
  provision,
  ProvisionError,
  provisionTopics,
  registerSchemas,
  topicsOf,
  type PartitionPolicy,
} from './provision.ts';
export {
  readAllSettings,
  readSettings,
  SettingsError,
  type KafkaSettings,
  type LogLevel,
  type OwnSettings,
  type OwnVariables,
  type Settings,
} from './settings.ts';
export * as variables from './variables.ts';
export {
  GroupInUse,
  StreamsGroup,
  type CommittedInput,
  type StreamsMember,
} from './streams-group.ts';
export { onStop } from './stop.ts';
export { hostedThread, type HostedThreadData, type HostedTopology } from './hosted-topology.ts';
export {
  startTopologyService,
  type HostedApp,
  type TopologyService,
  type TopologyServiceOptions,
} from './topology-service.ts';
export { runService, type RunningService } from './run-service.ts';
export {
  authorization,
  hashOf,
  macOf,
  readAuthorization,
  type Authorization,
  type PayPayKeys,
  type SignedParts,
} from './paypay/signature.ts';
export {
  startConsumerService,
  type ConsumerDefinition,
  type ConsumerService,
  type ConsumerServiceOptions,
  type ConsumerTools,
} from './consumer/consumer-service.ts';
export type { AssignedPartition, ConsumePartition } from './consumer/group-consumer.ts';
export { keyedWork } from './consumer/keyed-work.ts';
export { deadLetter, type ConsumedBatch, type ConsumedRecord } from './consumer/partition-feed.ts';
export { createPublisher, type Publication, type Publisher } from './publisher.ts';
export {
  codeOf,
  isUnavailable,
  openDatabase,
  withLock,
  type Database,
  type Db,
} from './database/database.ts';
export { applyMigrations, dropTables, prepareTables, type Migrations } from './database/migrate.ts';
export {
  startHttpService,
  type HttpService,
  type HttpServiceOptions,
  type Startup,
} from './http-service.ts';
export { isAllowedSource, sourceList } from './sources.ts';
export { traceOf, type Trace } from './trace.ts';
export * as tables from './database/tables.ts';
export { endOffsets, type EndOffset } from './end-offsets.ts';
export { readToEnd, type ReadProgress, type ReadToEndOptions } from './read-to-end.ts';
export {
  openSearchClient,
  SearchUnavailable,
  statusOf,
  type SearchClient,
} from './search/client.ts';
export type {
  AlertDocument,
  AlertState,
  OrderDocument,
  ProductDocument,
} from './search/documents.ts';
export {
  INDEX_NAMES,
  indexPattern,
  indices,
  type IndexDefinition,
  type IndexName,
} from './search/indices.ts';
export type { Page, PageQuery } from './search/page.ts';
export {
  searchProducts,
  suggestProducts,
  type ProductHit,
  type ProductPage,
  type ProductQuery,
  type ProductSuggestion,
} from './search/products.ts';
export { searchOrders, type OrderHit, type OrderQuery } from './search/orders.ts';
export { searchAlerts, type AlertHit, type AlertPage, type AlertQuery } from './search/alerts.ts';
export { searchable, suggestInputs, type Lang } from './search/text.ts';

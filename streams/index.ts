export { StreamsBuilder } from './dsl/streams-builder.ts';
export type { Retention, WindowStoreSettings } from './dsl/streams-builder.ts';
export type { KeyValue, KStream } from './dsl/kstream.ts';
export type { KGroupedStream, TimeWindowedKStream } from './dsl/kgrouped-stream.ts';
export type { KTable, WindowedKTable } from './dsl/ktable.ts';
export type { Materialized, Named, OnError, Repartitioned } from './dsl/options.ts';
export type { Serdes, StepOptions, StreamJoined } from './dsl/options.ts';
export { JoinWindows, TimeWindows } from './dsl/windows.ts';
export {
  DeserializationError,
  RecordFailure,
  StoreNotAvailable,
  StreamsException,
  TopologyError,
} from './errors.ts';
export type { FailurePolicy, FailedRecord, FailureKind } from './errors.ts';
export type { FailurePolicies } from './task/failure-handler.ts';
export { describe, mermaid } from './graph/describe.ts';
export type { SubTopology, Topology } from './graph/topology.ts';
export type {
  EntryTimers,
  ForwardedRecord,
  ForwardOptions,
  KeyedProcessor,
  Processor,
  ProcessorContext,
  ProcessorRecord,
  Punctuator,
  RecordContext,
  StoreContext,
} from './processor/processor.ts';
export type { Headers } from './processor/record.ts';
export type {
  KeyValueStore,
  QueryableWindows,
  StoreHandle,
  WindowedResults,
  WindowStore,
  WindowStoreHandle,
} from './processor/store.ts';
export type { Window, Windowed } from './processor/windowed.ts';
export { httpQueryHandler, httpQueryTransport, QUERY_PATH } from './query/http-queries.ts';
export type { HttpQueryOptions } from './query/http-queries.ts';
export type { OpenStore } from './query/queried-store.ts';
export type { QueryOptions } from './query/query-router.ts';
export type {
  AnswerOrigin,
  KeyQueryMetadata,
  ReadOnlyKeyValueStore,
  ReadOnlyWindowStore,
  StoreAnswer,
  StoreEntry,
  StoreQueryOptions,
  WindowEntry,
} from './query/read-only-store.ts';
export type { QueryRequest, QueryTransport, TaskAnswer } from './query/store-query.ts';
export { MAX_EVENT_TIME } from './serde/serde.ts';
export type { AnyTopic, LoadingSerde, Serde, Topic } from './serde/serde.ts';
export { bufferSerde, jsonSerde, numberSerde, stringSerde, windowedSerde } from './serde/serdes.ts';
export { TopologyTestDriver } from './driver/topology-test-driver.ts';
export type { CrashOptions, DriverOptions, DriverRecord } from './driver/topology-test-driver.ts';
export { KafkaStreams } from './runtime/kafka-streams.ts';
export type { ComponentHealth, StateListener } from './runtime/kafka-streams.ts';
export type {
  UncaughtErrorAction,
  UncaughtErrorContext,
  UncaughtErrorHandler,
  UncaughtErrorKind,
} from './runtime/error-policy.ts';
export type { PartitionFault } from './runtime/fetch-faults.ts';
export type { RestoreStatus, StateRestoreListener } from './runtime/restores.ts';
export type { StreamsConfig, ThreadIdentity } from './runtime/settings.ts';
export type { StandbyUpdate, StandbyUpdateListener } from './runtime/standby-task.ts';
export { DeadLetters } from './runtime/dead-letters.ts';
export type {
  DeadLetterFilter,
  DeadLettersConfig,
  RequeueOptions,
} from './runtime/dead-letters.ts';
export type { DeadLetter, LetterOrigin } from './task/dead-letter.ts';
export type { StreamsState } from './runtime/state.ts';
export type {
  InputStatus,
  StandbyStatus,
  StreamsStatus,
  TaskStatus,
  ThreadStatus,
} from './runtime/status.ts';
export type { TaskFailure } from './runtime/task-manager.ts';
export { registerMetrics } from './runtime/metrics.ts';
export { ThreadedStreams } from './runtime/threads/threaded-streams.ts';
export type { CreateStreams, ThreadedStreamsOptions } from './runtime/threads/threaded-streams.ts';

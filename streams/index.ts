export { StreamsBuilder } from './dsl/streams-builder.ts';
export type { KStream } from './dsl/kstream.ts';
export { DeserializationError, StreamsException, TopologyError } from './errors.ts';
export { describe, mermaid } from './graph/describe.ts';
export type { Topology } from './graph/topology.ts';
export type {
  KeyedProcessor,
  ProcessorContext,
  ProcessorRecord,
  StoreHandle,
} from './processor/processor.ts';
export type { Headers } from './processor/record.ts';
export { MAX_EVENT_TIME } from './serde/serde.ts';
export type { LoadingSerde, Serde, Topic } from './serde/serde.ts';
export { TopologyTestDriver } from './driver/topology-test-driver.ts';
export type { CrashOptions, DriverOptions, DriverRecord } from './driver/topology-test-driver.ts';
export { KafkaStreams } from './runtime/kafka-streams.ts';
export type { ComponentHealth, StateListener, TaskStatus } from './runtime/kafka-streams.ts';
export type { StreamsConfig } from './runtime/settings.ts';
export type { StreamsState } from './runtime/state.ts';
export { registerMetrics } from './runtime/metrics.ts';

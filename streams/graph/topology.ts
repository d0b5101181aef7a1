import type { KeyedProcessor, ProcessorRecord } from '../processor/processor.ts';
import type { Serde, Topic } from '../serde/serde.ts';

/**
 * The nodes of a topology, as data. The DSL builds them and runs nothing; `task/` runs them and builds nothing.
 * Types are erased here: the DSL has checked them.
 */
export type GraphNode = SourceNode | StatelessNode | ProcessorNode | SinkNode;

export interface SourceNode {
  readonly kind: 'source';
  readonly name: string;
  readonly topic: Topic<unknown>;
  readonly children: GraphNode[];
}

export type StatelessOperation = 'filter' | 'map-values';

/** One record in, at most one out. */
export interface StatelessNode {
  readonly kind: 'stateless';
  readonly name: string;
  readonly operation: StatelessOperation;
  /** The record to send on, or undefined to send none. */
  apply(record: ProcessorRecord<unknown>): ProcessorRecord<unknown> | undefined;
  readonly children: GraphNode[];
}

export interface ProcessorNode {
  readonly kind: 'processor';
  readonly name: string;
  readonly processor: KeyedProcessor<unknown, unknown, unknown>;
  readonly children: GraphNode[];
}

export interface SinkNode {
  readonly kind: 'sink';
  readonly name: string;
  readonly topic: Topic<unknown>;
  readonly children: GraphNode[];
}

export interface StoreDefinition {
  readonly name: string;
  readonly serde: Serde<unknown>;
}

/** A validated topology; made by `StreamsBuilder.build()`. */
export interface Topology {
  readonly name: string;
  readonly sources: readonly SourceNode[];
  readonly processors: readonly ProcessorNode[];
  readonly sinks: readonly SinkNode[];
  readonly stores: readonly StoreDefinition[];
}

/** The changelog's topic of a store, as Kafka Streams names it. */
export function changelogTopic(applicationId: string, store: string): string {
  return `${applicationId}-${store}-changelog`;
}

/** Where records go that can't be processed. */
export function deadLetterTopic(applicationId: string): string {
  return `${applicationId}-dead-letter`;
}

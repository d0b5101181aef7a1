import type { FailurePolicy } from '../errors.ts';
import type { KeyedProcessor, Processor, ProcessorRecord } from '../processor/processor.ts';
import type { AnyTopic, Serde } from '../serde/serde.ts';

/**
 * The nodes of a topology, as data. The DSL builds them and runs nothing; `task/` runs them and builds nothing.
 * Types are erased here: the DSL has checked them.
 */
export type GraphNode = SourceNode | StatelessNode | ProcessorNode | SinkNode;

export type AnyRecord = ProcessorRecord<unknown, unknown>;

/** Takes a record further down the graph. */
export type Forward = (record: AnyRecord) => void;

interface NodeBase {
  readonly name: string;
  /** What becomes of a record that fails here; undefined: what the application says. */
  readonly onError?: FailurePolicy | undefined;
  readonly children: GraphNode[];
}

interface TopicNode extends NodeBase {
  readonly topic: AnyTopic;
  /** Set for a repartition topic: its name has the application's in it, and the runtime makes it. */
  readonly repartition?: { readonly partitions: number | undefined };
}

export interface SourceNode extends TopicNode {
  readonly kind: 'source';
  /** Whether a record without a value means that its key is deleted; else it is a dead letter. */
  readonly isTable?: boolean;
}

export interface SinkNode extends TopicNode {
  readonly kind: 'sink';
}

/** What has no state: any number of records out for one in. */
export interface StatelessNode extends NodeBase {
  readonly kind: 'stateless';
  /** As the DSL calls it: `filter`, `map-values`, … */
  readonly operation: string;
  /** Whether records leave with the key that they came with. */
  readonly keepsKey: boolean;
  /** @param children of the node, one by one, in their order: for a branch */
  run(record: AnyRecord, forward: Forward, children: readonly Forward[]): void;
}

export type AnyKeyedProcessor = KeyedProcessor<unknown, unknown, unknown, unknown>;
export type AnyProcessor = Processor<unknown, unknown, unknown, unknown>;

export interface ProcessorNode extends NodeBase {
  readonly kind: 'processor';
  /** What the DSL calls it, for descriptions: `count`, `left-join`, … */
  readonly operation?: string;
  readonly processor: AnyKeyedProcessor | AnyProcessor;
  /** What it reads of a store for a record, so that it is read ahead, many at a time; default: its `store`, by key. */
  readonly readsAhead?: {
    readonly store: string;
    keys(record: AnyRecord): unknown[];
  };
}

export function isKeyed(
  processor: AnyKeyedProcessor | AnyProcessor,
): processor is AnyKeyedProcessor {
  return 'store' in processor;
}

/** The stores that a processor uses, each once. */
export function storesOf({ processor }: ProcessorNode): string[] {
  const names = (processor.stores ?? []).map((handle) => handle.name);
  if (isKeyed(processor)) names.unshift(processor.store.name);
  else if (processor.timers) names.push(processor.timers.store.name);
  return [...new Set(names)];
}

export interface StoreDefinition {
  readonly name: string;
  /** What its entries are: part of the layout that a later start must fit. */
  readonly kind: 'key-value' | 'window';
  readonly serde: Serde<unknown>;
  /** Its keys, of a window store those without the window; default: UTF-8 strings. */
  readonly key?: Serde<unknown>;
  /** Of a window store. */
  readonly windowMs?: number;
  /** Entries go when the watermark is this far past the record that put them, or past their window's start. */
  readonly retentionMs?: number;
  /** What queries see of a state; default: all of it. */
  show?(state: unknown): unknown;
  /** Whether its name was made up; such a name, and with it the changelog, may change when the topology does. */
  readonly isGenerated?: boolean;
}

/** Nodes that records and stores connect. A task is one partition of one of them. */
export interface SubTopology {
  readonly id: number;
  readonly sources: readonly SourceNode[];
  readonly processors: readonly ProcessorNode[];
  readonly sinks: readonly SinkNode[];
  /** In the order in which a record meets them. */
  readonly stores: readonly StoreDefinition[];
}

/** A validated topology; made by `StreamsBuilder.build()`. */
export interface Topology extends Omit<SubTopology, 'id'> {
  readonly name: string;
  readonly subTopologies: readonly SubTopology[];
}

/** The changelog's topic of a store, as Kafka Streams names it. */
export function changelogTopic(applicationId: string, store: string): string {
  return `${applicationId}-${store}-changelog`;
}

/** The name at the broker of the topic that a node reads or writes. */
export function topicName(applicationId: string, { topic, repartition }: TopicNode): string {
  return repartition ? `${applicationId}-${topic.name}-repartition` : topic.name;
}

/** Where records go that can't be processed. */
export function deadLetterTopic(applicationId: string): string {
  return `${applicationId}-dead-letter`;
}

import { TopologyError, type FailurePolicy } from '../errors.ts';
import type {
  AnyKeyedProcessor,
  AnyProcessor,
  GraphNode,
  ProcessorNode,
  SourceNode,
  StatelessNode,
  StoreDefinition,
} from '../graph/topology.ts';
import type { AnyTopic, Serde } from '../serde/serde.ts';
import { NodeNames } from './node-names.ts';
import type { Repartitioned } from './options.ts';

/** What one builder has collected so far. */
export class GraphParts {
  readonly names = new NodeNames();
  readonly sources: SourceNode[] = [];
  readonly stores: StoreDefinition[] = [];
}

/** A stream while it is declared: where its records come from, and what is known of them. */
export interface Lineage<K, V> {
  readonly parts: GraphParts;
  readonly parents: readonly GraphNode[];
  /** What generated names begin with. */
  readonly root: string;
  /** Whether records may be in another partition than that of their key. */
  readonly isKeyChanged: boolean;
  /** Undefined: UTF-8 strings. */
  readonly key: Serde<K> | undefined;
  /** Undefined: not known. */
  readonly value: Serde<V> | undefined;
}

/** The stream behind a new node. */
export function append<K, V>(
  { parts, parents, root }: Lineage<never, never> | Lineage<unknown, unknown>,
  node: GraphNode,
  { isKeyChanged, key, value }: Pick<Lineage<K, V>, 'isKeyChanged' | 'key' | 'value'>,
): Lineage<K, V> {
  for (const parent of parents) parent.children.push(node);
  return { parts, parents: [node], root, isKeyChanged, key, value };
}

/** A stream that reads a topic. */
export function readTopic<K, V>(
  parts: GraphParts,
  topic: AnyTopic,
  kind: Pick<SourceNode, 'isTable' | 'repartition' | 'onError'> = {},
): Lineage<K, V> {
  const suffix = kind.repartition ? 'repartition-source' : 'source';
  const name = parts.names.only(`${topic.name}-${suffix}`);
  const node: SourceNode = { kind: 'source', name, topic, ...kind, children: [] };
  parts.sources.push(node);
  const key = topic.key as Serde<K> | undefined;
  const value = topic.value as Serde<V>;
  return { parts, parents: [node], root: topic.name, isKeyChanged: false, key, value };
}

export function statelessNode(
  { parts, root }: Lineage<never, never> | Lineage<unknown, unknown>,
  operation: string,
  name: string | undefined,
  keepsKey: boolean,
  run: StatelessNode['run'],
  onError?: FailurePolicy,
): StatelessNode {
  const given = name ?? parts.names.next(root, operation);
  return { kind: 'stateless', name: given, onError, operation, keepsKey, run, children: [] };
}

/** Types are erased on the way into the graph: the DSL's methods have checked them. */
export function processorNode(
  name: string,
  operation: string | undefined,
  processor: unknown,
  { onError, readsAhead }: Partial<Pick<ProcessorNode, 'onError' | 'readsAhead'>> = {},
): ProcessorNode {
  return {
    kind: 'processor',
    name,
    onError,
    ...(operation !== undefined && { operation }),
    processor: processor as AnyKeyedProcessor | AnyProcessor,
    ...(readsAhead && { readsAhead }),
    children: [],
  };
}

/** The stream with every record in the partition of its key: through a repartition topic, where the key may have changed. */
export function coPartitioned<K, V>(
  lineage: Lineage<K, V>,
  operation: string,
  options: Repartitioned<K, V>,
): Lineage<K, V> {
  return lineage.isKeyChanged ? repartitioned(lineage, operation, options) : lineage;
}

export function repartitioned<K, V>(
  lineage: Lineage<K, V>,
  operation: string,
  options: Repartitioned<K, V>,
): Lineage<K, V> {
  const { parts, root } = lineage;
  const { key = lineage.key, value = lineage.value, partitions, onError } = options;
  if (!value) {
    throw new TopologyError(
      `${operation} of the stream from '${root}' goes through a repartition topic, and the serde of its values is not known ` +
        `since they were mapped: give it, as ${operation}(…, { value: serde })`,
    );
  }
  const name = options.name ?? parts.names.next(root, operation);
  const topic = { name, value, ...(key && { key }) } as unknown as AnyTopic;
  const repartition = { partitions };
  const sink = `${name}-repartition-sink`;
  append(lineage, { kind: 'sink', name: sink, onError, topic, repartition, children: [] }, lineage);
  return readTopic<K, V>(parts, topic, { repartition, onError });
}

/** The name of a store: the user's, or one that is made up. */
export function storeName(
  { parts, root }: Lineage<never, never> | Lineage<unknown, unknown>,
  operation: string,
  name: string | undefined,
): Pick<StoreDefinition, 'name' | 'isGenerated'> {
  if (name !== undefined) return { name };
  return { name: parts.names.next(root, operation), isGenerated: true };
}

/** @throws {TopologyError} when streams come from two builders: only one of them would be run */
export function sameBuilder(operation: string, one: GraphParts, other: GraphParts): void {
  if (one === other) return;
  throw new TopologyError(
    `${operation} takes streams and tables of one StreamsBuilder, and these are of two; make both with the same one`,
  );
}

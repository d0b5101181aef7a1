import type { GraphNode, StatelessNode } from '../graph/topology.ts';
import type { KeyedProcessor, ProcessorRecord } from '../processor/processor.ts';
import type { Topic } from '../serde/serde.ts';
import type { NodeNames } from './node-names.ts';

/** A topic that values of type `V` can be written to. A property, since a method's parameter would accept narrower ones. */
export type TopicFor<V> = Topic<unknown> & {
  readonly value: { readonly encode: (value: V) => Buffer };
};

/** A stream of records with values of type `V`, keyed by a string. Made by `StreamsBuilder.stream()`. */
export class KStream<V> {
  readonly #parents: readonly GraphNode[];
  readonly #names: NodeNames;

  constructor(parents: readonly GraphNode[], names: NodeNames) {
    this.#parents = parents;
    this.#names = names;
  }

  /** Keeps the records whose value the predicate accepts; a type guard narrows the stream's type. */
  filter<W extends V>(predicate: (value: V, key: string) => value is W): KStream<W>;
  filter(predicate: (value: V, key: string) => boolean): KStream<V>;
  filter(predicate: (value: V, key: string) => boolean): KStream<V> {
    return this.#stateless('filter', (record) =>
      predicate(record.value as V, record.key) ? record : undefined,
    );
  }

  /** Replaces each value; key, time and headers stay. */
  mapValues<W>(mapper: (value: V, key: string) => W): KStream<W> {
    return this.#stateless('map-values', (record) => ({
      ...record,
      value: mapper(record.value as V, record.key),
    }));
  }

  /** Both streams as one. */
  merge<W>(other: KStream<W>): KStream<V | W> {
    return new KStream<V | W>([...this.#parents, ...other.#parents], this.#names);
  }

  /**
   * Runs a keyed processor with a state and a timer per key.
   * @param name stable: names it in messages and metrics, and its timers in the local state
   */
  process<S, Out>(name: string, processor: KeyedProcessor<V, S, Out>): KStream<Out> {
    const node: GraphNode = {
      kind: 'processor',
      name,
      processor: processor as KeyedProcessor<unknown, unknown, unknown>,
      children: [],
    };
    return this.#append<Out>(node);
  }

  /** Writes to a topic, which must take every value of the stream: filter first when it does not. */
  to(topic: TopicFor<V>): void {
    this.#append({
      kind: 'sink',
      name: this.#names.next('SINK'),
      topic,
      children: [],
    });
  }

  #stateless<W>(
    operation: StatelessNode['operation'],
    apply: (record: ProcessorRecord<unknown>) => ProcessorRecord<unknown> | undefined,
  ): KStream<W> {
    const name = this.#names.next(operation.toUpperCase().replace('-', ''));
    return this.#append<W>({ kind: 'stateless', name, operation, apply, children: [] });
  }

  #append<W>(node: GraphNode): KStream<W> {
    for (const parent of this.#parents) parent.children.push(node);
    return new KStream<W>([node], this.#names);
  }
}

import { validate } from '../graph/validate.ts';
import type { SourceNode, StoreDefinition, Topology } from '../graph/topology.ts';
import type { StoreHandle } from '../processor/processor.ts';
import type { Serde, Topic } from '../serde/serde.ts';
import { KStream } from './kstream.ts';
import { NodeNames } from './node-names.ts';

/**
 * Collects a topology. It runs nothing; `build()` checks and hands it over.
 *
 * @example
 * const builder = new StreamsBuilder('shipping');
 * const counts = builder.store('order-counts', intSerde);
 * builder
 *   .stream(orders)
 *   .process('count-orders', {
 *     store: counts,
 *     onRecord: (record, count, context) => context.put((count ?? 0) + 1),
 *   });
 * const topology = builder.build();
 */
export class StreamsBuilder {
  readonly #name: string;
  readonly #names = new NodeNames();
  readonly #sources: SourceNode[] = [];
  readonly #stores: StoreDefinition[] = [];

  /** @param name names the topology in messages, descriptions and metrics */
  constructor(name: string) {
    this.#name = name;
  }

  /** Reads a topic. */
  stream<V>(topic: Topic<V>): KStream<V> {
    const node: SourceNode = {
      kind: 'source',
      name: this.#names.next('SOURCE'),
      topic: topic,
      children: [],
    };
    this.#sources.push(node);
    return new KStream<V>([node], this.#names);
  }

  /** Declares a key–value store: keys are the records' keys, values of type `S`. Its name becomes the changelog's. */
  store<S>(name: string, serde: Serde<S>): StoreHandle<S> {
    this.#stores.push({ name, serde: serde });
    return { name };
  }

  /** @throws {TopologyError} with every fault found */
  build(): Topology {
    return validate(this.#name, this.#sources, this.#stores);
  }
}

import { TopologyError } from '../errors.ts';
import { validate } from '../graph/validate.ts';
import type { StoreDefinition, Topology } from '../graph/topology.ts';
import type { KeyedProcessor } from '../processor/processor.ts';
import type { StoreHandle, WindowStoreHandle } from '../processor/store.ts';
import type { AnyTopic, Serde, Topic } from '../serde/serde.ts';
import { KStream } from './kstream.ts';
import { KTable } from './ktable.ts';
import { append, GraphParts, processorNode, readTopic } from './lineage.ts';
import type { OnError, StepOptions } from './options.ts';

/** How long entries are kept, where nothing else deletes them. */
export interface Retention {
  /** Entries go when the watermark is this far past the record or timer that put them last. */
  readonly retentionMs?: number;
}

/** A store of values per key and window start. */
export interface WindowStoreSettings {
  readonly windowMs: number;
  /** Entries go when the watermark is this far past their window's start. */
  readonly retentionMs: number;
}

/**
 * Collects a topology. It runs nothing; `build()` checks and hands it over.
 *
 * @example
 * const builder = new StreamsBuilder('shipping');
 * const counts = builder.store('order-counts', numberSerde);
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
  readonly #parts = new GraphParts();

  /** @param name names the topology in messages, descriptions and metrics */
  constructor(name: string) {
    this.#name = name;
  }

  /** Reads a topic. @param options `onError`: what becomes of records that can't be read */
  stream<V, K = string>(topic: Topic<V, K>, options: OnError = {}): KStream<K, V> {
    const { onError } = options;
    return new KStream<K, V>(readTopic(this.#parts, topic as unknown as AnyTopic, { onError }));
  }

  /**
   * Reads a topic as a table: a record is its key's value from then on, a record without a value deletes it.
   * @param options `name`: of the store; default: `<topic>-table`. `onError`: what becomes of records that can't be read
   */
  table<V, K = string>(topic: Topic<V, K>, options: StepOptions = {}): KTable<K, V, V | null> {
    const { name = `${topic.name}-table`, onError } = options;
    const source = readTopic<K, V>(this.#parts, topic, { isTable: true, onError });
    const store: StoreHandle<V, K> = this.#store(
      { name, kind: 'key-value', serde: topic.value },
      { key: topic.key },
    );
    const processor: KeyedProcessor<V | null, V, V | null, K> = {
      store,
      onRecord({ value }, _state, context) {
        context.put(value);
        context.forward(value);
      },
    };
    const node = processorNode(name, 'table', processor);
    const value = topic.value as Serde<V | null>;
    return new KTable(append<K, V | null>(source, node, { ...source, value }), store);
  }

  /** Declares a key–value store, by default with strings as keys. Its name becomes the changelog's. */
  store<S>(name: string, serde: Serde<S>, options?: Retention): StoreHandle<S>;
  store<S, K>(
    name: string,
    serde: Serde<S>,
    options: Retention & { readonly key: Serde<K> },
  ): StoreHandle<S, K>;
  store<S, K>(name: string, serde: Serde<S>, options: Retention = {}): StoreHandle<S, K> {
    const { retentionMs } = options;
    if (retentionMs !== undefined) checkRetention(name, retentionMs);
    return this.#store({ name, kind: 'key-value', serde }, options);
  }

  /** Declares a store of values per key and window. */
  windowStore<S>(name: string, serde: Serde<S>, options: WindowStoreSettings): WindowStoreHandle<S>;
  windowStore<S, K>(
    name: string,
    serde: Serde<S>,
    options: WindowStoreSettings & { readonly key: Serde<K> },
  ): WindowStoreHandle<S, K>;
  windowStore<S, K>(
    name: string,
    serde: Serde<S>,
    options: WindowStoreSettings,
  ): WindowStoreHandle<S, K> {
    const { windowMs, retentionMs } = options;
    checkRetention(name, windowMs);
    checkRetention(name, retentionMs);
    return { ...this.#store({ name, kind: 'window', serde }, options), _windowed: true };
  }

  /** @throws {TopologyError} with every fault found */
  build(): Topology {
    return validate(this.#name, this.#parts.sources, this.#parts.stores);
  }

  #store(
    definition: Pick<StoreDefinition, 'name' | 'kind'> & { readonly serde: unknown },
    options: object = {},
  ): { readonly name: string } {
    const known = Object.entries(options).filter(([, value]) => value !== undefined);
    const all = { ...definition, ...Object.fromEntries(known) } as StoreDefinition;
    this.#parts.stores.push(all);
    return { name: definition.name };
  }
}

function checkRetention(store: string, ms: number): void {
  if (Number.isSafeInteger(ms) && ms > 0) return;
  throw new TopologyError(
    `store '${store}' can't keep anything for ${ms} ms; give whole milliseconds from 1 on`,
  );
}

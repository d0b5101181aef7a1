import { StreamsException } from '../errors.ts';
import type { StoreDefinition, Topology } from '../graph/topology.ts';
import type { QueryableWindows, StoreHandle } from '../processor/store.ts';
import { QueriedKeyValueStore, QueriedWindowStore } from './queried-store.ts';
import { QueryRouter, type QueryRouterOptions } from './query-router.ts';
import type {
  ReadOnlyKeyValueStore,
  ReadOnlyWindowStore,
  StoreQueryOptions,
} from './read-only-store.ts';
import { StoreRows, type Partitioner } from './store-rows.ts';

export interface StoreQueriesOptions extends QueryRouterOptions {
  readonly topology: Topology;
  /** Where records go by default. */
  readonly partitioner: Partitioner;
}

/** The stores of a topology, as the whole application has them. */
export class StoreQueries {
  readonly #options: StoreQueriesOptions;
  readonly #router: QueryRouter;

  constructor(options: StoreQueriesOptions) {
    this.#options = options;
    this.#router = new QueryRouter(options);
  }

  /**
   * A store as the whole application has it: whichever instance owns a key answers, with what is committed.
   *
   * @param store its handle, or the name of a key–value store
   * @throws {StreamsException} when the topology has no such store, or one of the other kind
   * @example
   * const { value, origin } = await app.store(counts.store).get('ann', { allowStale: true });
   * for await (const { key, value } of app.store<number>('counts').range('a', 'b')) …
   */
  store<S, K = string>(
    store: QueryableWindows<S, K>,
    options?: StoreQueryOptions,
  ): ReadOnlyWindowStore<S, K>;
  store<S, K = string>(
    store: StoreHandle<S, K> | string,
    options?: StoreQueryOptions,
  ): ReadOnlyKeyValueStore<S, K>;
  store(
    store: { readonly name: string; readonly _windowed?: unknown } | string,
    { partitioner = this.#options.partitioner }: StoreQueryOptions = {},
  ): unknown {
    const { name, _windowed } = typeof store === 'string' ? { name: store } : store;
    const kind = _windowed === undefined ? 'key-value' : 'window';
    const { subTopology, definition } = this.#find(name, kind);
    const rows = new StoreRows(this.#router, name, subTopology, partitioner);
    return kind === 'window'
      ? new QueriedWindowStore(rows, definition)
      : new QueriedKeyValueStore(rows, definition);
  }

  #find(
    name: string,
    kind: StoreDefinition['kind'],
  ): { subTopology: number; definition: StoreDefinition } {
    const { topology } = this.#options;
    for (const { id, stores } of topology.subTopologies) {
      const definition = stores.find((store) => store.name === name);
      if (definition?.kind === kind) return { subTopology: id, definition };
      if (definition)
        throw new StreamsException(
          `'${name}' is a ${definition.kind} store, and is asked for as a ${kind} store`,
        );
    }
    const known = topology.stores.map((store) => `'${store.name}'`).join(', ');
    throw new StreamsException(`the topology has no store '${name}'; it has ${known || 'none'}`);
  }
}

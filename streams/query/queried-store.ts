import { inspect } from 'node:util';
import { StreamsException, messageOf } from '../errors.ts';
import type { StoreDefinition, Topology } from '../graph/topology.ts';
import type { QueryableWindows, StoreHandle } from '../processor/store.ts';
import type { Windowed } from '../processor/windowed.ts';
import type { KeyCodec } from '../state/key-codec.ts';
import { keyCodecOf, recordKeysOf, shownState, stateSerdeOf } from '../task/store-parts.ts';
import type { QueryOptions, QueryRouter } from './query-router.ts';
import type {
  AnswerOrigin,
  KeyQueryMetadata,
  ReadOnlyKeyValueStore,
  ReadOnlyWindowStore,
  StoreAnswer,
  StoreEntry,
  StoreQueryOptions,
  WindowEntry,
} from './read-only-store.ts';
import { StoreRows, type Partitioner, type Row } from './store-rows.ts';

/** The last start that 8 bytes can say and a number still counts. */
const LAST_START = Number.MAX_SAFE_INTEGER;

abstract class QueriedStore<S> {
  protected readonly rows: StoreRows;
  protected readonly definition: StoreDefinition;
  /** Keys of the records that the entries follow from. */
  protected readonly recordKeys: KeyCodec<unknown>;
  protected readonly entryKeys: KeyCodec<unknown>;

  constructor(rows: StoreRows, definition: StoreDefinition) {
    this.rows = rows;
    this.definition = definition;
    this.recordKeys = recordKeysOf(definition);
    this.entryKeys = keyCodecOf(definition);
  }

  protected answered(
    { value, origin }: { value: Buffer | undefined; origin: AnswerOrigin },
    key: unknown,
  ): StoreAnswer<S> {
    return { value: value && this.decode(value, key, origin), origin };
  }

  protected entryKeyOf({ key }: Row): unknown {
    return this.entryKeys.key(this.entryKeys.idOf(key));
  }

  protected decode(bytes: Buffer, key: unknown, { task, host }: AnswerOrigin): S {
    try {
      return shownState(this.definition, stateSerdeOf(this.definition).decode(bytes)) as S;
    } catch (error) {
      const where = `task ${task}${host === undefined ? '' : ` at ${host}`}`;
      throw new StreamsException(
        `the state of ${inspect(key)} in store '${this.definition.name}', as ${where} has it, can't be decoded: ` +
          `${messageOf(error)}; is another version of the topology running there?`,
        { cause: error },
      );
    }
  }
}

class QueriedKeyValueStore<S, K> extends QueriedStore<S> implements ReadOnlyKeyValueStore<S, K> {
  ownerOf(key: K): KeyQueryMetadata {
    return this.rows.ownerOf(bytesOf(this.recordKeys, key));
  }

  async get(key: K, options?: QueryOptions): Promise<StoreAnswer<S>> {
    const bytes = bytesOf(this.recordKeys, key);
    return this.answered(await this.rows.get(bytes, bytes, options), key);
  }

  range(from: K, to: K, options?: QueryOptions): AsyncGenerator<StoreEntry<K, S>> {
    const [first, last] = [from, to].map((key) => bytesOf(this.entryKeys, key));
    return this.#entries(first!, last!, options);
  }

  all(options?: QueryOptions): AsyncGenerator<StoreEntry<K, S>> {
    return this.#entries(Buffer.alloc(0), null, options);
  }

  async *#entries(
    from: Buffer,
    to: Buffer | null,
    options?: QueryOptions,
  ): AsyncGenerator<StoreEntry<K, S>> {
    for await (const row of this.rows.merged(from, to, options)) {
      const key = this.entryKeyOf(row) as K;
      yield { key, value: this.decode(row.value, key, row.origin), origin: row.origin };
    }
  }
}

class QueriedWindowStore<S, K> extends QueriedStore<S> implements ReadOnlyWindowStore<S, K> {
  ownerOf(key: K): KeyQueryMetadata {
    return this.rows.ownerOf(bytesOf(this.recordKeys, key));
  }

  async get(key: K, start: number, options?: QueryOptions): Promise<StoreAnswer<S>> {
    const recordKey = bytesOf(this.recordKeys, key);
    return this.answered(await this.rows.get(recordKey, this.#bytes(key, start), options), key);
  }

  async *fetch(
    key: K,
    from: number,
    to: number,
    options?: QueryOptions,
  ): AsyncGenerator<WindowEntry<K, S>> {
    const [earliest, latest] = [Math.max(0, Math.ceil(from)), Math.min(LAST_START, Math.floor(to))];
    if (earliest > latest) return;
    const recordKey = bytesOf(this.recordKeys, key);
    const [first, last] = [this.#bytes(key, earliest), this.#bytes(key, latest)];
    for await (const row of this.rows.range(recordKey, first, last, options)) {
      // A longer key may lie in between: what comes after its first bytes reads like a start.
      if (row.key.length === first.length) yield this.#entry(row);
    }
  }

  async *all(options?: QueryOptions): AsyncGenerator<WindowEntry<K, S>> {
    for await (const row of this.rows.merged(Buffer.alloc(0), null, options))
      yield this.#entry(row);
  }

  #entry(row: Row): WindowEntry<K, S> {
    const { key, window } = this.entryKeyOf(row) as Windowed<K>;
    const value = this.decode(row.value, key, row.origin);
    return { key, start: window.start, value, origin: row.origin };
  }

  #bytes(key: K, start: number): Buffer {
    const window = { start, end: start + this.definition.windowMs! };
    return bytesOf(this.entryKeys, { key, window } satisfies Windowed<K>);
  }
}

/**
 * Opens a store as the whole application has it: whichever instance owns a key answers, with what is committed.
 *
 * @param store its handle, or the name of a key–value store
 * @throws {StreamsException} when the topology has no such store, or one of the other kind
 * @example
 * const { value, origin } = await app.store(counts.store).get('ann', { allowStale: true });
 * for await (const { key, value } of app.store<number>('counts').range('a', 'b')) …
 */
export interface OpenStore {
  <S, K = string>(
    store: QueryableWindows<S, K>,
    options?: StoreQueryOptions,
  ): ReadOnlyWindowStore<S, K>;
  <S, K = string>(
    store: StoreHandle<S, K> | string,
    options?: StoreQueryOptions,
  ): ReadOnlyKeyValueStore<S, K>;
}

/** @param partitionOf where records go, unless an option says otherwise */
export function storeOpener(
  topology: Topology,
  router: QueryRouter,
  partitionOf: Partitioner,
): OpenStore {
  const open = (
    store: { readonly name: string; readonly _windowed?: unknown } | string,
    { partitioner = partitionOf }: StoreQueryOptions = {},
  ): unknown => {
    const { name, _windowed } = typeof store === 'string' ? { name: store } : store;
    const { subTopology, definition } = find(topology, name);
    const kind = _windowed === undefined ? 'key-value' : 'window';
    if (definition.kind !== kind)
      throw new StreamsException(
        `'${name}' is a ${definition.kind} store, and is asked for as a ${kind} store`,
      );
    const rows = new StoreRows(router, name, subTopology, partitioner);
    return kind === 'window'
      ? new QueriedWindowStore(rows, definition)
      : new QueriedKeyValueStore(rows, definition);
  };
  return open as OpenStore;
}

function find(
  topology: Topology,
  name: string,
): { subTopology: number; definition: StoreDefinition } {
  for (const { id, stores } of topology.subTopologies) {
    const definition = stores.find((store) => store.name === name);
    if (definition) return { subTopology: id, definition };
  }
  const known = topology.stores.map((store) => `'${store.name}'`).join(', ');
  throw new StreamsException(`the topology has no store '${name}'; it has ${known || 'none'}`);
}

function bytesOf(keys: KeyCodec<unknown>, key: unknown): Buffer {
  return keys.bytes(keys.id(key));
}

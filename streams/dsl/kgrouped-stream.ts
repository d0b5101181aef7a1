import { TopologyError } from '../errors.ts';
import type { AnyRecord } from '../graph/topology.ts';
import type { KeyedProcessor } from '../processor/processor.ts';
import type { StoreHandle, WindowedResults, WindowStoreHandle } from '../processor/store.ts';
import { numberSerde } from '../serde/serdes.ts';
import type { Serde } from '../serde/serde.ts';
import { stampedSerde, type Stamped } from '../state/stamped.ts';
import { KTable, WindowedKTable } from './ktable.ts';
import { append, processorNode, storeName, type Lineage } from './lineage.ts';
import type { Materialized, OnError } from './options.ts';
import {
  entriesOf,
  windowedAggregate,
  type Fold,
  type WindowedOutputs,
} from './windowed-aggregate.ts';
import type { TimeWindows } from './windows.ts';

/** How long the results of windows stay. */
export interface WindowRetention {
  /** From a window's start, ms. Default: until it closes. */
  readonly retentionMs?: number;
}

interface FoldOptions extends OnError {
  readonly name?: string;
  readonly value: unknown;
}

/** What both kinds of grouped streams fold their records by. */
abstract class Aggregations<K, V, Counted, Reduced, More = unknown> {
  protected readonly lineage: Lineage<K, V>;

  constructor(lineage: Lineage<K, V>) {
    this.lineage = lineage;
  }

  /** How many records there were. */
  count(options: Materialized<number> & Partial<More> = {}): Counted {
    const fold = (_key: unknown, _value: unknown, count: unknown) => ((count ?? 0) as number) + 1;
    return this.fold('count', fold, { value: numberSerde, ...options }) as Counted;
  }

  /** Combines the values, two at a time; the first one is the result as it is. */
  reduce(
    reducer: (aggregate: V, value: V) => V,
    options: Materialized<V> & Partial<More> = {},
  ): Reduced {
    const value = options.value ?? this.lineage.value;
    if (!value)
      throw new TopologyError(
        `reduce of the stream from '${this.lineage.root}' keeps values whose serde is not known since they were mapped: ` +
          `give it, as reduce(…, { value: serde })`,
      );
    const fold: Fold = (_key, next, aggregate) =>
      aggregate === undefined ? next : reducer(aggregate as V, next as V);
    return this.fold('reduce', fold, { ...options, value }) as Reduced;
  }

  protected foldOf<A>(
    initializer: () => A,
    aggregator: (key: K, value: V, aggregate: A) => A,
  ): Fold {
    return (key, value, aggregate) =>
      aggregator(key as K, value as V, aggregate === undefined ? initializer() : (aggregate as A));
  }

  protected abstract fold(operation: string, fold: Fold, options: FoldOptions): unknown;
}

/** Records by key, to be aggregated. Made by `groupByKey()` and `groupBy()`. */
export class KGroupedStream<K, V> extends Aggregations<K, V, KTable<K, number>, KTable<K, V>> {
  /**
   * Folds the values of each key into one.
   *
   * @example
   * payments.groupByKey().aggregate(() => 0, (_key, payment, sum) => sum + payment.amount, {
   *   name: 'sums',
   *   value: numberSerde,
   * });
   */
  aggregate<A>(
    initializer: () => A,
    aggregator: (key: K, value: V, aggregate: A) => A,
    options: Materialized<A> & { readonly value: Serde<A> },
  ): KTable<K, A> {
    const fold = this.foldOf(initializer, aggregator);
    return this.fold('aggregate', fold, options) as unknown as KTable<K, A>;
  }

  /** The same aggregations, for each window of event time. */
  windowedBy(windows: TimeWindows): TimeWindowedKStream<K, V> {
    return new TimeWindowedKStream(this.lineage, windows);
  }

  protected fold(operation: string, fold: Fold, options: FoldOptions): KTable<K, unknown> {
    const { lineage } = this;
    const serde = options.value as Serde<unknown>;
    const store = storeName(lineage, operation, options.name);
    const key = lineage.key as Serde<unknown> | undefined;
    lineage.parts.stores.push({ ...store, kind: 'key-value', serde, ...(key && { key }) });
    const handle: StoreHandle<unknown, K> = { name: store.name };
    const processor: KeyedProcessor<V, unknown, unknown, K> = {
      store: handle,
      onRecord(record, state, context) {
        const next = fold(record.key, record.value, state);
        context.put(next);
        context.forward(next);
      },
    };
    const { onError } = options;
    const node = processorNode(store.name, operation, processor, { onError });
    return new KTable(append<K, unknown>(lineage, node, { ...lineage, value: serde }), handle);
  }
}

/** Records by key and window, to be aggregated. Made by `windowedBy()`. */
export class TimeWindowedKStream<K, V> extends Aggregations<
  K,
  V,
  WindowedKTable<K, number>,
  WindowedKTable<K, V>,
  WindowRetention
> {
  readonly #windows: TimeWindows;

  /** @internal */
  constructor(lineage: Lineage<K, V>, windows: TimeWindows) {
    super(lineage);
    this.#windows = windows;
  }

  /** Folds the values of each key and window into one. */
  aggregate<A>(
    initializer: () => A,
    aggregator: (key: K, value: V, aggregate: A) => A,
    options: Materialized<A> & { readonly value: Serde<A> } & WindowRetention,
  ): WindowedKTable<K, A> {
    const fold = this.foldOf(initializer, aggregator);
    return this.fold('aggregate', fold, options) as unknown as WindowedKTable<K, A>;
  }

  protected fold(
    operation: string,
    fold: Fold,
    options: FoldOptions & WindowRetention,
  ): WindowedKTable<K, unknown> {
    const { lineage } = this;
    const windows = this.#windows;
    const closedMs = windows.sizeMs + windows.graceMs;
    const { retentionMs = closedMs } = options;
    if (retentionMs < closedMs)
      throw new TopologyError(
        `a retention of ${retentionMs} ms is shorter than a window with its grace, ${closedMs} ms; make it at least that`,
      );
    const value = options.value as Serde<unknown>;
    const store = storeName(lineage, `windowed-${operation}`, options.name);
    const key = lineage.key as Serde<unknown> | undefined;
    const serde = stampedSerde(value) as Serde<unknown>;
    const { sizeMs: windowMs } = windows;
    lineage.parts.stores.push({
      ...store,
      kind: 'window',
      windowMs,
      serde,
      show: (entry) => (entry as Stamped<unknown>).state,
      ...(key && { key }),
    });
    const handle: WindowStoreHandle<Stamped<unknown>, unknown> = {
      name: store.name,
      _windowed: true,
    };
    const outputs: WindowedOutputs = {};
    const processor = windowedAggregate(handle, windows, retentionMs, fold, outputs);
    const readsAhead = { store: store.name, keys: (r: AnyRecord) => entriesOf(r, windows) };
    const { onError } = options;
    const node = processorNode(store.name, `windowed-${operation}`, processor, {
      onError,
      readsAhead,
    });
    const results = append<K, unknown>(lineage, node, { ...lineage, value });
    const queried: WindowedResults<unknown, K> = { name: store.name, _windowed: 'results' };
    return new WindowedKTable(results, windowMs, outputs, queried);
  }
}

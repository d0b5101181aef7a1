import type { StatelessNode } from '../graph/topology.ts';
import type { KeyedProcessor, Processor } from '../processor/processor.ts';
import type { AnyTopic, Serde } from '../serde/serde.ts';
import { KGroupedStream } from './kgrouped-stream.ts';
import type { KTable } from './ktable.ts';
import { joinStreams, joinTable } from './joins.ts';
import {
  append,
  coPartitioned,
  processorNode,
  repartitioned,
  sameBuilder,
  statelessNode,
  type Lineage,
} from './lineage.ts';
import type {
  KeySerdes,
  OnError,
  Repartitioned,
  Serdes,
  StepOptions,
  StreamJoined,
  TopicFor,
} from './options.ts';
import type { AnyJoiner } from './stream-join.ts';
import type { JoinWindows } from './windows.ts';

/** A key and value that a step makes of a record. */
export interface KeyValue<K, V> {
  readonly key: K;
  readonly value: V;
}

type Predicate<K, V> = (value: V, key: K) => boolean;

/** What the records of a branch are: narrowed, where its predicate is a type guard. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a guard's type can only be inferred over `any`
type Accepted<P, V> = P extends (value: any, key: never) => value is infer W ? W : V;

/**
 * A stream of records with keys of type `K` and values of type `V`. Made by `StreamsBuilder.stream()`.
 *
 * Steps that may change the key (`map`, `flatMap`, `selectKey`, `groupBy`, general processors) mark the stream: what needs a
 * key's records in one place, as grouping and joining do, then sends it through a repartition topic first.
 */
export class KStream<K, V> {
  /** @internal */
  readonly lineage: Lineage<K, V>;

  /** @internal */
  constructor(lineage: Lineage<K, V>) {
    this.lineage = lineage;
  }

  /** Keeps the records whose value the predicate accepts; a type guard narrows the stream's type. */
  filter<W extends V>(
    predicate: (value: V, key: K) => value is W,
    options?: StepOptions,
  ): KStream<K, W>;
  filter(predicate: Predicate<K, V>, options?: StepOptions): KStream<K, V>;
  filter(predicate: Predicate<K, V>, options: StepOptions = {}): KStream<K, V> {
    return this.#keeping('filter', options, (record, forward) => {
      if (predicate(record.value as V, record.key as K)) forward(record);
    });
  }

  /** Makes a new key and value of each record; time and headers stay. */
  map<V2>(
    mapper: (value: V, key: K) => KeyValue<string, V2>,
    options?: Serdes<string, V2>,
  ): KStream<string, V2>;
  map<K2, V2>(
    mapper: (value: V, key: K) => KeyValue<K2, V2>,
    options: KeySerdes<K2, V2>,
  ): KStream<K2, V2>;
  map<K2, V2>(
    mapper: (value: V, key: K) => KeyValue<K2, V2>,
    options?: Serdes<K2, V2>,
  ): KStream<K2, V2> {
    return this.#rekeying('map', options, (record, forward) => {
      forward({ ...record, ...mapper(record.value as V, record.key as K) });
    });
  }

  /** Replaces each value; key, time and headers stay. */
  mapValues<W>(
    mapper: (value: V, key: K) => W,
    options: StepOptions & { readonly value?: Serde<W> } = {},
  ): KStream<K, W> {
    const run: StatelessNode['run'] = (record, forward) => {
      forward({ ...record, value: mapper(record.value as V, record.key as K) });
    };
    const node = this.#node('map-values', options, true, run);
    return new KStream(append(this.lineage, node, { ...this.lineage, value: options.value }));
  }

  /** Makes any number of keys and values of each record. */
  flatMap<V2>(
    mapper: (value: V, key: K) => Iterable<KeyValue<string, V2>>,
    options?: Serdes<string, V2>,
  ): KStream<string, V2>;
  flatMap<K2, V2>(
    mapper: (value: V, key: K) => Iterable<KeyValue<K2, V2>>,
    options: KeySerdes<K2, V2>,
  ): KStream<K2, V2>;
  flatMap<K2, V2>(
    mapper: (value: V, key: K) => Iterable<KeyValue<K2, V2>>,
    options?: Serdes<K2, V2>,
  ): KStream<K2, V2> {
    return this.#rekeying('flat-map', options, (record, forward) => {
      for (const each of mapper(record.value as V, record.key as K))
        forward({ ...record, key: each.key, value: each.value });
    });
  }

  /** Gives each record a new key. */
  selectKey(
    selector: (value: V, key: K) => string,
    options?: Serdes<string, V>,
  ): KStream<string, V>;
  selectKey<K2>(selector: (value: V, key: K) => K2, options: KeySerdes<K2, V>): KStream<K2, V>;
  selectKey<K2>(selector: (value: V, key: K) => K2, options?: Serdes<K2, V>): KStream<K2, V> {
    return this.#selectKey(selector, { value: this.lineage.value, ...options });
  }

  /** Looks at each record as it passes. What it does outside may happen again after a crash. */
  peek(action: (value: V, key: K) => void, options: StepOptions = {}): KStream<K, V> {
    return this.#keeping('peek', options, (record, forward) => {
      action(record.value as V, record.key as K);
      forward(record);
    });
  }

  /** Both streams as one. @throws {TopologyError} when they are of two builders */
  merge<W>(other: KStream<K, W>): KStream<K, V | W> {
    const [a, b] = [this.lineage, other.lineage];
    sameBuilder('merge', a.parts, b.parts);
    return new KStream<K, V | W>({
      ...a,
      parents: [...a.parents, ...b.parents],
      isKeyChanged: a.isKeyChanged || b.isKeyChanged,
      value: (a.value as unknown) === b.value ? a.value : undefined,
    });
  }

  /**
   * Splits the stream: a record goes to the first branch that accepts it, and nowhere when none does.
   *
   * @example
   * const { large, rest } = orders.branch({ large: (order) => order.total > 1000, rest: () => true });
   */
  branch<const P extends Readonly<Record<string, Predicate<K, V>>>>(
    predicates: P,
    options: StepOptions = {},
  ): { readonly [Name in keyof P]: KStream<K, Accepted<P[Name], V>> } {
    const branches = Object.entries(predicates);
    const node = this.#node('branch', options, true, (record, _forward, children) => {
      const { value, key } = record;
      const taken = branches.findIndex(([, accepts]) => accepts(value as V, key as K));
      if (taken !== -1) children[taken]!(record);
    });
    const lineage = append(this.lineage, node, this.lineage);
    const streams = branches.map(([name]) => {
      const own = `${node.name}-${name}`;
      const child = statelessNode(lineage, 'branch', own, true, (record, forward) =>
        forward(record),
      );
      return [name, new KStream(append(lineage, child, lineage))];
    });
    return Object.fromEntries(streams) as never;
  }

  /**
   * Runs a keyed processor with a state and a timer per key, or a general one with stores of any kind.
   * @param name stable: names it in messages and metrics, and its timers in the local state
   * @param options `onError`: what becomes of records, timers and punctuations for which it throws
   */
  process<S, Out>(
    name: string,
    processor: KeyedProcessor<V, S, Out, K>,
    options?: OnError,
  ): KStream<K, Out>;
  process<Out>(
    name: string,
    processor: Processor<V, Out, K>,
    options?: Serdes<K, Out>,
  ): KStream<K, Out>;
  process<Out, KOut>(
    name: string,
    processor: Processor<V, Out, K, KOut>,
    options: KeySerdes<KOut, Out>,
  ): KStream<KOut, Out>;
  process(name: string, processor: object, options: Serdes<unknown, unknown> = {}): never {
    const isKeyed = 'store' in processor;
    const lineage = isKeyed
      ? coPartitioned(this.lineage, 'process', { name: `${name}-input` })
      : this.lineage;
    const { value, onError } = options;
    const node = processorNode(name, undefined, processor, { onError });
    // A general one may send on any key; a keyed one only its own.
    const known = isKeyed
      ? { ...lineage, value }
      : { isKeyChanged: true, key: options.key ?? lineage.key, value };
    return new KStream(append(lineage, node, known)) as never;
  }

  /** Groups the records by their keys, to be aggregated. */
  groupByKey(options: Repartitioned<K, V> = {}): KGroupedStream<K, V> {
    return new KGroupedStream(coPartitioned(this.lineage, 'groupByKey', options));
  }

  /** Groups the records by new keys: `selectKey` and `groupByKey`. Serdes and name are those of the repartition topic. */
  groupBy(
    selector: (value: V, key: K) => string,
    options?: Serdes<string, V>,
  ): KGroupedStream<string, V>;
  groupBy<K2>(selector: (value: V, key: K) => K2, options: KeySerdes<K2, V>): KGroupedStream<K2, V>;
  groupBy<K2>(
    selector: (value: V, key: K) => K2,
    options: Serdes<K2, V> = {},
  ): KGroupedStream<K2, V> {
    // The name is for the topic, not for the step before it.
    const { key, value = this.lineage.value, onError } = options;
    const selected = this.#selectKey(selector, { key, value, onError });
    return selected.groupByKey(options);
  }

  /**
   * Joins with the records of another stream that have the same key and are near enough in time, or with a table as it
   * stands at the record's time.
   */
  join<W, R>(
    other: KStream<K, W>,
    joiner: (value: V, other: W, key: K) => R,
    windows: JoinWindows,
    options?: StreamJoined<V, W>,
  ): KStream<K, R>;
  join<W, R, C>(
    table: KTable<K, W, C>,
    joiner: (value: V, tableValue: W, key: K) => R,
    options?: Repartitioned<K, V>,
  ): KStream<K, R>;
  join(other: unknown, joiner: unknown, windows?: unknown, options?: object): never {
    return this.#join('join', other, joiner, windows, options);
  }

  /** As `join`, and a record of this side without a match is sent on alone: by a window join once its window has closed. */
  leftJoin<W, R>(
    other: KStream<K, W>,
    joiner: (value: V, other: W | undefined, key: K) => R,
    windows: JoinWindows,
    options?: StreamJoined<V, W>,
  ): KStream<K, R>;
  leftJoin<W, R, C>(
    table: KTable<K, W, C>,
    joiner: (value: V, tableValue: W | undefined, key: K) => R,
    options?: Repartitioned<K, V>,
  ): KStream<K, R>;
  leftJoin(other: unknown, joiner: unknown, windows?: unknown, options?: object): never {
    return this.#join('left-join', other, joiner, windows, options);
  }

  /** As `join`, and a record of either side without a match is sent on alone once its window has closed. */
  outerJoin<W, R>(
    other: KStream<K, W>,
    joiner: (value: V | undefined, other: W | undefined, key: K) => R,
    windows: JoinWindows,
    options: StreamJoined<V, W> = {},
  ): KStream<K, R> {
    const { lineage } = other;
    return new KStream(
      joinStreams('outer-join', this.lineage, lineage, joiner as AnyJoiner, windows, options),
    );
  }

  /** Sends the stream through a topic of its own, so that every record is in the partition of its key. */
  repartition(options: Repartitioned<K, V> = {}): KStream<K, V> {
    return new KStream(repartitioned(this.lineage, 'repartition', options));
  }

  /**
   * Writes to a topic, which must take every key and value of the stream: filter first when it does not. A null value
   * deletes its key, in a compacted topic.
   */
  to(topic: TopicFor<K, V>, options: StepOptions = {}): void {
    const { names } = this.lineage.parts;
    const name = options.name ?? names.only(`${topic.name}-sink`);
    const sink = topic as unknown as AnyTopic;
    const { onError } = options;
    append(this.lineage, { kind: 'sink', name, onError, topic: sink, children: [] }, this.lineage);
  }

  #join(
    kind: 'join' | 'left-join',
    other: unknown,
    joiner: unknown,
    windows: unknown,
    options: object = {},
  ): never {
    const join = joiner as AnyJoiner;
    const { lineage } = this;
    if (isStream<K>(other)) {
      const within = windows as JoinWindows;
      return new KStream(joinStreams(kind, lineage, other.lineage, join, within, options)) as never;
    }
    const { lineage: of, store } = other as KTable<K, unknown, unknown>;
    const known = (windows ?? {}) as Repartitioned<K, V>;
    return new KStream(joinTable(kind, lineage, { lineage: of, store }, join, known)) as never;
  }

  #node(
    operation: string,
    { name, onError }: StepOptions,
    keepsKey: boolean,
    run: StatelessNode['run'],
  ): StatelessNode {
    return statelessNode(this.lineage, operation, name, keepsKey, run, onError);
  }

  #selectKey<K2>(
    selector: (value: V, key: K) => K2,
    options: StepOptions & Partial<Pick<Lineage<K2, V>, 'key' | 'value'>>,
  ): KStream<K2, V> {
    return this.#rekeying('select-key', options, (record, forward) => {
      forward({ ...record, key: selector(record.value as V, record.key as K) });
    });
  }

  /** A step that neither changes keys nor values. */
  #keeping(operation: string, options: StepOptions, run: StatelessNode['run']): KStream<K, V> {
    const node = this.#node(operation, options, true, run);
    return new KStream(append(this.lineage, node, this.lineage));
  }

  #rekeying<K2, V2>(
    operation: string,
    options: (StepOptions & Partial<Pick<Lineage<K2, V2>, 'key' | 'value'>>) | undefined,
    run: StatelessNode['run'],
  ): KStream<K2, V2> {
    const { key, value, ...named } = options ?? {};
    const node = this.#node(operation, named, false, run);
    return new KStream(append<K2, V2>(this.lineage, node, { isKeyChanged: true, key, value }));
  }
}

function isStream<K>(other: unknown): other is KStream<K, unknown> {
  return other instanceof KStream;
}

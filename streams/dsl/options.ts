import type { FailurePolicy } from '../errors.ts';
import type { Serde, Topic } from '../serde/serde.ts';

/** A name for a step, where the generated one won't do: others forward to it, or it names a topic. */
export interface Named {
  readonly name?: string;
}

/** What becomes of a record that fails in a step, a source or a sink. */
export interface OnError {
  /** Default: what the application says (`onProcessingError` and the like). */
  readonly onError?: FailurePolicy | undefined;
}

/** What a step takes that runs the user's code, or reads or writes a topic. */
export interface StepOptions extends Named, OnError {}

/** Serdes of a step's keys and values, where the DSL can't know them: after a `map`, say. */
export interface Serdes<K, V> extends StepOptions {
  readonly key?: Serde<K>;
  readonly value?: Serde<V>;
}

/** Serdes where keys are no strings, which need none. */
export type KeySerdes<K, V> = Serdes<K, V> & { readonly key: Serde<K> };

export interface Repartitioned<K, V> extends Serdes<K, V> {
  /** Default: as many as the topics that the sub-topology before it reads. */
  readonly partitions?: number;
}

/** Where an aggregation keeps its results. */
export interface Materialized<A> extends OnError {
  /** Names the store, and its changelog; give it one, so that it stays the same when the topology grows. */
  readonly name?: string;
  readonly value?: Serde<A>;
}

/** The buffered records of a stream–stream join. */
export interface StreamJoined<V, W> extends OnError {
  /** Names the store, its changelog, and the repartition topics. */
  readonly name?: string;
  readonly value?: Serde<V>;
  readonly otherValue?: Serde<W>;
}

/** A topic that values of type `V` under keys of type `K` can be written to; null deletes, in a compacted topic. */
export interface TopicFor<K, V> extends Omit<Topic<unknown>, 'key' | 'value' | 'keyOf'> {
  // Properties, since a method's parameter would accept narrower types.
  readonly value: { readonly encode: (value: Exclude<V, null>) => Buffer };
  readonly key?: { readonly encode: (key: K) => Buffer };
  readonly keyOf?: (value: Exclude<V, null>) => unknown;
}

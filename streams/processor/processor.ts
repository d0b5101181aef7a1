import type { Headers } from './record.ts';
import type {
  AnyStoreHandle,
  KeyValueStore,
  StoreHandle,
  WindowStore,
  WindowStoreHandle,
} from './store.ts';

/** A record as a processor sees it. `value` is decoded, `timestamp` is its event time in epoch ms. */
export interface ProcessorRecord<V, K = string> {
  readonly key: K;
  readonly value: V;
  readonly timestamp: number;
  readonly headers: Headers;
  /** Where it came from: for a record of a driver, the offset it would have. */
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

/** What every context has. Everything done for one record, timer or punctuation is kept or (when it throws) dropped together. */
export interface StoreContext {
  /**
   * The task's watermark: in `onRecord` as it stood before the record was read (a record with
   * `timestamp <= watermark` is late), in `onTimer` as it stands now. `-Infinity` until every input was read once.
   */
  readonly watermark: number;
  /** A store that the processor names in `stores`. */
  store<S, K>(handle: WindowStoreHandle<S, K>): WindowStore<S, K>;
  store<S, K>(handle: StoreHandle<S, K>): KeyValueStore<S, K>;
  /** Says why a record had no effect; counted by reason (`streams_dropped_records_total`). */
  drop(reason: string): void;
  /** Adds to a counter of the processor's own (`streams_processor_events_total{event}`). */
  count(event: string, by?: number): void;
}

/** How a value is sent on, where that differs from the record at hand. */
export interface ForwardOptions {
  /** Event time, epoch ms. */
  readonly timestamp?: number;
  /** Instead of the record's. */
  readonly headers?: Headers;
  /** Only to the child of this name; default: to all. */
  readonly to?: string;
}

/** What a keyed processor can do while it handles one key. */
export interface ProcessorContext<S, Out> extends StoreContext {
  /** Replaces the key's state; `null` deletes it. States are values: never change one in place. */
  put(state: S | null): void;
  /**
   * Sends values on, with the key being handled, the headers of the record at hand and its time; a number is another
   * time (epoch ms).
   */
  forward(value: Out, options?: number | ForwardOptions): void;
}

/** A record to be sent on. */
export interface ForwardedRecord<V, K = string> {
  readonly key: K;
  readonly value: V;
  /** Event time, epoch ms. Default: that of the record or timer at hand; the wall clock in a punctuation. */
  readonly timestamp?: number;
  /** Default: those of the record at hand. */
  readonly headers?: Headers;
}

/** What a general processor can do. */
export interface RecordContext<Out, KOut = string> extends StoreContext {
  /** Sends a record on, to all children or to the one that is named. */
  forward(record: ForwardedRecord<Out, KOut>, to?: string): void;
}

/** A wall-clock schedule. After a pause it runs once, not once for each time it missed. */
export interface Punctuator<Out, KOut = string> {
  readonly ms: number;
  /** @param now wall clock, epoch ms */
  run(context: RecordContext<Out, KOut>, now: number): void;
}

/**
 * A keyed processor with one state and at most one event-time timer per key (as Flink's keyed process function).
 *
 * @typeParam V   values read
 * @typeParam S   the state kept per key
 * @typeParam Out values sent on
 * @typeParam K   keys
 */
export interface KeyedProcessor<V, S, Out, K = string> {
  readonly store: StoreHandle<S, K>;
  /** Other stores that it uses, by `context.store(handle)`. */
  readonly stores?: readonly AnyStoreHandle[];
  /**
   * The event time (epoch ms) at which `onTimer` is to run for this state, or null. A pure function of the state: timers
   * follow from it, are not logged to the changelog, and a restore finds them again.
   */
  timer?(state: S): number | null;
  /**
   * Names what `timer` depends on besides the state (settings, say). When it differs from that of the local state,
   * the timers are derived anew at start.
   */
  readonly timerVersion?: string;
  readonly every?: Punctuator<Out, K>;
  readonly onRecord: (
    record: ProcessorRecord<V, K>,
    state: S | undefined,
    context: ProcessorContext<S, Out>,
  ) => void;
  /**
   * The watermark has reached `dueAt`, the instant that `timer(state)` named. When it throws, that is a dead letter, and
   * the key has no timer until its state is put again, or the task starts anew: then the timer is tried once more.
   */
  onTimer?(key: K, dueAt: number, state: S, context: ProcessorContext<S, Out>): void;
}

/** Event-time timers of a store's entries: at most one per entry, which follows from it. */
export interface EntryTimers<S, SK, Out, KOut> {
  readonly store: AnyStoreHandle;
  /** As `KeyedProcessor.timer`, with the entry's key. */
  at(state: S, key: SK): number | null;
  /** As `KeyedProcessor.timerVersion`. */
  readonly version?: string;
  /** The entry must be changed so that its timer is later or gone. */
  onTimer(key: SK, dueAt: number, state: S, context: RecordContext<Out, KOut>): void;
}

/**
 * A processor without a state per key of its own: any number of stores, records with any key sent on.
 *
 * @typeParam V    values read
 * @typeParam Out  values sent on
 * @typeParam K    keys read
 * @typeParam KOut keys sent on
 */
export interface Processor<V, Out, K = string, KOut = K> {
  /** Stores that it uses, by `context.store(handle)`; processors that name the same one share it. */
  readonly stores?: readonly AnyStoreHandle[];
  readonly timers?: EntryTimers<never, never, Out, KOut>;
  readonly every?: Punctuator<Out, KOut>;
  readonly onRecord: (record: ProcessorRecord<V, K>, context: RecordContext<Out, KOut>) => void;
}

import type { Headers } from './record.ts';

/** A store as the topology declares it; the processor that names it owns it. Made by `StreamsBuilder.store()`. */
export interface StoreHandle<S> {
  readonly name: string;
  /** Phantom: keeps the state's type on the handle. */
  readonly _state?: S;
}

/** A record as a processor sees it. `value` is decoded, `timestamp` is its event time in epoch ms. */
export interface ProcessorRecord<V> {
  readonly key: string;
  readonly value: V;
  readonly timestamp: number;
  readonly headers: Headers;
  /** Where it came from: for a record of a driver, the offset it would have. */
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

/**
 * What a processor can do while it handles one key. Everything it does for one record or timer is kept or
 * (when it throws) dropped together.
 */
export interface ProcessorContext<S, Out> {
  /**
   * The task's watermark: in `onRecord` as it stood before the record was read (a record with
   * `timestamp <= watermark` is late), in `onTimer` as it stands now. `-Infinity` until every input was read once.
   */
  readonly watermark: number;
  /** Replaces the key's state; `null` deletes it. States are values: never change one in place. */
  put(state: S | null): void;
  /** Sends values on, with the key being handled, the headers of the record at hand and `timestamp` (default: its time). */
  forward(value: Out, timestamp?: number): void;
  /** Says why a record had no effect; counted by reason (`streams_dropped_records_total`). */
  drop(reason: string): void;
  /** Adds to a counter of the processor's own (`streams_processor_events_total{event}`). */
  count(event: string, by?: number): void;
}

/**
 * A keyed processor with one state and at most one event-time timer per key (as Flink's keyed process function).
 *
 * @typeParam V   values read
 * @typeParam S   the state kept per key
 * @typeParam Out values sent on
 */
export interface KeyedProcessor<V, S, Out> {
  readonly store: StoreHandle<S>;
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
  readonly onRecord: (
    record: ProcessorRecord<V>,
    state: S | undefined,
    context: ProcessorContext<S, Out>,
  ) => void;
  /** The watermark has reached `dueAt`, the instant that `timer(state)` named. */
  onTimer?(key: string, dueAt: number, state: S, context: ProcessorContext<S, Out>): void;
}

/** Turns values of type `T` into bytes and back. Both directions are synchronous: they run per record. */
export interface Serde<T> {
  /** @throws if the value does not fit the type */
  encode(value: T): Buffer;
  /**
   * Must copy what it keeps: `bytes` may be a slice of a whole fetch response.
   * @throws if the bytes are not a whole, valid value
   */
  decode(bytes: Buffer): T;
  /**
   * Names the bytes, e.g. `watched-order v1`. A store whose changelog was written in another format is refused at start,
   * unless `reads` has that one.
   */
  readonly format?: string;
  /** Former formats that `decode` reads too. */
  readonly reads?: readonly string[];
}

/**
 * A serde whose `decode` may need something that has to be loaded first, e.g. the writer's schema from a registry.
 * The runtime asks before it decodes, so that decoding itself stays synchronous.
 */
export interface LoadingSerde<T> extends Serde<T> {
  /**
   * Nothing (the usual case) when `decode(bytes)` can answer at once; else a promise that loads what is missing.
   * It resolves also when the thing is known not to exist (`decode` then throws, and the record is a dead letter);
   * it rejects when that can't be told now (registry unreachable: the runtime tries again with back-off).
   */
  load(bytes: Buffer): Promise<void> | undefined;
}

/** What every topic has, whatever its keys. */
export interface TopicBase<V, K> {
  readonly name: string;
  readonly value: Serde<V>;
  /** Keys on the wire; default: UTF-8 strings. */
  readonly key?: Serde<K>;
  /**
   * The key that a record with this value must have; absent when the value doesn't say. A record that is read with another
   * one is a dead letter, and so is one whose result would be written with another one.
   */
  keyOf?(value: V): K;
  /**
   * Event time in epoch milliseconds, out of the value; default: the record's own timestamp.
   * Outside of 0 … `MAX_EVENT_TIME` the record is a dead letter.
   */
  eventTime?(value: V): number;
  /**
   * What is wrong with a value that decodes but can't be meant, in words; undefined when it is fine.
   * A record that is read with such a value is a dead letter.
   */
  validate?(value: V): string | undefined;
}

/**
 * A topic as the code knows it; declared once, and it carries its own serdes, so that no call names one. Keys are strings
 * unless it has a serde for them.
 *
 * @example
 * const orders: Topic<Order> = { name: 'orders', value: orderSerde, keyOf: (o) => o.orderNo, eventTime: (o) => o.updatedAt };
 * const stock: Topic<Stock, number> = { name: 'stock', key: numberSerde, value: stockSerde };
 */
export type Topic<V, K = string> = TopicBase<V, K> &
  (string extends K ? unknown : { readonly key: Serde<K> });

/** A topic of which only the shape is known. */
export type AnyTopic = TopicBase<unknown, unknown>;

/** 2100-01-01T00:00:00Z. A later event time is a mistake (microseconds, mostly), not a time. */
export const MAX_EVENT_TIME = 4_102_444_800_000;

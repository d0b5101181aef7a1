/** Turns values of type `T` into bytes and back. Both directions are synchronous: they run per record. */
export interface Serde<T> {
  /** @throws if the value does not fit the type */
  encode(value: T): Buffer;
  /**
   * Must copy what it keeps: `bytes` may be a slice of a whole fetch response.
   * @throws if the bytes are not a whole, valid value
   */
  decode(bytes: Buffer): T;
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

/**
 * A topic as the code knows it; declared once, and it carries its own serde, so that no call names one.
 *
 * @example
 * const orders: Topic<Order> = { name: 'orders', value: orderSerde, keyOf: (o) => o.orderNo, eventTime: (o) => o.updatedAt };
 */
export interface Topic<V> {
  readonly name: string;
  readonly value: Serde<V>;
  /** The key (UTF-8) that a record with this value must have. A record read with another one is a dead letter. */
  keyOf(value: V): string;
  /**
   * Event time in epoch milliseconds, out of the value.
   * Outside of 0 … `MAX_EVENT_TIME` the record is a dead letter.
   */
  eventTime(value: V): number;
  /**
   * What is wrong with a value that decodes but can't be meant, in words; undefined when it is fine.
   * A record that is read with such a value is a dead letter.
   */
  validate?(value: V): string | undefined;
}

/** 2100-01-01T00:00:00Z. A later event time is a mistake (microseconds, mostly), not a time. */
export const MAX_EVENT_TIME = 4_102_444_800_000;

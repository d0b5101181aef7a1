import type { Serde, Topic } from '../serde/serde.ts';

/** What most tests send: `id` is the key, `at` the event time. */
export interface Ping {
  readonly id: string;
  readonly at: number;
  /** What the processor under test is to do with it. */
  readonly act?: string;
}

export function jsonSerde<T>(): Serde<T> {
  return {
    encode: (value) => Buffer.from(JSON.stringify(value)),
    decode: (bytes) => JSON.parse(bytes.toString()) as T,
  };
}

export function pingTopic(name: string, overrides: Partial<Topic<Ping>> = {}): Topic<Ping> {
  return {
    name,
    value: jsonSerde<Ping>(),
    keyOf: (ping) => ping.id,
    eventTime: (ping) => ping.at,
    ...overrides,
  };
}

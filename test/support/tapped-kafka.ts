import type { Kafka } from '#streams/runtime/kafka/kafka';

type Call = {
  [Name in keyof Kafka]: { readonly name: Name; readonly args: Parameters<Kafka[Name]> };
}[keyof Kafka];

/** Sees one call of the port, and lets it go on. */
export type Tap = (call: Call, goOn: () => Promise<unknown>) => Promise<unknown>;

/** The port, with a tap that each call goes through: something can be made to happen at a certain point of the protocol. */
export function tapped(kafka: Kafka, tap: Tap): Kafka {
  return new Proxy(kafka, {
    get(target, name) {
      const method = Reflect.get(target, name) as unknown;
      if (typeof method !== 'function') return method;
      return (...args: unknown[]) =>
        tap(
          { name, args } as unknown as Call,
          () => method.apply(target, args) as Promise<unknown>,
        );
    },
  });
}

import type { Kafka } from '#streams/runtime/kafka/kafka';

/** The port with some of its calls replaced. */
export function overriding(kafka: Kafka, own: Partial<Kafka>): Kafka {
  return new Proxy(kafka, {
    get(target, name: keyof Kafka) {
      const owner = name in own ? own : target;
      const method = owner[name] as (...parameters: unknown[]) => unknown;
      return method.bind(owner);
    },
  });
}

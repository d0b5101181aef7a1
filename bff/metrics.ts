import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** What the BFF counts. */
export interface BffMetrics {
  register(registry: Registry): void;
  request(method: string, route: string, status: number, seconds: number): void;
  opened(kind: SocketKind): void;
  closed(kind: SocketKind, why: string): void;
  /** @param seconds since the event was appended to its topic; undefined when it was found otherwise */
  pushed(type: string, seconds: number | undefined): void;
  asked(): void;
}

export type SocketKind = 'order' | 'ops';

export function bffMetrics(): BffMetrics {
  const requests = new Histogram({
    name: 'http_server_requests_seconds',
    help: 'Time that requests took',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [],
  });
  const sockets = new Gauge({
    name: 'bff_sockets',
    help: 'WebSockets that are open',
    labelNames: ['kind'],
    registers: [],
  });
  const closes = new Counter({
    name: 'bff_sockets_closed_total',
    help: 'WebSockets that were closed, and why',
    labelNames: ['kind', 'why'],
    registers: [],
  });
  const pushes = new Counter({
    name: 'bff_pushes_total',
    help: 'Messages that were pushed',
    labelNames: ['type'],
    registers: [],
  });
  const latency = new Histogram({
    name: 'bff_push_latency_seconds',
    help: 'From the append of an event to its push',
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers: [],
  });
  const queries = new Counter({
    name: 'bff_payment_queries_total',
    help: 'Overdue results that the provider was asked for',
    registers: [],
  });
  return {
    register: (registry) => {
      registry.registerMetric(requests);
      registry.registerMetric(sockets);
      registry.registerMetric(closes);
      registry.registerMetric(pushes);
      registry.registerMetric(latency);
      registry.registerMetric(queries);
    },
    request: (method, route, status, seconds) =>
      requests.observe({ method, route, status: String(status) }, seconds),
    opened: (kind) => sockets.inc({ kind }),
    closed: (kind, why) => {
      sockets.dec({ kind });
      closes.inc({ kind, why });
    },
    pushed: (type, seconds) => {
      pushes.inc({ type });
      if (seconds !== undefined) latency.observe(Math.max(0, seconds));
    },
    asked: () => queries.inc(),
  };
}

/** One of the project's own processes. */
export interface ServiceDefinition {
  name: string;
  /** The file that runs it, from the checkout's folder. */
  main: string;
  /** The HTTP port it gets when that is free. */
  preferredPort: number;
}

/** What `npm start` starts, in this order; it is stopped the other way round. */
export const services: readonly ServiceDefinition[] = [
  { name: 'kafka-alert', main: 'services/kafka-alert/main.ts', preferredPort: 18090 },
  { name: 'storage', main: 'services/storage/main.ts', preferredPort: 18091 },
  { name: 'order', main: 'services/order/main.ts', preferredPort: 18092 },
  { name: 'slo', main: 'services/slo/main.ts', preferredPort: 18093 },
];

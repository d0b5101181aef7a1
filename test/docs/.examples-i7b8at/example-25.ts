import { Registry } from 'prom-client';
import { jsonSerde, numberSerde, stringSerde, windowedSerde } from '#streams';
import { JoinWindows, StreamsBuilder, TimeWindows, TopologyTestDriver } from '#streams';
import type { Topic, Windowed } from '#streams';
void [JoinWindows, TimeWindows];

interface Order {
  orderNo: string;
  customer: string;
  total: number;
  at: number;
}
interface Payment {
  orderNo: string;
  amount: number;
  at: number;
}

const orders: Topic<Order> = {
  name: 'orders',
  value: jsonSerde(),
  keyOf: (order) => order.orderNo, // checked: a record with another key is a dead letter
  eventTime: (order) => order.at, // default: the record's own timestamp
};
const payments: Topic<Payment> = {
  name: 'payments',
  value: jsonSerde(),
  keyOf: (p) => p.orderNo,
  eventTime: (p) => p.at,
};
const totals: Topic<number> = { name: 'totals', value: numberSerde }; // its values don't say their key
const texts: Topic<string> = { name: 'texts', value: stringSerde };
const builder = new StreamsBuilder('example');
const placed = builder.stream(orders);
import { KafkaStreams, registerMetrics, type StreamsConfig } from '#streams';

placed.to({ ...orders, name: 'copies' });
const config: StreamsConfig = {
  applicationId: 'shop', // names the group, the internal topics and the transactional ids
  kafka: { brokers: ['127.0.0.1:9092'] },
  stateDir: '.local/state', // one running instance per folder
};


const app = new KafkaStreams(builder.build(), config);
const registry = new Registry();
registerMetrics(() => app.status(), registry);
const scrape = () => registry.metrics();

export { builder, orders, payments };
export type { Windowed };
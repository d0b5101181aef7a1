import type { KafkaStreams } from '#streams';
void [JoinWindows, TimeWindows];
import { jsonSerde, numberSerde, stringSerde, windowedSerde } from '#streams';
import { JoinWindows, StreamsBuilder, TimeWindows, TopologyTestDriver } from '#streams';
import type { Topic, Windowed } from '#streams';

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


const perCustomer = placed.groupBy((order) => order.customer).count({ name: 'per-customer' });
export async function report(app: KafkaStreams) {
  const counts = app.store(perCustomer.store); // by its name: app.store<number>('per-customer')
  const { value, origin } = await counts.get('ann', { allowStale: true });
  const lines = [`ann: ${value ?? 0}, ${origin.lag} changelog records behind`];
  for await (const { key, value } of counts.range('b', 'c')) lines.push(`${key}: ${value}`);
  return lines;
}

export { builder, orders, payments };
export type { Windowed };
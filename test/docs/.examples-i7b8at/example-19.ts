import { describe, mermaid } from '#streams';
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


placed
  .groupBy((order) => order.customer)
  .count()
  .toStream()
  .to(totals);
const text = describe(builder.build()); // sub-topologies, nodes, stores; warns of names that may change
const chart = mermaid(builder.build());

export { builder, orders, payments };
export type { Windowed };
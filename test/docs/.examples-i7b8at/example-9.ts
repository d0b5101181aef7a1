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

const within = JoinWindows.ofTimeDifferenceAndGrace(15 * 60_000, 5_000);
placed
  .leftJoin(builder.stream(payments), (order, payment) => payment?.amount ?? -order.total, within, {
    name: 'paid',
  })
  .to(totals);

export { builder, orders, payments };
export type { Windowed };
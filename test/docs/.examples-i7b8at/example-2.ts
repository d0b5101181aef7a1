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

const builder = new StreamsBuilder('count-orders');
builder
  .stream(orders)
  .groupBy((order) => order.customer)
  .count({ name: 'per-customer' })
  .toStream()
  .to(totals);
const driver = new TopologyTestDriver(builder.build());
driver.pipe(orders, { orderNo: 'ORD-1', customer: 'ann', total: 5, at: 1000 });
driver.crash({ disk: 'lost' }); // goes on from the last commit, with its state out of the changelog
driver.pipe(orders, { orderNo: 'ORD-2', customer: 'ann', total: 7, at: 2000 });
driver.read(totals); // [{ key: 'ann', value: 1, … }, { key: 'ann', value: 2, … }]

export { builder, orders, payments };
export type { Windowed };
import {
  JoinWindows,
  jsonSerde,
  numberSerde,
  StreamsBuilder,
  stringSerde,
  TimeWindows,
  windowedSerde,
  type Topic,
  type Topology,
  type Windowed,
} from '#streams';
import { Random } from '../simulation/random.ts';

export interface Sale {
  readonly orderNo: string;
  readonly customer: string;
  readonly at: number;
}

export interface Payment {
  readonly id: string;
  readonly orderNo: string;
  readonly amount: number;
  readonly at: number;
}

export type ShopRecord =
  | { readonly kind: 'sale'; readonly value: Sale }
  | { readonly kind: 'payment'; readonly value: Payment };

const MINUTE_MS = 60_000;
const JOIN_MS = 10_000;

/** Topics of a test's own. */
export function shopTopics(prefix: string) {
  const sales: Topic<Sale> = {
    name: `${prefix}-sales`,
    value: jsonSerde(),
    keyOf: (sale) => sale.orderNo,
    eventTime: (sale) => sale.at,
  };
  const payments: Topic<Payment> = {
    name: `${prefix}-payments`,
    value: jsonSerde(),
    keyOf: (payment) => payment.id,
    eventTime: (payment) => payment.at,
  };
  const paid: Topic<number> = { name: `${prefix}-paid`, value: numberSerde };
  const perMinute: Topic<number, Windowed<string>> = {
    name: `${prefix}-per-minute`,
    key: windowedSerde(stringSerde, MINUTE_MS),
    value: numberSerde,
  };
  return { sales, payments, paid, perMinute };
}

/**
 * Three sub-topologies, one behind the other: payments, by their order's number, go through a repartition topic to the sales,
 * with which they are joined; sales go by their customer through another one to where they are counted per minute.
 */
export function shopTopology(prefix: string): Topology {
  const { sales, payments, paid, perMinute } = shopTopics(prefix);
  const builder = new StreamsBuilder('shop');
  const all = builder.stream(sales);
  const ofOrder = builder.stream(payments).selectKey((payment) => payment.orderNo);
  const within = JoinWindows.ofTimeDifferenceAndGrace(JOIN_MS, 0);
  all
    .leftJoin(ofOrder, (_sale, payment) => payment?.amount ?? 0, within, { name: 'paid' })
    .to(paid);
  all
    .groupBy((sale) => sale.customer, { name: 'by-customer' })
    .windowedBy(TimeWindows.ofSizeAndGrace(MINUTE_MS, 0))
    .count({ name: 'minutes' })
    .suppress()
    .toStream()
    .to(perMinute);
  return builder.build();
}

/** What the topology's own topics are called. */
export function shopRepartitionTopics(prefix: string): string[] {
  return shopTopology(prefix).subTopologies.flatMap(({ sources }) =>
    sources.filter((s) => s.repartition).map((s) => `${prefix}-${s.topic.name}-repartition`),
  );
}

/** Sales in the order in which they happen, a few hundred a second, with payments: some twice, some too late, some never. */
export function shopRecords(seed: number, sales: number, start: number): ShopRecord[] {
  const random = new Random(seed);
  const records: ShopRecord[] = [];
  for (let i = 0; i < sales; i++) {
    const at = start + 5 * i;
    const orderNo = `ORD-${seed}-${i}`;
    const value = { orderNo, customer: `c${random.int(0, 500)}`, at };
    records.push({ kind: 'sale', value });
    const pay = (attempt: number, after: number) => {
      const payment = { id: `${orderNo}/${attempt}`, orderNo, amount: attempt, at: at + after };
      records.push({ kind: 'payment', value: payment });
    };
    const fate = random.next();
    if (fate < 0.8) pay(1, random.int(0, 5000));
    if (fate < 0.1) pay(2, random.int(0, JOIN_MS));
    if (fate > 0.9) pay(3, JOIN_MS + 1);
  }
  return records.sort((a, b) => a.value.at - b.value.at);
}

/** The results, as sorted lines. */
export interface ShopOutcome {
  readonly paid: readonly string[];
  readonly perMinute: readonly string[];
}

/** What must come of these records, worked out without any stream. */
export function shopOutcome(records: readonly ShopRecord[]): ShopOutcome {
  const payments = records.flatMap((r) => (r.kind === 'payment' ? [r.value] : []));
  const ofOrder = Map.groupBy(payments, (payment) => payment.orderNo);
  const paid: string[] = [];
  const counts = new Map<string, number>();
  for (const record of records) {
    if (record.kind === 'payment') continue;
    const { orderNo, customer, at } = record.value;
    const near = (ofOrder.get(orderNo) ?? []).filter((p) => Math.abs(p.at - at) <= JOIN_MS);
    const amounts = near.length > 0 ? near.map((p) => p.amount) : [0];
    for (const amount of amounts) paid.push(`${orderNo} ${amount}`);
    const window = `${customer}@${at - (at % MINUTE_MS)}`;
    counts.set(window, (counts.get(window) ?? 0) + 1);
  }
  const perMinute = [...counts].map(([window, count]) => `${window} ${count}`);
  return { paid: paid.sort(), perMinute: perMinute.sort() };
}

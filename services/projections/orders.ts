import {
  topics,
  type OrderCreated,
  type OrderStatusChanged,
  type PaymentEvent,
  type PaymentStatusObserved,
} from '#schemas';
import { tables, type ConsumedRecord } from '#kit';
import { migrationsOf, type Projection } from './projection.ts';
import { evolveRows, insertRows, type Change } from './rows.ts';

export type OrderRow = typeof tables.orders.$inferSelect;

/** Where the topics go by names of their own. */
export interface OrderTopics {
  readonly orderStatusChanged: typeof topics.orderStatusChanged;
  readonly paymentStatusObserved: typeof topics.paymentStatusObserved;
}

export function blankOrder(orderNo: string): OrderRow {
  return {
    orderNo,
    accountId: null,
    totalAmount: null,
    createdAt: null,
    status: null,
    statusAt: null,
    reason: null,
    paymentStatus: null,
    paymentExpiresAt: null,
    paymentUrl: null,
    merchantPaymentId: null,
    paymentAt: null,
    paidAt: null,
  };
}

export function withCreation(row: OrderRow, event: OrderCreated): OrderRow {
  if (row.createdAt !== null) return row;
  const { accountId, totalAmount, createdAt } = event;
  return { ...row, accountId, totalAmount, createdAt };
}

/** An older status never takes the place of a newer one. */
export function withStatus(row: OrderRow, event: OrderStatusChanged): OrderRow {
  if (row.statusAt !== null && event.updatedAt <= row.statusAt) return row;
  const { status, paymentStatus, paymentExpiresAt, reason } = event;
  return { ...row, status, statusAt: event.updatedAt, paymentStatus, paymentExpiresAt, reason };
}

/** The latest attempt that can be paid is the one to be shown. */
export function withPayment(row: OrderRow, event: PaymentEvent): OrderRow {
  if (event.url === null) return row;
  if (row.paymentAt !== null && event.occurredAt <= row.paymentAt) return row;
  const { url: paymentUrl, merchantPaymentId, occurredAt: paymentAt } = event;
  return { ...row, paymentUrl, merchantPaymentId, paymentAt };
}

export function withObservation(row: OrderRow, event: PaymentStatusObserved): OrderRow {
  if (event.status !== 'COMPLETED') return row;
  const paidAt = Math.min(row.paidAt ?? Infinity, event.occurredAt);
  return paidAt === row.paidAt ? row : { ...row, paidAt };
}

/** Orders with their lines, the history of their status, and what was observed of their payment. */
export function ordersProjection({
  orderStatusChanged,
  paymentStatusObserved,
}: OrderTopics): Projection {
  const { orderCreated, paymentEvent } = topics;
  const { orders, orderLines, orderStatusHistory, paymentObservations } = tables;
  return {
    name: 'orders',
    topics: [orderCreated, orderStatusChanged, paymentEvent, paymentStatusObserved],
    tables: [orders, orderLines, orderStatusHistory, paymentObservations],
    migrations: migrationsOf('orders'),

    async apply(tx, records) {
      const of = <V>(topic: { readonly name: string }) =>
        records.filter((record) => record.topic === topic.name).map(({ value }) => value as V);
      const created = of<OrderCreated>(orderCreated);
      const changed = of<OrderStatusChanged>(orderStatusChanged);
      const observed = of<PaymentStatusObserved>(paymentStatusObserved);
      const changeOf = ({ topic, key, value }: ConsumedRecord): Change<OrderRow> => ({
        key,
        evolve: (row) => {
          if (topic === orderCreated.name) return withCreation(row, value as OrderCreated);
          if (topic === orderStatusChanged.name)
            return withStatus(row, value as OrderStatusChanged);
          if (topic === paymentEvent.name) return withPayment(row, value as PaymentEvent);
          return withObservation(row, value as PaymentStatusObserved);
        },
      });
      await evolveRows(
        tx,
        orders,
        { keyColumn: orders.orderNo, blank: blankOrder },
        records.map(changeOf),
      );
      await insertRows(
        tx,
        orderLines,
        created.flatMap(({ orderNo, lines }) =>
          lines.map((line, i) => ({ orderNo, lineNo: i + 1, ...line })),
        ),
      );
      await insertRows(
        tx,
        orderStatusHistory,
        changed.map(({ updatedAt: statusAt, ...change }) => ({ ...change, statusAt })),
      );
      await insertRows(tx, paymentObservations, observed);
    },
  };
}

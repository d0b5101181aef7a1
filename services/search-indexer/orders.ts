import { indices, type OrderDocument, type Settings } from '#kit';
import {
  renamed,
  resultOf,
  topics,
  type OrderCreated,
  type OrderStatusChanged,
  type PaymentStatusObserved,
} from '#schemas';
import { latest, source, type Change, type Projection } from './projection.ts';

type Topics = Pick<Settings, 'orderTopic' | 'paymentTopic'>;

/** Orders for operators: what was ordered, where it stands, what the provider says, from a topic each. */
export function ordersProjection({ orderTopic, paymentTopic }: Topics): Projection<OrderDocument> {
  return {
    index: indices.orders,
    sources: [
      source(topics.orderCreated, createdChange),
      source(renamed(topics.orderStatusChanged, orderTopic), statusChange),
      source(renamed(topics.paymentStatusObserved, paymentTopic), paymentChange),
    ],
    join: joinOrders,
  };
}

export function createdChange(order: OrderCreated): Change<OrderDocument> {
  const { orderNo, createdAt, accountId, totalAmount } = order;
  const skus = [...new Set(order.lines.map(({ sku }) => sku))];
  return {
    id: orderNo,
    document: { orderNo, created: { createdAt, accountId, skus, totalAmount } },
  };
}

export function statusChange(order: OrderStatusChanged): Change<OrderDocument> | undefined {
  const { orderNo, status, updatedAt: statusAt, reason } = order;
  // A word that this version's schema does not have says nothing.
  if (status === 'UNKNOWN') return undefined;
  return { id: orderNo, document: { orderNo, current: { statusAt, status, reason } } };
}

export function paymentChange(observed: PaymentStatusObserved): Change<OrderDocument> {
  const { orderNo, status: paymentStatus, occurredAt: paymentStatusAt, eventId } = observed;
  return {
    id: orderNo,
    document: { orderNo, payment: { paymentStatusAt, paymentStatus, eventId } },
  };
}

export function joinOrders(a: OrderDocument, b: OrderDocument): OrderDocument {
  const created = latest(a.created, b.created, (part) => part.createdAt);
  const current = latest(
    a.current,
    b.current,
    (part) => part.statusAt,
    (part) => STATUSES.indexOf(part.status),
  );
  const payment = latest(
    a.payment,
    b.payment,
    (part) => part.paymentStatusAt,
    (part) => paymentRank(part.paymentStatus),
  );
  return {
    orderNo: a.orderNo,
    ...(created && { created }),
    ...(current && { current }),
    ...(payment && { payment }),
  };
}

/** As an order goes. */
const STATUSES = ['UNKNOWN', 'PENDING', 'WAITING_PAYMENT', 'FAILED', 'PAID'];

/** As a payment goes: the provider's times are to the second, and a refund may come in the second of the payment. */
function paymentRank(status: string): number {
  if (status === 'REFUNDED') return 3;
  return { neutral: 0, failure: 1, success: 2 }[resultOf(status)];
}

/** How orders are shown: pure, from what the read models and the cache know of them. */
import { renderSVG } from 'uqr';
import { resultOf, type OrderStatus } from '#schemas';
import type {
  Cart,
  LineWish,
  OrderDetail,
  OrderSummary,
  Payment,
  PricedLine,
  TimelineEntry,
} from '../contract.ts';
import { pictureOf, type Offer } from '../read/catalogue.ts';
import type { OrderLineRow, OrderRow, StoredOrder } from '../read/order-book.ts';
import type { FreshOrder } from './fresh-orders.ts';

type Offers = ReadonlyMap<string, Offer>;

/** What a list shows of an order. */
export function summaryOf(row: OrderRow): OrderSummary {
  return {
    orderNo: row.orderNo,
    status: (row.status ?? 'PENDING') as OrderStatus,
    statusAt: row.statusAt ?? row.createdAt ?? 0,
    createdAt: row.createdAt ?? row.statusAt ?? 0,
    totalAmount: row.totalAmount ?? 0,
    paymentStatus: row.paymentStatus,
    paymentExpiresAt: row.paymentExpiresAt,
  };
}

/** An order of which nothing has come back yet. */
export function freshRow({ orderNo, accountId, totalAmount, createdAt }: FreshOrder): OrderRow {
  return {
    orderNo,
    accountId,
    totalAmount,
    createdAt,
    status: 'PENDING',
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

export function timelineOf({ history, observations }: StoredOrder): TimelineEntry[] {
  return [
    ...history.map(({ statusAt, status, paymentStatus, reason }): TimelineEntry => ({
      kind: 'order',
      at: statusAt,
      status: status as OrderStatus,
      paymentStatus,
      reason,
    })),
    ...observations.map(({ occurredAt, status, source, eventId }): TimelineEntry => ({
      kind: 'payment',
      at: occurredAt,
      status,
      result: resultOf(status),
      source: source as 'WEBHOOK',
      eventId,
    })),
  ].sort((a, b) => a.at - b.at);
}

export function paymentOf(row: OrderRow): Payment | null {
  if (row.paymentUrl === null) return null;
  return payableAt(row.paymentUrl, row.paymentExpiresAt, row.paidAt);
}

/** @param url where the shopper pays */
export function payableAt(url: string, expiresAt: number | null, paidAt: number | null): Payment {
  return { url, qrSvg: renderSVG(url, { ecc: 'M', border: 2 }), expiresAt, paidAt };
}

export function linesOf(lines: readonly OrderLineRow[], offers: Offers): PricedLine[] {
  return lines.map(({ sku, quantity, unitPrice }) => priced(sku, quantity, unitPrice, offers));
}

export function detailOf(
  stored: StoredOrder,
  offers: Offers,
  now: number,
): Omit<OrderDetail, 'channelToken' | 'channelTokenExpiresAt'> {
  const { order, lines } = stored;
  return {
    ...summaryOf(order),
    reason: order.reason,
    lines: linesOf(lines, offers),
    timeline: timelineOf(stored),
    payment: paymentOf(order),
    serverTime: now,
  };
}

export function cartOf(wishes: readonly LineWish[], offers: Offers): Cart {
  const lines = wishes.map(({ sku, quantity }) => {
    const offer = offers.get(sku);
    return {
      ...priced(sku, quantity, offer?.price ?? 0, offers),
      isListed: offer?.isListed ?? false,
      available: offer?.available ?? null,
    };
  });
  const counted = lines.filter(({ isListed }) => isListed);
  return {
    lines,
    total: counted.reduce((sum, { lineTotal }) => sum + lineTotal, 0),
    items: wishes.reduce((sum, { quantity }) => sum + quantity, 0),
  };
}

function priced(sku: string, quantity: number, unitPrice: number, offers: Offers): PricedLine {
  const offer = offers.get(sku);
  return {
    sku,
    nameJa: offer?.nameJa ?? sku,
    nameEn: offer?.nameEn ?? sku,
    picture: pictureOf(sku),
    quantity,
    unitPrice,
    lineTotal: quantity * unitPrice,
  };
}

import { and, asc, desc, eq, inArray, sql } from 'drizzle-orm';
import { tables, type Db } from '#kit';

const { orders, orderLines, orderStatusHistory, paymentObservations } = tables;

export type OrderRow = typeof orders.$inferSelect;
export type OrderLineRow = Pick<typeof orderLines.$inferSelect, 'sku' | 'quantity' | 'unitPrice'>;

/** An order as the read model has it. */
export interface StoredOrder {
  readonly order: OrderRow;
  readonly lines: readonly OrderLineRow[];
  readonly history: readonly (typeof orderStatusHistory.$inferSelect)[];
  readonly observations: readonly (typeof paymentObservations.$inferSelect)[];
}

export interface OrderBook {
  find(orderNo: string): Promise<StoredOrder | undefined>;
  /** Of these orders what stands in one row each. */
  rows(orderNos: readonly string[]): Promise<readonly OrderRow[]>;
  /** The latest first. */
  ofAccount(
    accountId: string,
    page: number,
    pageSize: number,
  ): Promise<{ readonly total: number; readonly orders: readonly OrderRow[] }>;
}

export function orderBookOf(db: Db): OrderBook {
  const rows = async (orderNos: readonly string[]): Promise<readonly OrderRow[]> => {
    if (orderNos.length === 0) return [];
    const found = await db
      .select()
      .from(orders)
      .where(inArray(orders.orderNo, [...orderNos]));
    // The database finds `ord-1` for `ORD-1`, too.
    return found.filter(({ orderNo }) => orderNos.includes(orderNo));
  };
  return {
    rows,
    async find(orderNo) {
      const [[order], lines, history, observations] = await Promise.all([
        rows([orderNo]),
        db
          .select()
          .from(orderLines)
          .where(eq(orderLines.orderNo, orderNo))
          .orderBy(asc(orderLines.lineNo)),
        db
          .select()
          .from(orderStatusHistory)
          .where(eq(orderStatusHistory.orderNo, orderNo))
          .orderBy(asc(orderStatusHistory.statusAt)),
        db
          .select()
          .from(paymentObservations)
          .where(eq(paymentObservations.orderNo, orderNo))
          .orderBy(asc(paymentObservations.occurredAt)),
      ]);
      return order && { order, lines, history, observations };
    },
    async ofAccount(accountId, page, pageSize) {
      const own = and(eq(orders.accountId, accountId));
      const [found, counted] = await Promise.all([
        db
          .select()
          .from(orders)
          .where(own)
          .orderBy(desc(orders.createdAt), desc(orders.orderNo))
          .limit(pageSize)
          .offset((page - 1) * pageSize),
        db
          .select({ total: sql<number | string>`count(*)` })
          .from(orders)
          .where(own),
      ]);
      return { total: Number(counted[0]?.total ?? 0), orders: found };
    },
  };
}

import type { OrderPage } from '../contract.ts';
import type { OrderBook, StoredOrder } from '../read/order-book.ts';
import type { FreshOrder, FreshOrders } from './fresh-orders.ts';
import { freshRow, summaryOf } from './order-views.ts';

/** Somebody's own orders, and nobody else's: from the read model, and just made ones that it does not have yet. */
export class ShopperOrders {
  readonly #book: OrderBook;
  readonly #fresh: FreshOrders;

  constructor(book: OrderBook, fresh: FreshOrders) {
    this.#book = book;
    this.#fresh = fresh;
  }

  /** Undefined for one that does not exist, and for a stranger's. */
  async find(accountId: string, orderNo: string): Promise<StoredOrder | undefined> {
    const stored = await this.#book.find(orderNo);
    if (stored?.order.accountId === accountId) return stored;
    // Its status may be known before whose it is.
    if (stored && stored.order.accountId !== null) return undefined;
    const fresh = (await this.#fresh.ofAccount(accountId)).find((each) => each.orderNo === orderNo);
    return fresh && combined(fresh, stored);
  }

  async list(accountId: string, page: number, pageSize: number): Promise<OrderPage> {
    const [stored, fresh] = await Promise.all([
      this.#book.ofAccount(accountId, page, pageSize),
      this.#fresh.ofAccount(accountId),
    ]);
    const rows = await this.#book.rows(fresh.map(({ orderNo }) => orderNo));
    const known = new Set(rows.filter((row) => row.accountId !== null).map((row) => row.orderNo));
    const missing = fresh.filter(({ orderNo }) => !known.has(orderNo));
    const first = page === 1 ? missing.map(freshRow) : [];
    return {
      total: stored.total + missing.length,
      page,
      pageSize,
      orders: [...first, ...stored.orders].slice(0, pageSize).map(summaryOf),
    };
  }
}

function combined(fresh: FreshOrder, stored: StoredOrder | undefined): StoredOrder {
  const { accountId, totalAmount, createdAt, lines } = fresh;
  return {
    order: stored ? { ...stored.order, accountId, totalAmount, createdAt } : freshRow(fresh),
    lines: lines.map(({ sku, quantity, unitPrice }) => ({ sku, quantity, unitPrice })),
    history: stored?.history ?? [],
    observations: stored?.observations ?? [],
  };
}

import { z } from 'zod';
import type { Cache } from '../cache/cache.ts';

const KEPT_MS = 10 * 60_000;

const freshOrder = z.object({
  orderNo: z.string(),
  accountId: z.string(),
  lines: z.array(z.object({ sku: z.string(), quantity: z.number(), unitPrice: z.number() })),
  totalAmount: z.number(),
  createdAt: z.number(),
});
export type FreshOrder = Readonly<z.output<typeof freshOrder>>;

/** Orders that were just made: nobody is told that the own order does not exist while the read models catch up. */
export class FreshOrders {
  readonly #cache: Cache;
  readonly #now: () => number;

  constructor(cache: Cache, now: () => number) {
    this.#cache = cache;
    this.#now = now;
  }

  async remember(order: FreshOrder): Promise<void> {
    const key = keyOf(order.accountId);
    await this.#cache.writeMap(key, new Map([[order.orderNo, JSON.stringify(order)]]), KEPT_MS);
  }

  /** The latest first. */
  async ofAccount(accountId: string): Promise<FreshOrder[]> {
    const fields = await this.#cache.readMap(keyOf(accountId));
    const found = [...fields.values()].map((text) => freshOrder.parse(JSON.parse(text)));
    const old = found.filter(({ createdAt }) => createdAt + KEPT_MS <= this.#now());
    if (old.length > 0)
      await this.#cache.removeFromMap(
        keyOf(accountId),
        old.map(({ orderNo }) => orderNo),
      );
    return found.filter((order) => !old.includes(order)).sort((a, b) => b.createdAt - a.createdAt);
  }
}

function keyOf(accountId: string): string {
  return `fresh-orders:${accountId}`;
}

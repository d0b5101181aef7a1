/**
 * Takes orders: prices them, gives them a number, puts them into Kafka.
 *
 * O1. One key of one account is one order, at whatever instance and however often it comes: the number is reserved under the key
 *     before anything is published, and what is published follows from what was reserved.
 * O2. Prices are the catalogue's, never the shopper's.
 * O3. A request that has failed can be repeated with its key: the same command is published again, and counts once.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Logger, Publisher, Trace } from '#kit';
import { topics, type OrderCommand } from '#schemas';
import type { Cache } from '../cache/cache.ts';
import type { Carts } from '../carts.ts';
import type { LineWish, OrderWish } from '../contract.ts';
import { ApiProblem, unavailable } from '../problems.ts';
import { limitRate } from '../rate-limit.ts';
import type { Catalogue } from '../read/catalogue.ts';
import type { Session } from '../sessions.ts';
import type { FreshOrders } from './fresh-orders.ts';
import { newOrderNo } from './order-number.ts';

const KEY_MS = 24 * 3_600_000;
/** A request that has not told of its end by then may have lost its instance. */
const UNDER_WAY_MS = 1500;
const LOOK_AGAIN_MS = 50;
const PUBLISH_MS = 3000;

const reservation = z.object({
  bodyHash: z.string(),
  isPublished: z.boolean(),
  orderNo: z.string(),
  lines: z.array(z.object({ sku: z.string(), quantity: z.number(), unitPrice: z.number() })),
  totalAmount: z.number(),
  requestedAt: z.number(),
});
export type Reservation = Readonly<z.output<typeof reservation>>;

export interface OrderDeskOptions {
  readonly cache: Cache;
  readonly catalogue: Pick<Catalogue, 'offers'>;
  readonly carts: Carts;
  readonly fresh: FreshOrders;
  readonly publisher: Pick<Publisher, 'publish'>;
  readonly logger: Logger;
  readonly ordersPerMinute: number;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

type Shopper = Session & { readonly account: NonNullable<Session['account']> };

export class OrderDesk {
  readonly #options: OrderDeskOptions;

  constructor(options: OrderDeskOptions) {
    this.#options = options;
  }

  /** @throws {ApiProblem} 409, 422, 429, 503 */
  async place(
    shopper: Shopper,
    wish: OrderWish,
    idempotencyKey: string,
    trace: Trace,
  ): Promise<Reservation> {
    const { cache } = this.#options;
    const key = `order-key:${shopper.account.accountId}:${idempotencyKey}`;
    const bodyHash = hashOf(wish);
    const found = await this.#found(key, bodyHash);
    if (found) return this.#repeated(key, found, shopper, wish, trace);
    const reserved = await this.#priced(shopper, wish, bodyHash);
    const isFirst = await cache.setIfAbsent(key, JSON.stringify(reserved), KEY_MS);
    if (isFirst) return this.#publish(key, reserved, shopper, wish, trace);
    const first = await this.#found(key, bodyHash);
    if (!first) throw unavailable('the order');
    return this.#repeated(key, first, shopper, wish, trace);
  }

  async #found(key: string, bodyHash: string): Promise<Reservation | undefined> {
    const text = await this.#options.cache.get(key);
    if (text === undefined) return undefined;
    const found = reservation.parse(JSON.parse(text));
    if (found.bodyHash === bodyHash) return found;
    throw new ApiProblem(422, 'this Idempotency-Key was used for another order', {
      code: 'idempotency-key-reused',
    });
  }

  /** The first request may be under way. */
  async #repeated(
    key: string,
    found: Reservation,
    shopper: Shopper,
    wish: OrderWish,
    trace: Trace,
  ): Promise<Reservation> {
    const { sleep } = this.#options;
    for (let waitedMs = 0; waitedMs < UNDER_WAY_MS; waitedMs += LOOK_AGAIN_MS) {
      const latest = await this.#found(key, found.bodyHash);
      if (latest?.isPublished) return latest;
      await sleep(LOOK_AGAIN_MS);
    }
    return this.#publish(key, found, shopper, wish, trace);
  }

  async #priced(shopper: Shopper, wish: OrderWish, bodyHash: string): Promise<Reservation> {
    const { cache, carts, catalogue, ordersPerMinute, now } = this.#options;
    await limitRate(cache, 'orders', shopper.account.accountId, ordersPerMinute);
    const wishes: readonly LineWish[] = wish.lines ?? (await carts.lines(shopper));
    if (wishes.length === 0) throw new ApiProblem(422, 'the cart is empty', { code: 'cart-empty' });
    const offers = await catalogue.offers(wishes.map(({ sku }) => sku));
    const gone = wishes.filter(({ sku }) => !offers.get(sku)?.isListed);
    if (gone.length > 0)
      throw new ApiProblem(409, 'some of it is not sold any more', {
        code: 'not-listed',
        faults: gone.map(({ sku }) => ({ field: sku, message: 'is not sold any more' })),
      });
    const lines = wishes.map((each) => ({ ...each, unitPrice: offers.get(each.sku)!.price }));
    const totalAmount = lines.reduce((sum, line) => sum + line.quantity * line.unitPrice, 0);
    if (wish.expectedTotal !== undefined && wish.expectedTotal !== totalAmount)
      throw new ApiProblem(409, `prices have changed: it comes to ${totalAmount} yen now`, {
        code: 'price-changed',
        currentTotal: totalAmount,
      });
    if (totalAmount === 0) throw new ApiProblem(422, 'an order comes to more than 0 yen');
    const requestedAt = now();
    const orderNo = newOrderNo(requestedAt);
    return { bodyHash, isPublished: false, orderNo, lines, totalAmount, requestedAt };
  }

  async #publish(
    key: string,
    reserved: Reservation,
    shopper: Shopper,
    wish: OrderWish,
    trace: Trace,
  ): Promise<Reservation> {
    const { cache, carts, fresh, logger, publisher } = this.#options;
    const { orderNo, lines, totalAmount, requestedAt } = reserved;
    const { accountId } = shopper.account;
    const value: OrderCommand = {
      commandId: `create/${orderNo}`,
      orderNo,
      type: 'CREATE',
      accountId,
      lines,
      totalAmount,
      requestedAt,
    };
    const publication = { topic: topics.orderCommand, value, headers: { ...trace } };
    await within(PUBLISH_MS, publisher.publish([publication])).catch((error: unknown) => {
      logger.error({ error, orderNo, ...trace }, 'an order could not be published');
      throw unavailable('order taking');
    });
    const published = { ...reserved, isPublished: true };
    await fresh.remember({ orderNo, accountId, lines, totalAmount, createdAt: requestedAt });
    await cache.set(key, JSON.stringify(published), KEY_MS);
    if (!wish.lines)
      await carts.remove(
        shopper,
        lines.map(({ sku }) => sku),
      );
    return published;
  }
}

/** @throws when it takes longer */
export async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`not done within ${ms} ms`)), ms);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Two requests ask for the same when this is the same. */
function hashOf({ lines, expectedTotal }: OrderWish): string {
  const sorted = lines?.toSorted((a, b) => (a.sku < b.sku ? -1 : 1));
  const said = [sorted?.map(({ sku, quantity }) => [sku, quantity]) ?? null, expectedTotal ?? null];
  return createHash('sha256').update(JSON.stringify(said)).digest('base64url');
}

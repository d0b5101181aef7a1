import type { BlockList } from 'node:net';
import type { Context, Hono } from 'hono';
import type { SecureHeadersVariables } from 'hono/secure-headers';
import type { Logger, Publisher, Trace } from '#kit';
import type { Accounts } from './account-client.ts';
import type { Cache } from './cache/cache.ts';
import type { Carts } from './carts.ts';
import type { BffMetrics } from './metrics.ts';
import type { OrderDesk } from './orders/order-desk.ts';
import type { ShopperOrders } from './orders/shopper-orders.ts';
import type { AlertBook } from './read/alert-book.ts';
import type { Catalogue } from './read/catalogue.ts';
import type { OrderBook } from './read/order-book.ts';
import type { NumbersReader } from './read/overview.ts';
import type { ServiceMetrics } from './read/service-metrics.ts';
import type { WatchedOrders } from './read/watched-orders.ts';
import type { Session, Sessions } from './sessions.ts';

/** All that the API is made of. */
export interface BffDeps {
  readonly cache: Cache;
  readonly sessions: Sessions;
  readonly carts: Carts;
  readonly accounts: Accounts;
  readonly catalogue: Catalogue;
  readonly desk: OrderDesk;
  readonly orders: ShopperOrders;
  readonly book: OrderBook;
  readonly alerts: AlertBook;
  readonly numbers: NumbersReader;
  readonly serviceMetrics: ServiceMetrics;
  readonly watched: WatchedOrders;
  readonly publisher: Pick<Publisher, 'publish'>;
  readonly channelSecret: () => Promise<string>;
  readonly metrics: BffMetrics;
  readonly logger: Logger;
  readonly now: () => number;
  readonly options: BffOptions;
}

export interface BffOptions {
  /** Undefined: wherever the BFF itself is asked. */
  readonly publicOrigins: readonly string[] | undefined;
  readonly isCookieSecure: boolean;
  readonly signInsPerMinute: number;
  readonly paymentUrl: string;
  readonly webhookSources: BlockList;
}

export interface BffEnv {
  Variables: SecureHeadersVariables & {
    trace: Trace;
    /** Of the cookie that came, if it still holds. */
    session: Session | undefined;
  };
}

export type BffContext = Context<BffEnv>;
export type BffApp = Hono<BffEnv>;

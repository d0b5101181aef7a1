/** The whole API over parts that live in memory. */
import { createLogger, sourceList, type Publication } from '#kit';
import type { OrderCommand } from '#schemas';
import { createApp } from '../app.ts';
import type { Cache } from '../cache/cache.ts';
import { memoryCache } from '../cache/memory-cache.ts';
import { Carts } from '../carts.ts';
import { createClient } from '../client.ts';
import type { Alert } from '../contract-ops.ts';
import type { BffDeps } from '../deps.ts';
import { bffMetrics } from '../metrics.ts';
import { FreshOrders } from '../orders/fresh-orders.ts';
import { OrderDesk } from '../orders/order-desk.ts';
import { freshRow } from '../orders/order-views.ts';
import { ShopperOrders } from '../orders/shopper-orders.ts';
import { ApiProblem } from '../problems.ts';
import { pictureOf, type Offer } from '../read/catalogue.ts';
import type { OrderRow, StoredOrder } from '../read/order-book.ts';
import { Sessions } from '../sessions.ts';

export const SECRET = 'a secret that only this test has, really';
export const HTML = '<img src=x onerror=alert(1)>';

export function offer(sku: string, price: number): Offer {
  return {
    sku,
    nameJa: HTML,
    nameEn: HTML,
    descriptionJa: '',
    descriptionEn: '',
    category: 'tea',
    price,
    available: 5,
    picture: pictureOf(sku),
    isListed: true,
  };
}

export const ALERT: Alert = {
  alertId: '00000000-0000-4000-8000-000000000001',
  orderNo: 'ORD-1',
  ruleId: 'RULE_C',
  eventId: 'e-1',
  state: 'NEW',
  observed: { orderStatus: 'FAILED', paymentStatus: 'COMPLETED' },
  expected: { orderStatus: 'PAID' },
  detectedAt: 1,
  acknowledgedAt: null,
  acknowledgedBy: null,
  resolvedAt: null,
  totalAmount: 1000,
};

/** People sign in by their names; `ops` is the operator. */
export function bench({ cache }: { readonly cache?: Cache } = {}) {
  const clock = { now: Date.UTC(2026, 10, 1) };
  const now = () => clock.now;
  const published: Publication[] = [];
  const broker = { isAway: false };
  const publisher = {
    publish: (publications: readonly Publication[]) => {
      if (broker.isAway) return Promise.reject(new Error('no broker'));
      published.push(...publications);
      return Promise.resolve();
    },
  };
  const offers = new Map([offer('TEA-1', 1000), offer('TEA-2', 250)].map((o) => [o.sku, o]));
  const stored = new Map<string, StoredOrder>();
  const used = cache ?? memoryCache(now);
  const carts = new Carts(used);
  const fresh = new FreshOrders(used, now);
  const logger = createLogger({ name: 'test', level: 'silent' });
  const catalogue: BffDeps['catalogue'] = {
    search: () => Promise.reject(new RangeError('pages go from 1 to 500')),
    suggest: () => Promise.resolve([]),
    offers: (skus) => Promise.resolve(new Map([...offers].filter(([sku]) => skus.includes(sku)))),
    detail: (sku) => {
      const found = offers.get(sku);
      return Promise.resolve(found && { ...found, related: [] });
    },
  };
  const book: BffDeps['book'] = {
    find: (orderNo) => Promise.resolve(stored.get(orderNo)),
    rows: (orderNos) =>
      Promise.resolve(orderNos.flatMap((orderNo) => stored.get(orderNo)?.order ?? [])),
    ofAccount: (accountId) => {
      const own = [...stored.values()].map(({ order }) => order);
      const orders = own.filter((order) => order.accountId === accountId);
      return Promise.resolve({ total: orders.length, orders });
    },
  };
  const deps: BffDeps = {
    cache: used,
    sessions: new Sessions(used, now),
    carts,
    accounts: {
      verify: (email, password) => {
        const name = email.split('@')[0]!;
        if (password !== 'right') return Promise.reject(new ApiProblem(401, 'wrong'));
        const roles = name === 'ops' ? (['shopper', 'operator'] as const) : (['shopper'] as const);
        return Promise.resolve({ accountId: `acc-${name}`, displayName: HTML, roles });
      },
      signUp: ({ displayName }) =>
        Promise.resolve({ accountId: 'acc-new', displayName, roles: ['shopper'] }),
    },
    catalogue,
    desk: new OrderDesk({
      cache: used,
      catalogue,
      carts,
      fresh,
      publisher,
      logger,
      ordersPerMinute: 20,
      now,
      sleep: () => Promise.resolve(),
    }),
    orders: new ShopperOrders(book, fresh),
    book,
    alerts: {
      page: () => Promise.resolve({ total: 1, page: 1, pageSize: 50, alerts: [ALERT], counts: [] }),
      find: (alertId) => Promise.resolve(alertId === ALERT.alertId ? ALERT : undefined),
      ofOrder: () => Promise.resolve([ALERT]),
      audit: () => Promise.resolve([]),
      orders: () => Promise.resolve({ total: 0, page: 1, pageSize: 50, orders: [] }),
      names: () => Promise.resolve(new Map()),
    },
    numbers: () =>
      Promise.resolve({
        alerts: [],
        open: [],
        timeToResolve: { count: 0, medianMs: null, p95Ms: null },
        orders: [],
        feeds: [],
      }),
    serviceMetrics: { services: () => Promise.resolve([]), slo: () => Promise.resolve(null) },
    watched: () => Promise.resolve({ watched: null, watchedProblem: 'away' }),
    publisher,
    channelSecret: () => Promise.resolve(SECRET),
    metrics: bffMetrics(),
    logger,
    now,
    options: {
      publicOrigins: undefined,
      isCookieSecure: true,
      signInsPerMinute: 5,
      paymentUrl: 'http://127.0.0.1:1',
      webhookSources: sourceList(['127.0.0.1']),
    },
  };
  const app = createApp(deps);
  const orderCommands = (): OrderCommand[] => published.map(({ value }) => value as OrderCommand);
  return {
    app,
    broker,
    clock,
    deps,
    offers,
    published,
    orderCommands,
    stored,
    visitor: () => new Visitor(app),
    shopper: async (name: string) => {
      const visitor = new Visitor(app);
      await visitor.ask('POST', '/api/session', { email: `${name}@example.jp`, password: 'right' });
      return visitor;
    },
  };
}

export interface Asked {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

/** Somebody with a cookie jar. */
export class Visitor {
  readonly #app: ReturnType<typeof createApp>;
  cookie: string | undefined;

  constructor(app: ReturnType<typeof createApp>) {
    this.#app = app;
  }

  async ask(
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Asked> {
    const answer = await this.#send(path, {
      method,
      headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await answer.text();
    const isJson = answer.headers.get('content-type')?.includes('json') ?? false;
    const said = (isJson ? JSON.parse(text) : { text }) as Record<string, unknown>;
    return { status: answer.status, headers: answer.headers, body: said };
  }

  /** The typed client, as pages have it. */
  client(csrfToken?: string) {
    return createClient({
      fetch: (url, init) => this.#send(url, init),
      csrfToken: () => csrfToken,
    });
  }

  async #send(path: string, init: RequestInit): Promise<Response> {
    const headers = new Headers(init.headers);
    if (this.cookie !== undefined) headers.set('cookie', this.cookie);
    const answer = await this.#app.request(path, { ...init, headers });
    const set = answer.headers.get('set-cookie');
    if (set !== null) this.cookie = /^sid=;/.test(set) ? undefined : /^sid=[^;]+/.exec(set)?.[0];
    return answer;
  }
}

/** An order as the read model has it. */
export function storedOrder(orderNo: string, accountId: string, row: Partial<OrderRow> = {}) {
  const base = freshRow({ orderNo, accountId, lines: [], totalAmount: 1000, createdAt: 1 });
  const stored: StoredOrder = {
    order: { ...base, ...row },
    lines: [{ sku: 'TEA-1', quantity: 1, unitPrice: 1000 }],
    history: [],
    observations: [],
  };
  return stored;
}

/**
 * The API for tests of pages: one visitor, a cart, orders as they are set, and everything that was asked. It answers as
 * the contract says, and refuses what has no token.
 */
import { Hono } from 'hono';
import type {
  Cart,
  OrderDetail,
  Product,
  ProductPageView,
  Problem,
  SessionView,
} from '../../contract.ts';

export const CSRF = 'csrf-of-the-session';
export const NOON = Date.parse('2024-02-01T03:00:00Z');

export function aProduct(over: Partial<Product> = {}): Product {
  return {
    sku: 'TEA-SENCHA-100',
    nameJa: '煎茶 静岡 100g',
    nameEn: 'Sencha from Shizuoka, 100 g',
    descriptionJa: '毎日飲みたい煎茶です。',
    descriptionEn: 'An everyday green tea.',
    category: 'tea',
    price: 1080,
    available: 12,
    picture: '/pictures/TEA-SENCHA-100.svg',
    ...over,
  };
}

export function anOrder(over: Partial<OrderDetail> = {}): OrderDetail {
  const status = { kind: 'order', paymentStatus: null, reason: null } as const;
  return {
    orderNo: 'ORD-1',
    status: 'WAITING_PAYMENT',
    statusAt: NOON + 2000,
    createdAt: NOON,
    totalAmount: 2160,
    paymentStatus: 'CREATED',
    paymentExpiresAt: NOON + 300_000,
    reason: null,
    lines: [
      {
        sku: 'TEA-SENCHA-100',
        nameJa: '煎茶 静岡 100g',
        nameEn: 'Sencha from Shizuoka, 100 g',
        picture: '/pictures/TEA-SENCHA-100.svg',
        quantity: 2,
        unitPrice: 1080,
        lineTotal: 2160,
      },
    ],
    timeline: [
      { ...status, at: NOON, status: 'PENDING' },
      { ...status, at: NOON + 2000, status: 'WAITING_PAYMENT' },
    ],
    payment: {
      url: 'https://pay.example/pay/1',
      qrSvg: '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>',
      expiresAt: NOON + 300_000,
      paidAt: null,
    },
    serverTime: NOON + 10_000,
    channelToken: 'token-1',
    channelTokenExpiresAt: NOON + 70_000,
    ...over,
  };
}

export class FakeApi {
  readonly asked: string[] = [];
  products: Product[] = [aProduct()];
  facets: ProductPageView['facets'] = {
    categories: [{ category: 'tea', count: 1 }],
    prices: [
      { from: 0, to: 1000, count: 0 },
      { from: 1000, to: null, count: 1 },
    ],
  };
  isSearchable = true;
  highlights: ProductPageView['products'][number]['highlights'] = {};
  account: SessionView['account'] = null;
  /** By sku. */
  readonly cart = new Map<string, number>();
  orders: OrderDetail[] = [];
  /** Answered to the calls that begin so, instead. */
  readonly problems = new Map<string, Partial<Problem> & { status: number }>();
  readonly #app = this.#routes();

  readonly fetch = async (address: string, init: RequestInit): Promise<Response> => {
    const { pathname, search } = new URL(address, 'http://localhost');
    const path = pathname + search;
    const method = init.method ?? 'GET';
    const headers = new Headers(init.headers);
    const key = headers.get('idempotency-key');
    const body = typeof init.body === 'string' ? ` ${init.body}` : '';
    const call = `${method} ${path}${body}`;
    this.asked.push(key === null ? call : `${call} (${key})`);
    const problem = [...this.problems].find(([start]) => call.startsWith(start))?.[1];
    if (problem !== undefined) {
      return Response.json({ type: 'about:blank', title: '', detail: '', ...problem }, problem);
    }
    if (method !== 'GET' && headers.get('x-csrf-token') !== CSRF) {
      return Response.json({ title: 'Forbidden', status: 403, detail: '' }, { status: 403 });
    }
    return this.#app.request(path, init);
  };

  /** Those that change something. */
  get changes(): string[] {
    return this.asked.filter((call) => !call.startsWith('GET '));
  }

  #routes(): Hono {
    const app = new Hono();
    app.get('/api/session', (c) => {
      if (!(c.req.header('cookie') ?? '').includes('sid=')) {
        c.header('set-cookie', 'sid=s-1; Path=/; HttpOnly');
      }
      return c.json(this.#session());
    });
    app.post('/api/session', (c) => {
      this.account = { accountId: 'A-1', displayName: 'Hana', roles: ['shopper'] };
      c.header('set-cookie', 'sid=s-2; Path=/; HttpOnly');
      return c.json(this.#session());
    });
    app.post('/api/accounts', (c) => c.json(this.#session(), 201));
    app.delete('/api/session', (c) => c.body(null, 204));
    app.get('/api/products', (c) =>
      c.json({
        total: this.products.length,
        page: Number(c.req.query('page') ?? 1),
        pageSize: 24,
        products: this.products.map((each) => ({ ...each, highlights: this.highlights })),
        facets: this.facets,
        isSearchable: this.isSearchable,
      } satisfies ProductPageView),
    );
    app.get('/api/products/:sku', (c) => {
      const product = this.products.find(({ sku }) => sku === c.req.param('sku'));
      if (product === undefined) return this.#notThere();
      const related = this.products.filter((each) => each !== product);
      return c.json({ ...product, isListed: true, related });
    });
    app.get('/api/cart', (c) => c.json(this.#cart()));
    app.put('/api/cart', async (c) => {
      const { lines } = await c.req.json<{ lines: { sku: string; quantity: number }[] }>();
      this.cart.clear();
      for (const { sku, quantity } of lines) this.cart.set(sku, quantity);
      return c.json(this.#cart());
    });
    app.put('/api/cart/lines/:sku', async (c) => {
      const { quantity } = await c.req.json<{ quantity: number }>();
      if (quantity === 0) this.cart.delete(c.req.param('sku'));
      else this.cart.set(c.req.param('sku'), quantity);
      return c.json(this.#cart());
    });
    app.post('/api/orders', (c) =>
      c.json({ orderNo: 'ORD-1', status: 'PENDING', totalAmount: this.#cart().total }, 202),
    );
    app.get('/api/orders', (c) => {
      if (this.account === null) return this.#signedOut();
      const { orders } = this;
      return c.json({ total: orders.length, page: 1, pageSize: 20, orders });
    });
    app.get('/api/orders/:orderNo', (c) => {
      if (this.account === null) return this.#signedOut();
      const order = this.orders.find(({ orderNo }) => orderNo === c.req.param('orderNo'));
      return order === undefined ? this.#notThere() : c.json(order);
    });
    return app;
  }

  #session(): SessionView {
    return {
      account: this.account,
      csrfToken: CSRF,
      expiresAt: NOON + 1,
      endsAt: NOON + 2,
      cartItems: this.#cart().items,
    };
  }

  #cart(): Cart {
    const lines = [...this.cart].map(([sku, quantity]): Cart['lines'][number] => {
      const product = this.products.find((each) => each.sku === sku);
      const { nameJa, nameEn, picture, price, available } = product ?? aProduct({ sku, price: 0 });
      const isListed = product !== undefined;
      const lineTotal = price * quantity;
      const what = { sku, nameJa, nameEn, picture, quantity, available, isListed };
      return { ...what, unitPrice: price, lineTotal };
    });
    const counted = lines.filter(({ isListed }) => isListed);
    return {
      lines,
      total: counted.reduce((sum, { lineTotal }) => sum + lineTotal, 0),
      items: lines.reduce((sum, { quantity }) => sum + quantity, 0),
    };
  }

  #notThere(): Response {
    return Response.json({ title: 'Not Found', status: 404, detail: '' }, { status: 404 });
  }

  #signedOut(): Response {
    return Response.json({ title: 'Unauthorized', status: 401, detail: '' }, { status: 401 });
  }
}

/** From the cart to the payment, and what became of it. */
import { randomUUID } from 'node:crypto';
import type { Hono } from 'hono';
import type { LineWish } from '../../contract.ts';
import { ApiProblem } from '../../web/api-client.ts';
import { isOrderable } from '../cart-check.ts';
import type { StorePages } from '../pages.ts';
import type { Route, StoreVisit } from './route.ts';
import { formOf, signInFirst } from './route.ts';

/** As the contract has it, which is not imported for its value: it would bring zod with it. */
const MAX_LINES = 100;

export function addOrders(app: Hono, route: Route): void {
  app.get(
    '/checkout',
    route((visit) => checkout(visit, null)),
  );

  app.post(
    '/checkout',
    route(async (visit) => {
      const form = await formOf(visit);
      try {
        const { orderNo } = await visit.call('POST /api/orders', {
          body: { expectedTotal: Number(form('total')) },
          idempotencyKey: form('key'),
          csrf: form('csrf'),
        });
        return visit.goTo(`/orders/${encodeURIComponent(orderNo)}/payment`);
      } catch (error) {
        return await notOrdered(visit, error);
      }
    }),
  );

  app.get(
    '/orders',
    route(async (visit) => {
      const page = visit.c.req.query('page') ?? '';
      const query = /^[1-9]\d{0,3}$/.test(page) ? { page } : {};
      return visit.page('orders', { orders: await visit.call('GET /api/orders', { query }) });
    }),
  );

  app.get(
    '/orders/:orderNo',
    route(async (visit) => visit.page('order', { order: await orderOf(visit) })),
  );

  app.get(
    '/orders/:orderNo/payment',
    route(async (visit) => visit.page('payment', { order: await orderOf(visit) })),
  );

  // An order that came to nothing has emptied the cart: what was in it goes back.
  app.post(
    '/orders/:orderNo/again',
    route(async (visit) => {
      const form = await formOf(visit);
      const [{ lines }, cart] = [await orderOf(visit), await visit.call('GET /api/cart', {})];
      await visit.call('PUT /api/cart', {
        body: { lines: merged(cart.lines, lines) },
        csrf: form('csrf'),
      });
      return visit.goTo('/cart');
    }),
  );
}

/** What is in the cart stays; of what is in both, the larger quantity. */
function merged(...carts: readonly (readonly LineWish[])[]): LineWish[] {
  const quantities = new Map<string, number>();
  for (const { sku, quantity } of carts.flat()) {
    quantities.set(sku, Math.max(quantity, quantities.get(sku) ?? 0));
  }
  return [...quantities].slice(0, MAX_LINES).map(([sku, quantity]) => ({ sku, quantity }));
}

function orderOf(visit: StoreVisit) {
  const params = { orderNo: visit.c.req.param('orderNo') ?? '' };
  return visit.call('GET /api/orders/{orderNo}', { params });
}

type Notice = StorePages['checkout']['notice'];

async function checkout(visit: StoreVisit, notice: Notice): Promise<Response> {
  const { account } = await visit.session();
  if (account === null) return signInFirst(visit, '/checkout');
  const cart = await visit.call('GET /api/cart', {});
  // The cart says what stands in the way.
  if (!isOrderable(cart)) return visit.goTo('/cart');
  const data = { cart, idempotencyKey: randomUUID(), notice };
  return visit.page('checkout', data, notice === null ? 200 : 409);
}

/** What can be mended is asked again; the key is a new one, since the order is another. */
async function notOrdered(visit: StoreVisit, error: unknown): Promise<Response> {
  if (!(error instanceof ApiProblem)) throw error;
  const { status, problem } = error;
  if (status === 401) return signInFirst(visit, '/checkout');
  if (status === 409 && problem.code === 'price-changed') return checkout(visit, 'price-changed');
  if (status === 403 || status === 409) return checkout(visit, 'again');
  if (status === 400 || status === 422) return visit.goTo('/cart');
  throw error;
}

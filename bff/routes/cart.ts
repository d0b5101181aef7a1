import { Hono } from 'hono';
import { cartLineWish, cartWish, sku, type Cart } from '../contract.ts';
import type { BffContext, BffDeps, BffEnv } from '../deps.ts';
import { ensureSession } from '../middleware/session.ts';
import { cartOf } from '../orders/order-views.ts';
import { ApiProblem, notFound } from '../problems.ts';
import { bodyOf, pathOf } from '../requests.ts';
import type { Session } from '../sessions.ts';

export function cartRoutes(deps: BffDeps): Hono<BffEnv> {
  const { carts, catalogue } = deps;
  const view = async (session: Session | undefined): Promise<Cart> => {
    const lines = session ? await carts.lines(session) : [];
    return cartOf(lines, await catalogue.offers(lines.map((line) => line.sku)));
  };
  const without = async (c: BffContext, skus?: readonly string[]): Promise<Cart> => {
    const { session } = c.var;
    if (session && skus) await carts.remove(session, skus);
    else if (session) await carts.replace(session, []);
    return view(session);
  };
  const api = new Hono<BffEnv>();
  api.get('/api/cart', async (c) => c.json(await view(c.var.session)));
  api.put('/api/cart', async (c) => {
    const { lines } = await bodyOf(c, cartWish);
    const offers = await catalogue.offers(lines.map((line) => line.sku));
    const unknown = lines.filter((line) => !offers.get(line.sku)?.isListed);
    if (unknown.length > 0)
      throw new ApiProblem(422, 'some of it is not sold', {
        code: 'not-listed',
        faults: unknown.map((line) => ({ field: line.sku, message: 'is not sold' })),
      });
    const session = await ensureSession(c, deps);
    await carts.replace(session, lines);
    return c.json(await view(session));
  });
  api.delete('/api/cart', async (c) => c.json(await without(c)));
  api.put('/api/cart/lines/:sku', async (c) => {
    const wanted = pathOf(c, 'sku', sku);
    const { quantity } = await bodyOf(c, cartLineWish);
    const offer = (await catalogue.offers([wanted])).get(wanted);
    if (quantity > 0 && !offer?.isListed) throw notFound('product');
    const session = await ensureSession(c, deps);
    await carts.put(session, { sku: wanted, quantity });
    return c.json(await view(session));
  });
  api.delete('/api/cart/lines/:sku', async (c) =>
    c.json(await without(c, [pathOf(c, 'sku', sku)])),
  );
  return api;
}

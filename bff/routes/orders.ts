import { Hono } from 'hono';
import {
  orderNo,
  orderWish,
  pageQuery,
  type OrderAccepted,
  type OrderDetail,
} from '../contract.ts';
import { issueChannelToken } from '../channel-token.ts';
import type { BffDeps, BffEnv } from '../deps.ts';
import { signedIn, type SignedInSession } from '../middleware/session.ts';
import { detailOf } from '../orders/order-views.ts';
import { ApiProblem, notFound } from '../problems.ts';
import { bodyOf, idempotencyKeyOf, pathOf, queryOf } from '../requests.ts';

const PAGE_SIZE = 20;

export function orderRoutes(deps: BffDeps): Hono<BffEnv> {
  const { catalogue, channelSecret, desk, now, orders } = deps;
  const channelOf = async ({ account, hash }: SignedInSession, of: string) =>
    issueChannelToken(
      { accountId: account.accountId, orderNo: of, session: hash },
      await channelSecret(),
      now(),
    );

  const api = new Hono<BffEnv>();
  api.post('/api/orders', async (c) => {
    const shopper = signedIn(c);
    const key = idempotencyKeyOf(c);
    if (key === undefined)
      throw new ApiProblem(400, 'an order needs the header Idempotency-Key', {
        code: 'idempotency-key-missing',
      });
    const placed = await desk.place(shopper, await bodyOf(c, orderWish), key, c.var.trace);
    const answer: OrderAccepted = {
      orderNo: placed.orderNo,
      status: 'PENDING',
      totalAmount: placed.totalAmount,
      ...(await channelOf(shopper, placed.orderNo)),
    };
    return c.json(answer, 202, { location: `/api/orders/${placed.orderNo}` });
  });
  api.get('/api/orders', async (c) => {
    const { account } = signedIn(c);
    const { page = 1, pageSize = PAGE_SIZE } = queryOf(c, pageQuery);
    return c.json(await orders.list(account.accountId, page, pageSize));
  });
  api.get('/api/orders/:orderNo', async (c) => {
    const shopper = signedIn(c);
    const wanted = pathOf(c, 'orderNo', orderNo);
    const stored = await orders.find(shopper.account.accountId, wanted);
    if (!stored) throw notFound('order');
    const offers = await catalogue.offers(stored.lines.map(({ sku }) => sku));
    const answer: OrderDetail = {
      ...detailOf(stored, offers, now()),
      ...(await channelOf(shopper, wanted)),
    };
    return c.json(answer);
  });
  api.post('/api/orders/:orderNo/channel', async (c) => {
    const shopper = signedIn(c);
    const wanted = pathOf(c, 'orderNo', orderNo);
    if (!(await orders.find(shopper.account.accountId, wanted))) throw notFound('order');
    return c.json(await channelOf(shopper, wanted));
  });
  return api;
}

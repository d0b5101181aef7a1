import { Hono } from 'hono';
import { alertId, orderNo } from '../contract.ts';
import {
  acknowledgement,
  alertsQuery,
  decision,
  opsOrdersQuery,
  overviewQuery,
  type Alert,
  type AlertDetail,
  type OpsOrderDetail,
  type Overview,
} from '../contract-ops.ts';
import { decide, offered, type Decision } from '../decisions.ts';
import type { BffContext, BffDeps, BffEnv } from '../deps.ts';
import { signedIn } from '../middleware/session.ts';
import { linesOf, paymentOf, summaryOf, timelineOf } from '../orders/order-views.ts';
import { notFound } from '../problems.ts';
import { person } from '../read/alert-book.ts';
import type { StoredOrder } from '../read/order-book.ts';
import { bodyOf, idempotencyKeyOf, pathOf, queryOf } from '../requests.ts';

const HOUR_MS = 3_600_000;
const HOURS = 24;
/** As many as a chart of them has. */
const BUCKETS = 48;

/** For operators; who asks is checked before. */
export function opsRoutes(deps: BffDeps): Hono<BffEnv> {
  const { alerts, book, catalogue, now, publisher } = deps;
  const alertOf = async (c: BffContext): Promise<Alert> => {
    const found = await alerts.find(pathOf(c, 'alertId', alertId));
    if (!found) throw notFound('alert');
    return found;
  };
  const orderOf = async (stored: StoredOrder): Promise<OpsOrderDetail['order']> => {
    const { order, lines } = stored;
    const [names, offers] = await Promise.all([
      alerts.names([order.accountId]),
      catalogue.offers(lines.map(({ sku }) => sku)),
    ]);
    const payment = paymentOf(order);
    return {
      ...summaryOf(order),
      reason: order.reason,
      shopper: person(order.accountId, names.get(order.accountId ?? '')),
      lines: linesOf(lines, offers),
      payment: payment && {
        url: payment.url,
        expiresAt: payment.expiresAt,
        paidAt: payment.paidAt,
      },
      merchantPaymentId: order.merchantPaymentId,
    };
  };
  const detail = async (of: string): Promise<OpsOrderDetail> => {
    const [stored, ofOrder, audit, state] = await Promise.all([
      book.find(of),
      alerts.ofOrder(of),
      alerts.audit(of),
      deps.watched(of),
    ]);
    return {
      order: stored ? await orderOf(stored) : null,
      timeline: stored ? timelineOf(stored) : [],
      alerts: [...ofOrder],
      audit: [...audit],
      ...state,
      serverTime: now(),
    };
  };
  const decided = async (c: BffContext, alert: Alert, wanted: Decision) => {
    const { accountId } = signedIn(c).account;
    const key = idempotencyKeyOf(c);
    const action = await decide(publisher, alert, wanted, accountId, key, c.var.trace, now());
    const { actionId, requestedAt } = action;
    const { alertId: id, orderNo: of } = alert;
    return c.json({ actionId, alertId: id, orderNo: of, type: wanted.type, requestedAt }, 202);
  };

  const api = new Hono<BffEnv>();
  api.get('/api/ops/alerts', async (c) => {
    const serverTime = now();
    const page = await alerts.page(queryOf(c, alertsQuery), serverTime);
    return c.json({ ...page, serverTime });
  });
  api.get('/api/ops/alerts/:alertId', async (c) => {
    const alert = await alertOf(c);
    const all = await detail(alert.orderNo);
    const answer: AlertDetail = { ...all, alert, actions: offered(alert, all.order?.status) };
    return c.json(answer);
  });
  api.post('/api/ops/alerts/:alertId/acknowledge', async (c) => {
    const { reason } = await bodyOf(c, acknowledgement);
    const wanted = { type: 'ACKNOWLEDGE', reason: reason || 'taken on' } as const;
    return decided(c, await alertOf(c), wanted);
  });
  api.post('/api/ops/alerts/:alertId/actions', async (c) => {
    const wanted = await bodyOf(c, decision);
    return decided(c, await alertOf(c), wanted);
  });
  api.get('/api/ops/orders', async (c) => c.json(await alerts.orders(queryOf(c, opsOrdersQuery))));
  api.get('/api/ops/orders/:orderNo', async (c) => {
    const answer = await detail(pathOf(c, 'orderNo', orderNo));
    if (!answer.order && answer.alerts.length === 0 && !answer.watched) throw notFound('order');
    return c.json(answer);
  });
  api.get('/api/ops/overview', async (c) => {
    const { hours = HOURS } = queryOf(c, overviewQuery);
    const serverTime = now();
    const stepMs = (hours * HOUR_MS) / BUCKETS;
    const from = Math.floor((serverTime - hours * HOUR_MS) / stepMs) * stepMs;
    const [numbers, services, slo] = await Promise.all([
      deps.numbers(from, stepMs, serverTime),
      deps.serviceMetrics.services(),
      deps.serviceMetrics.slo(),
    ]);
    const answer: Overview = { serverTime, from, stepMs, ...numbers, services, slo };
    return c.json(answer);
  });
  return api;
}

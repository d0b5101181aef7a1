import type { Hono } from 'hono';
import { problem } from '#kit';
import { StoreNotAvailable, type AnswerOrigin, type ReadOnlyKeyValueStore } from '#streams';
import {
  orderReport,
  orderTimelines,
  type AlertSettings,
  type WatchedOrder,
} from '#topology/kafka-alert';

/** Longer than any order number, and short enough to be said back. */
const MAX_ORDER_NO = 200;
const RETRY_AFTER_S = 1;

/** The part of `KafkaStreams` that is needed here. */
export interface OrderStores {
  store(store: typeof orderTimelines): Pick<ReadOnlyKeyValueStore<WatchedOrder>, 'get'>;
}

/**
 * Adds `GET /state/orders/{orderNo}`: what is known of an order, committed, whichever instance has it; 404 when nothing is.
 * 503 with `Retry-After` while its owner can't be asked; with `?allowStale=true` a standby may answer then, and the answer
 * says how old it is.
 */
export function addOrderState(http: Hono, app: OrderStores, settings: AlertSettings): void {
  http.get('/state/orders/:orderNo', async (c) => {
    const orderNo = c.req.param('orderNo');
    if (orderNo.length > MAX_ORDER_NO || /\p{Cc}/u.test(orderNo))
      return problem(400, 'Bad Request', 'that is no order number');
    const stale = c.req.query('allowStale') ?? 'false';
    if (stale !== 'true' && stale !== 'false')
      return problem(
        400,
        'Bad Request',
        `allowStale is '${stale.slice(0, 20)}', expected true or false`,
      );
    const allowStale = stale === 'true';
    try {
      const { value, origin } = await app.store(orderTimelines).get(orderNo, { allowStale });
      if (value === undefined)
        return problem(404, 'Not Found', `nothing is known of order '${orderNo}'`);
      const report = orderReport(orderNo, value, settings, origin.watermark);
      return c.json({ ...report, answeredBy: answeredBy(origin) });
    } catch (error) {
      if (!(error instanceof StoreNotAvailable)) throw error;
      const answer = problem(503, 'Service Unavailable', error.message);
      answer.headers.set('retry-after', String(RETRY_AFTER_S));
      return answer;
    }
  });
}

/** Who has answered, and how old that is. */
function answeredBy({ task, host, isActive, position, lag, asOf, watermark }: AnswerOrigin) {
  return {
    task,
    host: host ?? null,
    isActive,
    position,
    lag,
    asOf: new Date(asOf).toISOString(),
    watermark: watermark === null ? null : new Date(watermark).toISOString(),
  };
}

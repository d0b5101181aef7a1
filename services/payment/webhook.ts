import type { BlockList } from 'node:net';
import { getConnInfo } from '@hono/node-server/conninfo';
import type { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { z } from 'zod';
import { isAllowedSource, problem, type Logger, type Publisher } from '#kit';
import { topics, type PaymentCommand } from '#schemas';
import { orderOf } from './attempts.ts';
import type { PaymentMetrics } from './metrics.ts';

export interface WebhookOptions {
  readonly publisher: Pick<Publisher, 'publish'>;
  /** Who may call. */
  readonly sources: BlockList;
  readonly metrics: PaymentMetrics;
  readonly logger: Logger;
  readonly now: () => number;
  /** The provider gives up after 1.5 s. */
  readonly answerWithinMs: number;
}

const MAX_BYTES = 16 * 1024;
const KNOWN = /^[\w-]{1,64}$/;

/** What is read of a notification. It may say more. @see https://developer.paypay.ne.jp/products/docs/webhook */
const notification = z.object({
  notification_type: z.literal('Transaction'),
  /** Ours. */
  merchant_order_id: z.string().regex(KNOWN),
  /** The provider's. */
  order_id: z.string().regex(KNOWN),
  state: z.string().regex(/^[A-Z_]{1,32}$/),
  order_amount: z.string().regex(/^\d{1,12}$/),
  paid_at: z.string().max(40).nullish(),
});
const otherNotification = z.object({ notification_type: z.string().max(64) });

/**
 * `POST /webhooks/paypay`: a notification is a hint and nothing more, for it is not signed. It becomes a command to ask the
 * provider, and 2xx is only said once that command is in Kafka; what the provider then says is what is believed.
 */
export function addWebhook(http: Hono, options: WebhookOptions): void {
  const { metrics, logger } = options;
  http.post(
    '/webhooks/paypay',
    bodyLimit({
      maxSize: MAX_BYTES,
      onError: () => {
        metrics.webhook('too_large');
        return problem(413, 'Content Too Large', `a notification has at most ${MAX_BYTES} bytes`);
      },
    }),
    async (c) => {
      const source = getConnInfo(c).remote.address;
      if (!isAllowedSource(options.sources, source)) {
        metrics.webhook('wrong_source');
        logger.warn({ source }, 'a webhook from a source that is not the provider’s');
        return problem(403, 'Forbidden', 'notifications are taken from the provider only');
      }
      const body: unknown = await c.req.json().catch(() => undefined);
      const read = notification.safeParse(body);
      if (!read.success) {
        const other = otherNotification.safeParse(body);
        if (other.success && other.data.notification_type !== 'Transaction') {
          metrics.webhook('ignored');
          return c.json({ status: 'ignored' });
        }
        metrics.webhook('malformed');
        const faults = read.error.issues.map((each) => `${each.path.join('.')}: ${each.message}`);
        logger.warn({ source, faults }, 'a webhook that is malformed');
        return problem(400, 'Bad Request', `not a notification: ${faults.join('; ')}`);
      }
      const { merchant_order_id, order_id, state } = read.data;
      const command = queryFor(merchant_order_id, order_id, state, options.now());
      try {
        const correlationId = c.req.header('x-request-id') ?? command.commandId;
        const headers = { 'correlation-id': correlationId };
        const publication = { topic: topics.paymentCommand, value: command, headers };
        await within(options.answerWithinMs, options.publisher.publish([publication]));
      } catch (error) {
        metrics.webhook('unavailable');
        logger.error({ error, orderNo: command.orderNo }, 'a webhook could not be taken');
        return problem(503, 'Service Unavailable', 'could not be stored, please send it again');
      }
      metrics.webhook('accepted');
      return c.json({ status: 'accepted' });
    },
  );
}

function queryFor(
  merchantPaymentId: string,
  paymentId: string,
  state: string,
  requestedAt: number,
): PaymentCommand {
  return {
    // The same for the same notification, however often it comes.
    commandId: `webhook/${paymentId}/${state}`,
    orderNo: orderOf(merchantPaymentId),
    type: 'QUERY',
    merchantPaymentId,
    codeId: null,
    amount: null,
    source: 'WEBHOOK',
    reason: null,
    requestedAt,
  };
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`not done within ${ms} ms`)), ms);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

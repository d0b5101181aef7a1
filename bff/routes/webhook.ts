import { Hono } from 'hono';
import { isAllowedSource } from '#kit';
import type { BffDeps, BffEnv } from '../deps.ts';
import { limitedBody } from '../middleware/security.ts';
import { ApiProblem, problemOf, unavailable } from '../problems.ts';
import { addressOf } from '../requests.ts';

const MAX_BYTES = 16 * 1024;
/** The provider gives up after 1.5 s. */
const ANSWER_MS = 1300;

/** The provider's way in: what comes from it is handed to the payment service, which says when it is in Kafka. */
export function webhookRoutes({
  options: { paymentUrl, webhookSources },
  logger,
}: Pick<BffDeps, 'options' | 'logger'>): Hono<BffEnv> {
  const api = new Hono<BffEnv>();
  api.post('/webhooks/paypay', limitedBody(MAX_BYTES), async (c) => {
    const source = addressOf(c);
    if (!isAllowedSource(webhookSources, source)) {
      logger.warn({ source }, 'a webhook from a source that is not the provider’s');
      throw new ApiProblem(403, 'notifications are taken from the provider only');
    }
    const body = await c.req.arrayBuffer();
    try {
      const answer = await fetch(new URL('/webhooks/paypay', paymentUrl), {
        method: 'POST',
        headers: {
          'content-type': c.req.header('content-type') ?? 'application/json',
          'x-request-id': c.var.trace['correlation-id'],
        },
        body,
        redirect: 'error',
        signal: AbortSignal.timeout(ANSWER_MS),
      });
      const type = answer.headers.get('content-type') ?? 'application/json';
      return new Response(await answer.text(), {
        status: answer.status,
        headers: { 'content-type': type },
      });
    } catch (error) {
      logger.warn({ error, ...c.var.trace }, 'a webhook could not be handed on');
      return problemOf(unavailable('the payment service'));
    }
  });
  return api;
}

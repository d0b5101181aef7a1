import {
  createPublisher,
  startConsumerService,
  type ConsumerService,
  type Logger,
  type OwnSettings,
  type Publisher,
  type Settings,
} from '#kit';
import { renamed, topics } from '#schemas';
import { paymentMetrics } from './metrics.ts';
import { PayPayClient } from './paypay/client.ts';
import type { paymentVariables } from './settings.ts';
import { addWebhook } from './webhook.ts';
import { paymentWorker } from './worker.ts';

const GROUP = 'payment';
/** Of webhooks; the provider gives up after 1.5 s. */
const ANSWER_WITHIN_MS = 1200;

/** Carries out the saga's payment commands at the provider, and takes the provider's webhooks. */
export function startPaymentService(
  settings: Settings,
  logger: Logger,
  own: OwnSettings<typeof paymentVariables>,
): Promise<ConsumerService> {
  const metrics = paymentMetrics();
  const now = Date.now;
  const paypay = new PayPayClient({
    baseUrl: own.PAYPAY_URL,
    keys: {
      apiKey: own.PAYPAY_API_KEY,
      apiSecret: own.PAYPAY_API_SECRET,
      merchantId: own.PAYPAY_MERCHANT_ID,
    },
    timeoutMs: own.PAYPAY_TIMEOUT_MS,
    retries: 2,
    firstPauseMs: 200,
    failuresToOpen: 10,
    openMs: 2000,
    now,
    onCall: (call, outcome, ms) => metrics.call(call, outcome, ms),
  });
  const observedTopic = renamed(topics.paymentStatusObserved, settings.paymentTopic);
  let publisher: Publisher | undefined;
  return startConsumerService({
    name: 'payment',
    settings,
    logger,
    consumers: [
      {
        groupId: GROUP,
        topics: [topics.paymentCommand],
        // The webhook asks by a command, too.
        written: [topics.paymentEvent, observedTopic, topics.paymentCommand],
        consume: (tools) =>
          paymentWorker(
            {
              paypay,
              observedTopic,
              giveUpCreateMs: own.PAYMENT_GIVE_UP_MS,
              concurrency: own.PAYMENT_CONCURRENCY,
              metrics,
              logger,
              now,
            },
            tools,
          ),
      },
    ],
    health: () => ({
      paypay: paypay.isClosed
        ? { status: 'UP' }
        : { status: 'DOWN', details: { reason: `${own.PAYPAY_URL} has failed too often` } },
    }),
    routes: (http, schemas) => {
      const taken = createPublisher({ kafka: settings.kafka, schemas, clientId: GROUP, logger });
      publisher = taken;
      const sources = own.PAYPAY_WEBHOOK_SOURCES;
      addWebhook(http, {
        publisher: taken,
        sources,
        metrics,
        logger,
        now,
        answerWithinMs: ANSWER_WITHIN_MS,
      });
    },
    metrics: (registry) => metrics.register(registry, () => paypay.isClosed),
    release: async () => publisher?.close(),
  });
}

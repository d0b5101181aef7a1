import type { HostedTopology, Settings } from '#kit';
import { renamed, topics } from '#schemas';
import { defaultPaymentSloSettings, paymentSlo } from '#topology/payment-slo';

/** The 60-second objective, beside a kafka-alert that reads under the same names. */
export function sloHost(settings: Settings): HostedTopology {
  const orderStatusChanged = renamed(topics.orderStatusChanged, settings.orderTopic);
  const paymentStatusObserved = renamed(topics.paymentStatusObserved, settings.paymentTopic);
  const { paymentConfirmation } = topics;
  return {
    name: 'slo',
    topology: paymentSlo({
      ...defaultPaymentSloSettings,
      topics: { orderStatusChanged, paymentStatusObserved, paymentConfirmation },
    }),
    topics: [orderStatusChanged, paymentStatusObserved, paymentConfirmation],
    written: [paymentConfirmation],
    applicationId: 'payment-slo',
    allowedLatenessMs: settings.allowedLatenessMs,
  };
}

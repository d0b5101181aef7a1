import type { HostedTopology } from '#kit';
import type { OrderSettings } from './settings.ts';
import { renamed, topics } from '#schemas';
import { defaultOrderSagaSettings, orderSaga } from '#topology/order-saga';

/** The order saga, beside a kafka-alert that reads and writes under the same names. */
export function orderHost(settings: OrderSettings): HostedTopology {
  const orderStatusChanged = renamed(topics.orderStatusChanged, settings.orderTopic);
  const paymentStatusObserved = renamed(topics.paymentStatusObserved, settings.paymentTopic);
  const read = {
    orderCommand: topics.orderCommand,
    storageEvent: topics.storageEvent,
    paymentEvent: topics.paymentEvent,
    paymentStatusObserved,
    alertAction: topics.alertAction,
  };
  const written = {
    orderCreated: topics.orderCreated,
    orderStatusChanged,
    storageCommand: topics.storageCommand,
    paymentCommand: topics.paymentCommand,
    alertActionOutcome: topics.alertActionOutcome,
  };
  return {
    name: 'order',
    topology: orderSaga({
      ...defaultOrderSagaSettings,
      firstPollMs: settings.firstPollMs,
      longestPollMs: settings.longestPollMs,
      now: Date.now,
      topics: { ...read, ...written },
    }),
    topics: [...Object.values(read), ...Object.values(written)],
    written: Object.values(written),
    applicationId: 'order-saga',
    // Its own topics: payments expire on time, and none of its records decides by event time.
    allowedLatenessMs: 0,
  };
}

import { StreamsBuilder } from '#streams';
import type { StoreHandle, Topic, Topology } from '#streams';
import type {
  AlertRaised,
  AlertResolved,
  OrderStatusChanged,
  PaymentStatusObserved,
} from '#schemas';
import { orderWatcher } from './processor.ts';
import { checkedSettings } from './settings.ts';
import type { AlertSettings } from './settings.ts';
import { watchedOrderSerde } from './watched-order-serde.ts';
import type { WatchedOrder } from './watched-order.ts';

/** The store of all orders' timelines, by orderNo; for queries. */
export const orderTimelines: StoreHandle<WatchedOrder> = { name: 'order-timelines' };

/** What the topology reads and writes. */
export interface AlertTopics {
  readonly orderStatusChanged: Topic<OrderStatusChanged>;
  readonly paymentStatusObserved: Topic<PaymentStatusObserved>;
  readonly alertRaised: Topic<AlertRaised>;
  readonly alertResolved: Topic<AlertResolved>;
}

/**
 * Joins an order's records into one timeline; raises an alert where money and order disagree, and says when they agree
 * again. The rules: `docs/alert-rules.md`.
 *
 * @throws RangeError for settings that the rules can't keep
 * @example
 * import { topics } from '#schemas';
 * const topology = kafkaAlert({ ...defaultAlertSettings, topics });
 */
export function kafkaAlert(settings: AlertSettings & { readonly topics: AlertTopics }): Topology {
  const { topics } = checkedSettings(settings);
  const builder = new StreamsBuilder('kafka-alert');
  const orders = builder.stream(topics.orderStatusChanged);
  const payments = builder.stream(topics.paymentStatusObserved);
  const timelines = builder.store(orderTimelines.name, watchedOrderSerde);

  const outcomes = orders.merge(payments).process('watch-order', orderWatcher(timelines, settings));
  outcomes.filter(isAlertRaised).to(topics.alertRaised);
  outcomes.filter(isAlertResolved).to(topics.alertResolved);
  return builder.build();
}

function isAlertRaised(outcome: AlertRaised | AlertResolved): outcome is AlertRaised {
  return 'detectedAt' in outcome;
}

function isAlertResolved(outcome: AlertRaised | AlertResolved): outcome is AlertResolved {
  return 'resolvedAt' in outcome;
}

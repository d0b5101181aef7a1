import type { Settings } from '#kit';
import { renamed, topics } from '#schemas';
import { accountsProjection } from './accounts.ts';
import { alertsProjection } from './alerts.ts';
import { ordersProjection } from './orders.ts';
import { productsProjection } from './products.ts';
import type { Projection } from './projection.ts';
import { stockProjection } from './stock.ts';

/** Every read model in MySQL, over topics under the names that the settings give them. */
export function allProjections(
  settings: Pick<Settings, 'orderTopic' | 'paymentTopic' | 'alertTopic' | 'resolvedTopic'>,
): Projection[] {
  return [
    ordersProjection({
      orderStatusChanged: renamed(topics.orderStatusChanged, settings.orderTopic),
      paymentStatusObserved: renamed(topics.paymentStatusObserved, settings.paymentTopic),
    }),
    accountsProjection,
    stockProjection,
    productsProjection,
    alertsProjection({
      alertRaised: renamed(topics.alertRaised, settings.alertTopic),
      alertResolved: renamed(topics.alertResolved, settings.resolvedTopic),
    }),
  ];
}

/** The consumer group of a projection; its offsets are in the database, beside the rows. */
export function groupOf(projection: string): string {
  return `projection-${projection}`;
}

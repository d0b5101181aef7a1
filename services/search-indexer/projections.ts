import type { IndexName, Settings } from '#kit';
import { alertsProjection } from './alerts.ts';
import { ordersProjection } from './orders.ts';
import { productsProjection } from './products.ts';
import type { Projection } from './projection.ts';

/** All indices, each with how it comes about. */
export function projectionsFor(settings: Settings): Record<IndexName, Projection> {
  return {
    products: productsProjection(),
    orders: ordersProjection(settings),
    alerts: alertsProjection(settings),
  };
}

export { kafkaAlert } from './topology.ts';
export type { AlertTopics } from './topology.ts';
export { checkedSettings, defaultAlertSettings } from './settings.ts';
export type { AlertSettings } from './settings.ts';
export { watchedOrderSerde } from './watched-order-serde.ts';
export type { WatchedOrder } from './watched-order.ts';
export type { Entry, OrderEntry, PaymentEntry, RaisedAlert, Timeline } from './timeline.ts';
export { alertId } from './alert-id.ts';

export { orderSaga, orderSagas } from './topology.ts';
export type { OrderSagaTopics } from './topology.ts';
export { defaultOrderSagaSettings } from './settings.ts';
export type { OrderSagaSettings } from './decide.ts';
export type { Order } from './order.ts';
export { sagaDiagram } from './diagram.ts';
export { sagas, type SagaName } from './sagas.ts';

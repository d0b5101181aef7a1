import { jsonSerde, StreamsBuilder } from '#streams';
import type { KStream, StoreHandle, Topic, Topology } from '#streams';
import type {
  AlertAction,
  AlertActionOutcome,
  OrderCommand,
  OrderCreated,
  OrderStatusChanged,
  PaymentCommand,
  PaymentEvent,
  PaymentStatusObserved,
  StorageCommand,
  StorageEvent,
} from '#schemas';
import type { OrderSagaSettings, SagaOutput } from './decide.ts';
import type { Order } from './order.ts';
import { sagaRunner, type SagaInput } from './processor.ts';

/** The store of all orders with their sagas, by orderNo; for queries. */
export const orderSagas: StoreHandle<Order> = { name: 'order-sagas' };

/** What the topology reads and writes. */
export interface OrderSagaTopics {
  readonly orderCommand: Topic<OrderCommand>;
  readonly storageEvent: Topic<StorageEvent>;
  readonly paymentEvent: Topic<PaymentEvent>;
  readonly paymentStatusObserved: Topic<PaymentStatusObserved>;
  readonly alertAction: Topic<AlertAction>;
  readonly orderCreated: Topic<OrderCreated>;
  readonly orderStatusChanged: Topic<OrderStatusChanged>;
  readonly storageCommand: Topic<StorageCommand>;
  readonly paymentCommand: Topic<PaymentCommand>;
  readonly alertActionOutcome: Topic<AlertActionOutcome>;
}

/**
 * Carries each order through its saga: reserves stock, requests the payment, learns its result, confirms or compensates; and
 * carries out what operators decide. The sagas are declared in `order_*_saga.json`.
 *
 * @example
 * import { topics } from '#schemas';
 * const topology = orderSaga({ ...defaultOrderSagaSettings, now: Date.now, topics });
 */
export function orderSaga(
  settings: OrderSagaSettings & { readonly topics: OrderSagaTopics },
): Topology {
  const { topics } = settings;
  const builder = new StreamsBuilder('order-saga');
  const commands = builder.stream(topics.orderCommand);
  const stock = builder.stream(topics.storageEvent);
  const payments = builder.stream(topics.paymentEvent);
  const observed = builder.stream(topics.paymentStatusObserved);
  const actions = builder.stream(topics.alertAction);
  const inputs = tagged('order-command', commands)
    // What was delivered is no order's business.
    .merge(
      tagged(
        'storage-event',
        stock.filter(({ orderNo }) => orderNo !== null),
      ),
    )
    .merge(tagged('payment-event', payments))
    .merge(tagged('payment-observed', observed))
    .merge(tagged('alert-action', actions));

  const orders = builder.store(orderSagas.name, {
    ...jsonSerde<Order>(),
    format: 'order v1',
  });
  const outputs = inputs.process('run-sagas', sagaRunner(orders, settings));
  only(outputs, 'order-created').to(topics.orderCreated);
  only(outputs, 'order-status-changed').to(topics.orderStatusChanged);
  only(outputs, 'storage-command')
    .selectKey(({ sku }) => sku)
    .to(topics.storageCommand);
  only(outputs, 'payment-command').to(topics.paymentCommand);
  only(outputs, 'alert-action-outcome').to(topics.alertActionOutcome);
  return builder.build();
}

function tagged<K extends SagaInput['kind']>(
  kind: K,
  stream: KStream<string, Extract<SagaInput, { kind: K }>['value']>,
): KStream<string, SagaInput> {
  return stream.mapValues((value) => ({ kind, value }) as SagaInput);
}

type Values = { [Output in SagaOutput as Output['kind']]: Output['value'] };

function only<K extends SagaOutput['kind']>(
  outputs: KStream<string, SagaOutput>,
  kind: K,
): KStream<string, Values[K]> {
  return outputs
    .filter((output) => output.kind === kind)
    .mapValues(({ value }) => value as Values[K]);
}

import type {
  AlertAction,
  OrderCommand,
  PaymentEvent,
  PaymentStatusObserved,
  StorageEvent,
} from '#schemas';
import type {
  Headers,
  KeyedProcessor,
  ProcessorContext,
  ProcessorRecord,
  StoreHandle,
} from '#streams';
import {
  create,
  decided,
  paymentAnswered,
  paymentObserved,
  storageAnswered,
  timeIsUp,
  timerOf,
  type Decision,
  type OrderSagaSettings,
  type SagaOutput,
} from './decide.ts';
import type { Order } from './order.ts';

export type SagaInput =
  | { readonly kind: 'order-command'; readonly value: OrderCommand }
  | { readonly kind: 'storage-event'; readonly value: StorageEvent }
  | { readonly kind: 'payment-event'; readonly value: PaymentEvent }
  | { readonly kind: 'payment-observed'; readonly value: PaymentStatusObserved }
  | { readonly kind: 'alert-action'; readonly value: AlertAction };

/** What travels in headers from the request to the last event. */
const CORRELATION = ['traceparent', 'tracestate', 'correlation-id'];

/** The sagas of all orders, as the runtime drives them: one key is one order. */
export function sagaRunner(
  store: StoreHandle<Order>,
  settings: OrderSagaSettings,
): KeyedProcessor<SagaInput, Order, SagaOutput> {
  return {
    store,
    timer: (order) => timerOf(order, settings),
    timerVersion: `retention ${settings.retentionMs}`,

    onRecord(record, order, context) {
      const decision = decide(record, order, settings);
      if ('dropped' in decision) context.drop(decision.dropped);
      else context.put(decision.order);
      const kept = 'order' in decision ? decision.order : order;
      publish(decision.outputs ?? [], kept?.headers ?? {}, context);
    },

    onTimer(_orderNo, dueAt, order, context) {
      const decision = timeIsUp(order, dueAt, settings);
      if ('dropped' in decision) throw new Error(`a timer at ${dueAt} with nothing to do`);
      context.put(decision.order);
      publish(decision.outputs, order.headers, context);
    },
  };
}

function publish(
  outputs: readonly SagaOutput[],
  headers: Headers,
  context: Pick<ProcessorContext<Order, SagaOutput>, 'forward' | 'count'>,
): void {
  for (const output of outputs) {
    context.forward(output, { timestamp: timeOf(output), headers });
    if (output.kind === 'order-status-changed') context.count(output.value.status.toLowerCase());
  }
}

function decide(
  { value: input, headers }: ProcessorRecord<SagaInput>,
  order: Order | undefined,
  settings: OrderSagaSettings,
): Decision {
  switch (input.kind) {
    case 'order-command':
      return create(input.value, correlationOf(headers), order, settings);
    case 'storage-event':
      return storageAnswered(input.value, order, settings);
    case 'payment-event':
      return paymentAnswered(input.value, order, settings);
    case 'payment-observed':
      return paymentObserved(input.value, order, settings);
    case 'alert-action':
      return decided(input.value, order, settings);
  }
}

function correlationOf(headers: Headers): Record<string, string> {
  const found = CORRELATION.flatMap((name) => {
    const value = headers[name];
    return value === undefined ? [] : [[name, [value].flat()[0]!.toString()]];
  });
  return Object.fromEntries(found) as Record<string, string>;
}

function timeOf(output: SagaOutput): number {
  switch (output.kind) {
    case 'order-created':
      return output.value.createdAt;
    case 'order-status-changed':
      return output.value.updatedAt;
    case 'alert-action-outcome':
      return output.value.occurredAt;
    case 'storage-command':
    case 'payment-command':
      return output.value.requestedAt;
  }
}

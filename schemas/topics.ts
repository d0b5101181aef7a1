import { avroSerde, type AvroSerde } from './avro.ts';
import { loadContract, type RecordSchema } from './contract.ts';
import type {
  AccountEvent,
  AlertAction,
  AlertActionOutcome,
  AlertRaised,
  AlertResolved,
  OrderCommand,
  OrderCreated,
  OrderStatusChanged,
  PaymentCommand,
  PaymentConfirmation,
  PaymentEvent,
  PaymentStatusObserved,
  ProductEvent,
  StorageCommand,
  StorageEvent,
} from './generated/types.ts';
import { emptyText, impossibleTime, orderFault, tooSmall } from './validate.ts';

/**
 * A topic with everything that readers, writers and provisioning need to know of it; fits the runtime's `Topic`.
 * `value` is plain Avro; over a registry it is `registry.serde(topic)`.
 */
export interface AvroTopic<V> {
  readonly name: string;
  readonly schema: RecordSchema;
  readonly value: AvroSerde<V>;
  /** The key (UTF-8) that a record with this value has. */
  keyOf(value: V): string;
  /** Event time in epoch milliseconds. */
  eventTime(value: V): number;
  /** What is wrong with a value that can't be meant, in words; undefined when it is fine. */
  validate(value: V): string | undefined;
  /** Topics that are joined have the same number. */
  readonly partitions: number;
  /** Settings of the topic at the broker. */
  readonly config: Readonly<Record<string, string>>;
}

const CONFIG = {
  // Event time is in the payload. Were it the record's timestamp, retention would delete replayed records at once.
  'message.timestamp.type': 'LogAppendTime',
  // The log is the record: what was derived from it can be deleted and built again, it can't.
  'retention.ms': '-1',
  'cleanup.policy': 'delete',
} as const;

const PARTITIONS = 6;

export const topics = {
  orderStatusChanged: topic<OrderStatusChanged>({
    name: 'order-status-changed',
    contract: 'order-status-changed',
    eventTime: (order) => order.updatedAt,
    validate: (order) =>
      emptyText('orderNo', order.orderNo) ??
      (order.paymentExpiresAt === null
        ? undefined
        : impossibleTime('paymentExpiresAt', order.paymentExpiresAt)),
  }),
  paymentStatusObserved: topic<PaymentStatusObserved>({
    name: 'payment-status-observed',
    contract: 'payment-status-observed',
    eventTime: (payment) => payment.occurredAt,
    validate: (payment) =>
      emptyText('orderNo', payment.orderNo) ?? emptyText('eventId', payment.eventId),
  }),
  alertRaised: topic<AlertRaised>({
    name: 'alerts.order_payment_inconsistency.v1',
    contract: 'alert-raised',
    eventTime: (alert) => alert.detectedAt,
    validate: (alert) => emptyText('orderNo', alert.orderNo) ?? emptyText('alertId', alert.alertId),
  }),
  alertResolved: topic<AlertResolved>({
    name: 'alerts.order_payment_inconsistency.resolved.v1',
    contract: 'alert-resolved',
    eventTime: (resolution) => resolution.resolvedAt,
    validate: (resolution) =>
      emptyText('orderNo', resolution.orderNo) ?? emptyText('alertId', resolution.alertId),
  }),
  alertAction: topic<AlertAction>({
    name: 'alert-actions',
    contract: 'alert-action',
    eventTime: (action) => action.requestedAt,
    validate: (action) =>
      emptyText('orderNo', action.orderNo) ??
      emptyText('actionId', action.actionId) ??
      emptyText('operatorId', action.operatorId) ??
      emptyText('reason', action.reason),
  }),
  alertActionOutcome: topic<AlertActionOutcome>({
    name: 'alert-action-outcomes',
    contract: 'alert-action-outcome',
    eventTime: (outcome) => outcome.occurredAt,
    validate: (outcome) => emptyText('orderNo', outcome.orderNo),
  }),
  orderCommand: topic<OrderCommand>({
    name: 'order-commands',
    contract: 'order-command',
    eventTime: (command) => command.requestedAt,
    validate: orderFault,
  }),
  orderCreated: topic<OrderCreated>({
    name: 'order-created',
    contract: 'order-created',
    eventTime: (order) => order.createdAt,
    validate: (order) => emptyText('orderNo', order.orderNo),
  }),
  storageCommand: topic<StorageCommand>({
    name: 'storage-commands',
    contract: 'storage-command',
    keyOf: (command) => command.sku,
    eventTime: (command) => command.requestedAt,
    validate: (command) =>
      emptyText('sku', command.sku) ??
      emptyText('commandId', command.commandId) ??
      tooSmall('quantity', command.quantity, 1) ??
      ((command.orderNo === null) === (command.type === 'RESTOCK')
        ? undefined
        : `orderNo is ${command.orderNo === null ? 'missing' : 'given'} for ${command.type}`),
  }),
  storageEvent: topic<StorageEvent>({
    name: 'storage-events',
    contract: 'storage-event',
    keyOf: (event) => event.orderNo ?? event.sku,
    eventTime: (event) => event.occurredAt,
    validate: (event) => emptyText('sku', event.sku),
  }),
  paymentCommand: topic<PaymentCommand>({
    name: 'payment-commands',
    contract: 'payment-command',
    eventTime: (command) => command.requestedAt,
    validate: (command) =>
      emptyText('orderNo', command.orderNo) ??
      emptyText('commandId', command.commandId) ??
      emptyText('merchantPaymentId', command.merchantPaymentId) ??
      (command.amount === null ? undefined : tooSmall('amount', command.amount, 1)),
  }),
  paymentEvent: topic<PaymentEvent>({
    name: 'payment-events',
    contract: 'payment-event',
    eventTime: (event) => event.occurredAt,
    validate: (event) =>
      emptyText('orderNo', event.orderNo) ??
      (event.expiresAt === null ? undefined : impossibleTime('expiresAt', event.expiresAt)),
  }),
  paymentConfirmation: topic<PaymentConfirmation>({
    name: 'payment-confirmations',
    contract: 'payment-confirmation',
    eventTime: (measured) => measured.measuredAt,
    validate: (measured) => emptyText('orderNo', measured.orderNo),
  }),
  accountEvent: topic<AccountEvent>({
    name: 'account-events',
    contract: 'account-event',
    keyOf: (event) => event.accountId,
    eventTime: (event) => event.occurredAt,
    validate: (event) => emptyText('accountId', event.accountId) ?? emptyText('email', event.email),
  }),
  productEvent: topic<ProductEvent>({
    name: 'product-events',
    contract: 'product-event',
    keyOf: (event) => event.sku,
    eventTime: (event) => event.occurredAt,
    validate: (event) => emptyText('sku', event.sku) ?? tooSmall('price', event.price, 0),
  }),
} as const;

/**
 * The same topic under another name, for settings such as `ALERT_TOPIC`.
 *
 * @example
 * renamed(topics.alertRaised, 'alerts-of-a-replay');
 */
export function renamed<V>(original: AvroTopic<V>, name: string): AvroTopic<V> {
  return { ...original, name };
}

interface Declaration<V> {
  name: string;
  contract: string;
  eventTime: (value: V) => number;
  validate: (value: V) => string | undefined;
  keyOf: (value: V) => string;
}

/** Most topics are keyed by the order. */
type OrderTopic<V> = V extends { readonly orderNo: string }
  ? Omit<Declaration<V>, 'keyOf'> & { keyOf?: Declaration<V>['keyOf'] }
  : Declaration<V>;

function topic<V>(declared: OrderTopic<V>): AvroTopic<V> {
  const schema = loadContract(declared.contract);
  return {
    name: declared.name,
    schema,
    value: avroSerde<V>(schema),
    keyOf: declared.keyOf ?? ((value) => (value as { readonly orderNo: string }).orderNo),
    eventTime: declared.eventTime,
    validate: declared.validate,
    partitions: PARTITIONS,
    config: CONFIG,
  };
}

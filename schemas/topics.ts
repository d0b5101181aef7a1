import { avroSerde, type AvroSerde } from './avro.ts';
import { loadContract, type RecordSchema } from './contract.ts';
import type {
  AlertRaised,
  AlertResolved,
  OrderStatusChanged,
  PaymentStatusObserved,
} from './generated/types.ts';

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

/** 2100-01-01T00:00:00Z. A later time is a mistake (microseconds, mostly), not a time. */
export const MAX_TIME = 4_102_444_800_000;

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
}

function topic<V extends { readonly orderNo: string }>(declared: Declaration<V>): AvroTopic<V> {
  const schema = loadContract(declared.contract);
  return {
    name: declared.name,
    schema,
    value: avroSerde<V>(schema),
    keyOf: (value) => value.orderNo,
    eventTime: declared.eventTime,
    validate: declared.validate,
    partitions: PARTITIONS,
    config: CONFIG,
  };
}

function emptyText(field: string, value: string): string | undefined {
  return value === '' ? `${field} is empty` : undefined;
}

function impossibleTime(field: string, value: number): string | undefined {
  return value >= 0 && value <= MAX_TIME
    ? undefined
    : `${field} ${String(value)} is no time between 1970 and 2100 in epoch milliseconds`;
}

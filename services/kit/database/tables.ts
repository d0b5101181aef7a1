/**
 * The read models: what projections write and the BFF reads. All of it follows from the topics and can be rebuilt.
 * Times are epoch milliseconds, money is yen.
 */
import {
  bigint,
  boolean,
  customType,
  index,
  int,
  mysqlTable,
  primaryKey,
  text,
  varchar,
} from 'drizzle-orm/mysql-core';

const id = (name: string) => varchar(name, { length: 191 });
const ms = (name: string) => bigint(name, { mode: 'number' });
const yen = (name: string) => bigint(name, { mode: 'number' });
const word = (name: string) => varchar(name, { length: 64 });

/** MySQL hands JSON over as an object, MariaDB as text. */
const stringList = customType<{ data: readonly string[]; driverData: unknown }>({
  dataType: () => 'json',
  toDriver: (value) => JSON.stringify(value),
  fromDriver: (value) =>
    (typeof value === 'string' ? JSON.parse(value) : value) as readonly string[],
});

export const orders = mysqlTable(
  'orders',
  {
    orderNo: id('order_no').primaryKey(),
    accountId: id('account_id'),
    totalAmount: yen('total_amount'),
    createdAt: ms('created_at'),
    status: word('status'),
    statusAt: ms('status_at'),
    reason: text('reason'),
    paymentStatus: word('payment_status'),
    paymentExpiresAt: ms('payment_expires_at'),
    /** Where the shopper pays. */
    paymentUrl: text('payment_url'),
    merchantPaymentId: id('merchant_payment_id'),
    /** When the payment was requested. */
    paymentAt: ms('payment_at'),
    /** When the shopper paid, as the provider says. */
    paidAt: ms('paid_at'),
  },
  (table) => [index('orders_by_account').on(table.accountId, table.createdAt)],
);

export const orderLines = mysqlTable(
  'order_lines',
  {
    orderNo: id('order_no').notNull(),
    lineNo: int('line_no').notNull(),
    sku: id('sku').notNull(),
    quantity: int('quantity').notNull(),
    unitPrice: yen('unit_price').notNull(),
  },
  (table) => [primaryKey({ columns: [table.orderNo, table.lineNo] })],
);

export const orderStatusHistory = mysqlTable(
  'order_status_history',
  {
    orderNo: id('order_no').notNull(),
    statusAt: ms('status_at').notNull(),
    status: word('status').notNull(),
    paymentStatus: word('payment_status'),
    paymentExpiresAt: ms('payment_expires_at'),
    reason: text('reason'),
  },
  (table) => [primaryKey({ columns: [table.orderNo, table.statusAt, table.status] })],
);

export const paymentObservations = mysqlTable(
  'payment_observations',
  {
    orderNo: id('order_no').notNull(),
    eventId: id('event_id').notNull(),
    status: word('status').notNull(),
    occurredAt: ms('occurred_at').notNull(),
    /** How it was seen first. */
    source: word('source').notNull(),
  },
  (table) => [primaryKey({ columns: [table.orderNo, table.eventId] })],
);

export const accounts = mysqlTable('accounts', {
  accountId: id('account_id').primaryKey(),
  email: varchar('email', { length: 320 }),
  displayName: varchar('display_name', { length: 200 }),
  roles: stringList('roles'),
  isClosed: boolean('is_closed'),
  version: ms('version'),
  changedAt: ms('changed_at'),
});

export const stock = mysqlTable('stock', {
  sku: id('sku').primaryKey(),
  available: ms('available'),
  reserved: ms('reserved'),
  sold: ms('sold'),
  version: ms('version'),
  changedAt: ms('changed_at'),
});

export const products = mysqlTable('products', {
  sku: id('sku').primaryKey(),
  nameJa: varchar('name_ja', { length: 200 }),
  nameEn: varchar('name_en', { length: 200 }),
  descriptionJa: text('description_ja'),
  descriptionEn: text('description_en'),
  category: word('category'),
  price: yen('price'),
  isListed: boolean('is_listed'),
  version: ms('version'),
  changedAt: ms('changed_at'),
});

/** An alert's life: NEW, ACKNOWLEDGED, RESOLVED. */
export const alerts = mysqlTable(
  'alerts',
  {
    alertId: id('alert_id').primaryKey(),
    orderNo: id('order_no'),
    ruleId: word('rule_id'),
    eventId: id('event_id'),
    state: word('state').notNull(),
    observedOrderStatus: word('observed_order_status'),
    observedPaymentStatus: word('observed_payment_status'),
    expectedOrderStatus: word('expected_order_status'),
    detectedAt: ms('detected_at'),
    acknowledgedAt: ms('acknowledged_at'),
    acknowledgedBy: id('acknowledged_by'),
    resolvedAt: ms('resolved_at'),
  },
  (table) => [
    index('alerts_by_state').on(table.state, table.detectedAt),
    index('alerts_by_order').on(table.orderNo),
  ],
);

/** Who decided what about an alert, when and why, and what came of it. */
export const alertAudit = mysqlTable(
  'alert_audit',
  {
    actionId: id('action_id').primaryKey(),
    orderNo: id('order_no'),
    alertId: id('alert_id'),
    ruleId: word('rule_id'),
    type: word('type'),
    operatorId: id('operator_id'),
    reason: text('reason'),
    requestedAt: ms('requested_at'),
    outcome: word('outcome'),
    detail: text('detail'),
    endedAt: ms('ended_at'),
  },
  (table) => [index('alert_audit_by_alert').on(table.alertId)],
);

/** How far each projection has come; written in one transaction with its rows. */
export const projectionOffsets = mysqlTable(
  'projection_offsets',
  {
    projection: word('projection').notNull(),
    topic: varchar('topic', { length: 249 }).notNull(),
    partition: int('partition_no').notNull(),
    nextOffset: ms('next_offset').notNull(),
  },
  (table) => [primaryKey({ columns: [table.projection, table.partition, table.topic] })],
);

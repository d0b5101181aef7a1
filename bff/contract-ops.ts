/** The operators' half of the contract: alerts, decisions, orders of everybody, how the system is. */
import { z } from 'zod';
import {
  alertId,
  at,
  listOf,
  orderNo,
  orderStatus,
  orderSummary,
  paging,
  payment,
  pricedLine,
  timelineEntry,
  wholeText,
  yen,
} from './contract.ts';

export const ruleId = z.enum(['UNKNOWN', 'RULE_A', 'RULE_B', 'RULE_C']);
export const alertState = z.enum(['NEW', 'ACKNOWLEDGED', 'RESOLVED']);

export const alert = z.object({
  alertId: z.string(),
  orderNo: z.string(),
  ruleId,
  eventId: z.string(),
  state: alertState,
  observed: z.object({ orderStatus: z.string(), paymentStatus: z.string().nullable() }),
  expected: z.object({ orderStatus: z.string() }),
  detectedAt: at,
  acknowledgedAt: at.nullable(),
  /** Who has it. */
  acknowledgedBy: z.object({ accountId: z.string(), displayName: z.string() }).nullable(),
  resolvedAt: at.nullable(),
  /** Of the order; null: the order is not known. */
  totalAmount: yen.nullable(),
});
export const alertsQuery = z.object({
  /** `RULE_A,RULE_B`; default: all. */
  rule: listOf(['RULE_A', 'RULE_B', 'RULE_C']).optional(),
  /** `NEW,ACKNOWLEDGED` or `open` for both; default: all, open ones first. */
  state: listOf(['open', 'NEW', 'ACKNOWLEDGED', 'RESOLVED']).optional(),
  /** Detected at least so long ago. */
  minAgeMs: wholeText(0, 1e12).optional(),
  /** Detected at most so long ago. */
  maxAgeMs: wholeText(0, 1e12).optional(),
  /** An order number, or how it begins. */
  q: z.string().max(64).optional(),
  sort: z.enum(['oldest', 'newest']).optional(),
  page: wholeText(1, 10_000).optional(),
  pageSize: wholeText(1, 100).optional(),
});
export const alertPage = z.object({
  ...paging,
  alerts: z.array(alert),
  /** By rule and state, whatever of them is asked for. */
  counts: z.array(z.object({ ruleId, state: alertState, count: z.int() })),
  serverTime: at,
});

export const actionType = z.enum([
  'RESEND_PAYMENT_RESULT',
  'COMPENSATE',
  'QUERY_AND_ROLL_BACK',
  'REFUND',
  'ACCEPT_PAYMENT',
]);
/** A decision, and what came of it. */
export const auditEntry = z.object({
  actionId: z.string(),
  alertId: z.string().nullable(),
  type: z.string(),
  operator: z.object({ accountId: z.string(), displayName: z.string() }).nullable(),
  reason: z.string(),
  requestedAt: at,
  /** Null: being carried out. */
  outcome: z.string().nullable(),
  detail: z.string().nullable(),
  endedAt: at.nullable(),
});
export const opsOrder = orderSummary.extend({
  reason: z.string().nullable(),
  shopper: z.object({ accountId: z.string(), displayName: z.string() }).nullable(),
  lines: z.array(pricedLine),
  payment: payment.omit({ qrSvg: true }).nullable(),
  merchantPaymentId: z.string().nullable(),
});
/** What kafka-alert itself knows of an order, as `kafka-alert explain`; instants are ISO 8601 there. */
export const watched = z.looseObject({
  orderNo: z.string(),
  orderStatus: z.string(),
  paymentStatus: z.string().nullable(),
  checkedTo: z.string().nullable(),
  timelines: z.array(
    z.looseObject({
      orderChanges: z.array(z.looseObject({ updatedAt: z.string(), status: z.string() })),
      paymentObservations: z.array(
        z.looseObject({
          occurredAt: z.string(),
          status: z.string(),
          result: z.string(),
          eventId: z.string(),
        }),
      ),
      alerts: z.array(
        z.looseObject({
          alertId: z.string(),
          ruleId: z.string(),
          eventId: z.string(),
          detectedAt: z.string(),
          resolvedAt: z.string().nullable(),
        }),
      ),
    }),
  ),
  openAlerts: z.array(z.string()),
  pending: z.array(
    z.object({
      at: z.string(),
      what: z.enum(['raise', 'resolve']),
      ruleId: z.string(),
      eventId: z.string(),
    }),
  ),
  nextCheckAt: z.string().nullable(),
  nextTimerAt: z.string(),
});
export const opsOrderDetail = z.object({
  /** Null: nothing but alerts or observations is known of it. */
  order: opsOrder.nullable(),
  timeline: z.array(timelineEntry),
  alerts: z.array(alert),
  audit: z.array(auditEntry),
  /** Null: see `watchedProblem`. */
  watched: watched.nullable(),
  /** Why kafka-alert has said nothing. */
  watchedProblem: z.string().nullable(),
  serverTime: at,
});
export const alertDetail = opsOrderDetail.extend({
  alert,
  /** What can be decided, for this alert's rule; whether it works out is decided by the order's saga. */
  actions: z.array(
    z.object({ type: actionType, isLikely: z.boolean(), why: z.string().nullable() }),
  ),
});
export const acknowledgement = z.strictObject({ reason: z.string().trim().max(1000).optional() });
export const decision = z.strictObject({
  type: actionType,
  reason: z.string().trim().min(1, 'is missing').max(1000),
});
/** 202: in Kafka. What comes of it is in the audit, and pushed. */
export const decisionAccepted = z.object({
  actionId: z.string(),
  alertId: z.string(),
  orderNo: z.string(),
  type: z.string(),
  requestedAt: at,
});

export const opsOrdersQuery = z.object({
  /** An order number, or how it begins. */
  q: z.string().max(64).optional(),
  status: listOf(['PENDING', 'WAITING_PAYMENT', 'PAID', 'FAILED']).optional(),
  accountId: z.string().max(64).optional(),
  page: wholeText(1, 10_000).optional(),
  pageSize: wholeText(1, 100).optional(),
});
export const opsOrderPage = z.object({
  ...paging,
  orders: z.array(orderSummary.extend({ accountId: z.string().nullable(), openAlerts: z.int() })),
});

export const overviewQuery = z.object({ hours: wholeText(1, 24 * 30).optional() });
const number = z.number().nullable();
export const overview = z.object({
  serverTime: at,
  from: at,
  /** Width of the buckets. */
  stepMs: z.int(),
  /** Each bucket that has any, by its beginning. */
  alerts: z.array(z.object({ at, ruleId, raised: z.int(), resolved: z.int() })),
  open: z.array(
    z.object({
      ruleId,
      count: z.int(),
      acknowledged: z.int(),
      oldestAt: at,
      /** By age: up to 5 min, 1 h, 24 h, older. */
      ages: z.object({ m5: z.int(), h1: z.int(), h24: z.int(), older: z.int() }),
    }),
  ),
  /** Of those resolved since `from`. */
  timeToResolve: z.object({ count: z.int(), medianMs: number, p95Ms: number }),
  /** PAID within 60 s of the payment; null: the service that measures is away. */
  slo: z
    .object({
      objective: z.number(),
      within: z.int(),
      missed: z.int(),
      /** Null: nothing was measured yet. */
      share: number,
      /** What is left of the error budget, 1 to 0, negative when overspent. */
      budgetLeft: number,
    })
    .nullable(),
  /** Orders created since `from`, by status. */
  orders: z.array(z.object({ status: orderStatus, count: z.int() })),
  services: z.array(
    z.object({
      name: z.string(),
      isUp: z.boolean(),
      /** Why not. */
      problem: z.string().nullable(),
      /** Records behind, over all partitions. */
      lag: number,
      watermarkDelayMs: number,
      /** The task (partition number) whose watermark is the oldest. */
      heldBackBy: z.string().nullable(),
      tasks: z.array(z.object({ task: z.string(), lag: number, watermarkDelayMs: number })),
      processed: number,
      deadLetters: number,
    }),
  ),
  /** When something of each was last seen by the read models. */
  feeds: z.array(z.object({ name: z.string(), lastAt: at.nullable() })),
});

/** What `/ws/ops` pushes; `/ws/ops?order=ORD-…` the events of that order besides. */
export const opsMessage = z.discriminatedUnion('type', [
  z.object({ type: z.literal('hello'), serverTime: at }),
  z.object({
    type: z.literal('alert-raised'),
    alertId,
    orderNo,
    ruleId,
    eventId: z.string(),
    observed: z.object({ orderStatus: z.string(), paymentStatus: z.string().nullable() }),
    expected: z.object({ orderStatus: z.string() }),
    detectedAt: at,
  }),
  z.object({ type: z.literal('alert-resolved'), alertId, orderNo, ruleId, resolvedAt: at }),
  z.object({
    type: z.literal('alert-action'),
    actionId: z.string(),
    alertId,
    orderNo,
    ruleId,
    action: z.string(),
    operatorId: z.string(),
    reason: z.string(),
    requestedAt: at,
  }),
  z.object({
    type: z.literal('alert-outcome'),
    actionId: z.string(),
    orderNo,
    outcome: z.string(),
    detail: z.string(),
    occurredAt: at,
  }),
  z.object({
    type: z.literal('order-status'),
    orderNo,
    status: orderStatus,
    statusAt: at,
    reason: z.string().nullable(),
    paymentStatus: z.string().nullable(),
    paymentExpiresAt: at.nullable(),
    serverTime: at,
  }),
  z.object({
    type: z.literal('payment-status'),
    orderNo,
    status: z.string(),
    result: z.enum(['success', 'failure', 'neutral']),
    occurredAt: at,
    eventId: z.string(),
  }),
]);

export type Alert = z.output<typeof alert>;
export type AlertsQuery = z.output<typeof alertsQuery>;
export type AlertPageView = z.output<typeof alertPage>;
export type AlertDetail = z.output<typeof alertDetail>;
export type ActionType = z.output<typeof actionType>;
export type AuditEntry = z.output<typeof auditEntry>;
export type OpsOrder = z.output<typeof opsOrder>;
export type OpsOrderDetail = z.output<typeof opsOrderDetail>;
export type OpsOrderPage = z.output<typeof opsOrderPage>;
export type Overview = z.output<typeof overview>;
export type OpsMessage = z.output<typeof opsMessage>;

import {
  topics,
  type AlertAction,
  type AlertActionOutcome,
  type AlertRaised,
  type AlertResolved,
} from '#schemas';
import { tables, type ConsumedRecord } from '#kit';
import { migrationsOf, type Projection } from './projection.ts';
import { evolveRows, type Change } from './rows.ts';

export type AlertRow = typeof tables.alerts.$inferSelect;
export type AuditRow = typeof tables.alertAudit.$inferSelect;

/** Where the topics go by names of their own. */
export interface AlertTopics {
  readonly alertRaised: typeof topics.alertRaised;
  readonly alertResolved: typeof topics.alertResolved;
}

export function blankAlert(alertId: string): AlertRow {
  return {
    alertId,
    orderNo: null,
    ruleId: null,
    eventId: null,
    state: 'NEW',
    observedOrderStatus: null,
    observedPaymentStatus: null,
    expectedOrderStatus: null,
    detectedAt: null,
    acknowledgedAt: null,
    acknowledgedBy: null,
    resolvedAt: null,
  };
}

export function withRaised(row: AlertRow, event: AlertRaised): AlertRow {
  const { orderNo, ruleId, eventId, observed, expected, detectedAt } = event;
  return withState({
    ...row,
    orderNo,
    ruleId,
    eventId,
    observedOrderStatus: observed.orderStatus,
    observedPaymentStatus: observed.paymentStatus,
    expectedOrderStatus: expected.orderStatus,
    detectedAt,
  });
}

/** The first decision about an alert acknowledges it, whatever it decides. */
export function withAction(row: AlertRow, event: AlertAction): AlertRow {
  const { requestedAt, operatorId, orderNo, ruleId } = event;
  const isFirst = row.acknowledgedAt === null || requestedAt < row.acknowledgedAt;
  if (!isFirst) return row;
  return withState({
    ...row,
    orderNo: row.orderNo ?? orderNo,
    ruleId: row.ruleId ?? ruleId,
    acknowledgedAt: requestedAt,
    acknowledgedBy: operatorId,
  });
}

export function withResolved(row: AlertRow, event: AlertResolved): AlertRow {
  const { orderNo, ruleId, eventId, resolvedAt } = event;
  return withState({
    ...row,
    orderNo: row.orderNo ?? orderNo,
    ruleId: row.ruleId ?? ruleId,
    eventId: row.eventId ?? eventId,
    resolvedAt: Math.min(row.resolvedAt ?? Infinity, resolvedAt),
  });
}

/** Follows from what is known, not from the order in which it came. */
function withState(row: AlertRow): AlertRow {
  const state =
    row.resolvedAt !== null ? 'RESOLVED' : row.acknowledgedAt !== null ? 'ACKNOWLEDGED' : 'NEW';
  return { ...row, state };
}

export function blankAudit(actionId: string): AuditRow {
  return {
    actionId,
    orderNo: null,
    alertId: null,
    ruleId: null,
    type: null,
    operatorId: null,
    reason: null,
    requestedAt: null,
    outcome: null,
    detail: null,
    endedAt: null,
  };
}

/** A decision that is repeated is the first one. */
export function withDecision(row: AuditRow, event: AlertAction): AuditRow {
  if (row.requestedAt !== null) return row;
  const { orderNo, alertId, ruleId, type, operatorId, reason, requestedAt } = event;
  // Nothing else is to come of it.
  const ending =
    type === 'ACKNOWLEDGE' ? { outcome: 'DONE', detail: 'acknowledged', endedAt: requestedAt } : {};
  return { ...row, orderNo, alertId, ruleId, type, operatorId, reason, requestedAt, ...ending };
}

export function withOutcome(row: AuditRow, event: AlertActionOutcome): AuditRow {
  if (row.endedAt !== null) return row;
  const { orderNo, outcome, detail, occurredAt: endedAt } = event;
  return { ...row, orderNo: row.orderNo ?? orderNo, outcome, detail, endedAt };
}

/** Alerts with their life, and the audit of what operators decided. */
export function alertsProjection({ alertRaised, alertResolved }: AlertTopics): Projection {
  const { alertAction, alertActionOutcome } = topics;
  const { alerts, alertAudit } = tables;

  const alertChange = ({ topic, value }: ConsumedRecord): Change<AlertRow>[] => {
    if (topic === alertActionOutcome.name) return [];
    const { alertId } = value as AlertRaised;
    const evolve = (row: AlertRow): AlertRow => {
      if (topic === alertRaised.name) return withRaised(row, value as AlertRaised);
      if (topic === alertResolved.name) return withResolved(row, value as AlertResolved);
      return withAction(row, value as AlertAction);
    };
    return [{ key: alertId, evolve }];
  };
  const auditChange = ({ topic, value }: ConsumedRecord): Change<AuditRow>[] => {
    if (topic === alertAction.name) {
      const action = value as AlertAction;
      return [{ key: action.actionId, evolve: (row) => withDecision(row, action) }];
    }
    if (topic !== alertActionOutcome.name) return [];
    const outcome = value as AlertActionOutcome;
    return [{ key: outcome.actionId, evolve: (row) => withOutcome(row, outcome) }];
  };

  return {
    name: 'alerts',
    topics: [alertRaised, alertResolved, alertAction, alertActionOutcome],
    tables: [alerts, alertAudit],
    migrations: migrationsOf('alerts'),
    async apply(tx, records) {
      await evolveRows(
        tx,
        alerts,
        { keyColumn: alerts.alertId, blank: blankAlert },
        records.flatMap(alertChange),
      );
      await evolveRows(
        tx,
        alertAudit,
        { keyColumn: alertAudit.actionId, blank: blankAudit },
        records.flatMap(auditChange),
      );
    },
  };
}

/**
 * What has become of a decision, step by step: sent, carried out, seen by kafka-alert. From what is known of the alert and
 * what is pushed meanwhile, whichever comes first.
 */
import type { AlertDetail, AuditEntry, OpsMessage } from '../contract-ops.ts';
import type { TimelineEntry } from '../contract.ts';

export interface Progress {
  readonly actionId: string;
  readonly type: string;
  readonly requestedAt: number;
  readonly outcome: string | null;
  readonly detail: string | null;
  readonly endedAt: number | null;
  readonly steps: readonly ProgressStep[];
  readonly isOver: boolean;
}
export interface ProgressStep {
  readonly name: 'sent' | 'done' | 'resolved';
  readonly state: 'done' | 'now' | 'later' | 'refused';
  readonly at: number | null;
}

/** Of the latest decision that was more than taking the alert on; null: there is none. */
export function progressOf({
  alert,
  audit,
}: Pick<AlertDetail, 'alert' | 'audit'>): Progress | null {
  const latest = audit
    .filter(({ type, alertId }) => type !== 'ACKNOWLEDGE' && alertId === alert.alertId)
    .reduce<AuditEntry | null>(
      (last, each) => (last && last.requestedAt > each.requestedAt ? last : each),
      null,
    );
  if (!latest) return null;
  const { actionId, type, requestedAt, outcome, detail, endedAt } = latest;
  const isRefused = outcome === 'REFUSED';
  const isDone = outcome !== null;
  const isResolved = alert.resolvedAt !== null;
  const steps: readonly ProgressStep[] = [
    { name: 'sent', state: 'done', at: requestedAt },
    { name: 'done', state: isRefused ? 'refused' : isDone ? 'done' : 'now', at: endedAt },
    {
      name: 'resolved',
      state: isResolved ? 'done' : isDone && !isRefused ? 'now' : 'later',
      at: alert.resolvedAt,
    },
  ];
  const isOver = isRefused || isResolved;
  return { actionId, type, requestedAt, outcome, detail, endedAt, steps, isOver };
}

/** The detail with what was just pushed; null: it says nothing new about this alert or its order. */
export function withPush<T extends AlertDetail>(detail: T, message: OpsMessage): T | null {
  if (message.type === 'hello' || message.orderNo !== detail.alert.orderNo) return null;
  switch (message.type) {
    case 'alert-resolved': {
      const { alertId, resolvedAt } = message;
      const resolve = (alert: AlertDetail['alert']) =>
        alert.alertId === alertId ? { ...alert, state: 'RESOLVED' as const, resolvedAt } : alert;
      return { ...detail, alert: resolve(detail.alert), alerts: detail.alerts.map(resolve) };
    }
    case 'alert-action': {
      const { actionId, alertId, action: type, operatorId, reason, requestedAt } = message;
      if (detail.audit.some((entry) => entry.actionId === actionId)) return null;
      const operator = { accountId: operatorId, displayName: operatorId };
      const open = { outcome: null, detail: null, endedAt: null };
      const entry = { actionId, alertId, type, operator, reason, requestedAt, ...open };
      const taken =
        type === 'ACKNOWLEDGE' && alertId === detail.alert.alertId && detail.alert.state === 'NEW'
          ? {
              ...detail.alert,
              state: 'ACKNOWLEDGED' as const,
              acknowledgedAt: requestedAt,
              acknowledgedBy: operator,
            }
          : detail.alert;
      return { ...detail, alert: taken, audit: [...detail.audit, entry] };
    }
    case 'alert-outcome': {
      const { actionId, outcome, detail: said, occurredAt } = message;
      const audit = detail.audit.map((entry) =>
        entry.actionId === actionId
          ? { ...entry, outcome, detail: said, endedAt: occurredAt }
          : entry,
      );
      return { ...detail, audit };
    }
    case 'order-status': {
      const { status, statusAt: at, paymentStatus, reason } = message;
      const isKnown = detail.timeline.some(
        (entry) => entry.kind === 'order' && entry.at === at && entry.status === status,
      );
      if (isKnown) return null;
      const entry = { kind: 'order' as const, at, status, paymentStatus, reason };
      const isLatest = detail.order !== null && at >= detail.order.statusAt;
      return {
        ...detail,
        timeline: [...detail.timeline, entry],
        order: isLatest ? { ...detail.order!, status, statusAt: at, reason } : detail.order,
      };
    }
    case 'payment-status': {
      const { status, result, occurredAt: at, eventId } = message;
      const isKnown = detail.timeline.some(
        (entry) => entry.kind === 'payment' && entry.eventId === eventId,
      );
      if (isKnown) return null;
      const source = 'UNKNOWN' as const;
      const entry = { kind: 'payment' as const, at, status, result, source, eventId };
      return { ...detail, timeline: [...detail.timeline, entry] };
    }
    case 'alert-raised':
      return null;
  }
}

/** The detail as it was loaded anew: what was pushed may be ahead of the tables that it is read from, and is kept. */
export function withReload(old: AlertDetail, fresh: AlertDetail): AlertDetail {
  const isBehind = old.alert.resolvedAt !== null && fresh.alert.resolvedAt === null;
  const audit = fresh.audit.map((entry) => {
    const known = old.audit.find(({ actionId }) => actionId === entry.actionId);
    return entry.outcome === null && known ? { ...known, operator: entry.operator } : entry;
  });
  const isNew = ({ actionId }: AuditEntry) => !audit.some((each) => each.actionId === actionId);
  const keys = new Set(fresh.timeline.map(keyOf));
  const isLater = (old.order?.statusAt ?? 0) > (fresh.order?.statusAt ?? 0);
  return {
    ...fresh,
    order: isLater ? old.order : fresh.order,
    audit: [...audit, ...old.audit.filter(isNew)],
    timeline: [...fresh.timeline, ...old.timeline.filter((entry) => !keys.has(keyOf(entry)))],
    ...(isBehind ? { alert: old.alert, alerts: old.alerts } : {}),
  };
}

function keyOf(entry: TimelineEntry): string {
  return entry.kind === 'order' ? `${entry.status} ${String(entry.at)}` : entry.eventId;
}

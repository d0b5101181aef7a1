/**
 * The rows of the list while it is looked at. What is shown keeps its place until somebody asks for it to move:
 *
 * L1. A row never moves relative to another one that is shown, and none goes away: a resolved one says so where it is.
 * L2. Nothing comes in above the held row (under the pointer, or chosen by keyboard): it waits.
 * L3. Each alert is there once, shown or waiting, in the furthest state that was heard of.
 */
import type { Alert, OpsMessage } from '../../contract-ops.ts';

export interface LiveList {
  readonly shown: readonly Alert[];
  /** To be let in by `showWaiting`. */
  readonly waiting: readonly Alert[];
  readonly sort: 'oldest' | 'newest';
  /** What there is besides, on further pages or beyond what was loaded. */
  readonly total: number;
}

const PROGRESS: Readonly<Record<Alert['state'], number>> = { NEW: 0, ACKNOWLEDGED: 1, RESOLVED: 2 };

export function liveList(shown: readonly Alert[], total: number, sort: LiveList['sort']): LiveList {
  return { shown, waiting: [], sort, total };
}

/** `held`: the row that must stay where it is, by its alert's id; null: nobody is at the list. */
export function withAlert(list: LiveList, alert: Alert, held: string | null): LiveList {
  const isShown = list.shown.some(({ alertId }) => alertId === alert.alertId);
  const isWaiting = list.waiting.some(({ alertId }) => alertId === alert.alertId);
  if (isShown || isWaiting) return changed(list, alert.alertId, (old) => furthest(old, alert));
  const total = list.total + 1;
  const place = placeOf(list, alert);
  const heldAt = list.shown.findIndex(({ alertId }) => alertId === held);
  if (heldAt !== -1 && place <= heldAt) {
    return { ...list, waiting: [...list.waiting, alert], total };
  }
  return { ...list, shown: list.shown.toSpliced(place, 0, alert), total };
}

/** Everything of a page that was asked for anew. */
export function withPage(
  list: LiveList,
  alerts: readonly Alert[],
  total: number,
  held: string | null,
): LiveList {
  const next = alerts.reduce((sum, alert) => withAlert(sum, alert, held), list);
  return { ...next, total };
}

/** Those that waited go where they belong. */
export function showWaiting(list: LiveList): LiveList {
  const emptied = { ...list, waiting: [] };
  return list.waiting.reduce(
    (sum, alert) => ({ ...sum, shown: sum.shown.toSpliced(placeOf(sum, alert), 0, alert) }),
    emptied,
  );
}

/** Null: the message is about no alert of the list, and none that belongs to it. */
export function withMessage(
  list: LiveList,
  message: OpsMessage,
  held: string | null,
  belongs: (alert: Alert) => boolean,
): LiveList {
  switch (message.type) {
    case 'alert-raised': {
      const alert = alertOf(message);
      return belongs(alert) ? withAlert(list, alert, held) : list;
    }
    case 'alert-resolved': {
      const { alertId, resolvedAt } = message;
      return changed(list, alertId, (old) => ({ ...old, state: 'RESOLVED', resolvedAt }));
    }
    case 'alert-action': {
      const { alertId, action, requestedAt, operatorId } = message;
      if (action !== 'ACKNOWLEDGE') return list;
      return changed(list, alertId, (old) =>
        old.state === 'NEW'
          ? {
              ...old,
              state: 'ACKNOWLEDGED',
              acknowledgedAt: requestedAt,
              // The message has no name; the next load has.
              acknowledgedBy: { accountId: operatorId, displayName: operatorId },
            }
          : old,
      );
    }
    case 'hello':
    case 'alert-outcome':
    case 'order-status':
    case 'payment-status':
      return list;
  }
}

/** Open ones first, then by when they were detected: as the API orders them. */
export function compare(sort: LiveList['sort'], a: Alert, b: Alert): number {
  const open = Number(a.state === 'RESOLVED') - Number(b.state === 'RESOLVED');
  if (open !== 0) return open;
  const age = a.detectedAt - b.detectedAt || (a.alertId < b.alertId ? -1 : 1);
  return sort === 'oldest' ? age : -age;
}

/** Behind the last row that comes before it: rows that are out of order by now stay so. */
function placeOf({ shown, sort }: LiveList, alert: Alert): number {
  return shown.findLastIndex((other) => compare(sort, other, alert) < 0) + 1;
}

function changed(list: LiveList, alertId: string, change: (old: Alert) => Alert): LiveList {
  const each = (alert: Alert) => (alert.alertId === alertId ? change(alert) : alert);
  return { ...list, shown: list.shown.map(each), waiting: list.waiting.map(each) };
}

/** A page may be older than what was pushed meanwhile. */
function furthest(old: Alert, fresh: Alert): Alert {
  return PROGRESS[fresh.state] >= PROGRESS[old.state]
    ? fresh
    : { ...old, totalAmount: old.totalAmount ?? fresh.totalAmount };
}

function alertOf(message: Extract<OpsMessage, { type: 'alert-raised' }>): Alert {
  const { alertId, orderNo, ruleId, eventId, observed, expected, detectedAt } = message;
  const fresh = { state: 'NEW' as const, acknowledgedAt: null, acknowledgedBy: null };
  const raised = { alertId, orderNo, ruleId, eventId, observed, expected, detectedAt };
  // The message has no amount; the next load has.
  return { ...raised, ...fresh, resolvedAt: null, totalAmount: null };
}

import { indices, type AlertDocument, type Settings } from '#kit';
import { renamed, topics, type AlertAction, type AlertRaised, type AlertResolved } from '#schemas';
import { earliest, source, type Change, type Projection } from './projection.ts';

type Topics = Pick<Settings, 'alertTopic' | 'resolvedTopic'>;
type Parts = Pick<AlertDocument, 'raised' | 'acknowledged' | 'resolved'>;

/** Alerts for operators, from a topic each for raising, acting and resolving: they come in any order. */
export function alertsProjection({ alertTopic, resolvedTopic }: Topics): Projection<AlertDocument> {
  return {
    index: indices.alerts,
    sources: [
      source(renamed(topics.alertRaised, alertTopic), raisedChange),
      source(renamed(topics.alertResolved, resolvedTopic), resolvedChange),
      source(topics.alertAction, actionChange),
    ],
    join: joinAlerts,
  };
}

export function raisedChange(alert: AlertRaised): Change<AlertDocument> {
  const { alertId, orderNo, ruleId, eventId, observed, expected, detectedAt } = alert;
  // Decoded records have a class of their own: the document is plain.
  const raised = {
    orderNo,
    ruleId,
    eventId,
    observed: { ...observed },
    expected: { ...expected },
    detectedAt,
  };
  return { id: alertId, document: alertOf(alertId, { raised }) };
}

export function resolvedChange(resolution: AlertResolved): Change<AlertDocument> {
  const { alertId, orderNo, ruleId, resolvedAt } = resolution;
  return { id: alertId, document: alertOf(alertId, { resolved: { orderNo, ruleId, resolvedAt } }) };
}

/** Whoever decides what is to be done has taken the alert on: every action acknowledges it. */
export function actionChange(action: AlertAction): Change<AlertDocument> | undefined {
  const { alertId, orderNo, ruleId, type, actionId } = action;
  if (type === 'UNKNOWN') return undefined;
  const acknowledged = {
    orderNo,
    ruleId,
    acknowledgedAt: action.requestedAt,
    acknowledgedBy: action.operatorId,
    actionId,
  };
  return { id: alertId, document: alertOf(alertId, { acknowledged }) };
}

export function joinAlerts(a: AlertDocument, b: AlertDocument): AlertDocument {
  const raised = earliest(a.raised, b.raised, (part) => part.detectedAt);
  const acknowledged = earliest(a.acknowledged, b.acknowledged, (part) => part.acknowledgedAt);
  const resolved = earliest(a.resolved, b.resolved, (part) => part.resolvedAt);
  return alertOf(a.alertId, {
    ...(raised && { raised }),
    ...(acknowledged && { acknowledged }),
    ...(resolved && { resolved }),
  });
}

function alertOf(alertId: string, parts: Parts): AlertDocument {
  const { raised, acknowledged, resolved } = parts;
  // Who raised it knows best; an action's words are an operator's.
  const { orderNo, ruleId } = (raised ?? resolved ?? acknowledged)!;
  const state = resolved ? 'RESOLVED' : acknowledged ? 'ACKNOWLEDGED' : 'NEW';
  return { alertId, orderNo, ruleId, state, ...parts };
}

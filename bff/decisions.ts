import { createHash, randomUUID } from 'node:crypto';
import type { Publisher, Trace } from '#kit';
import { topics, type AlertAction } from '#schemas';
import type { ActionType, Alert, AlertDetail } from './contract-ops.ts';
import { within } from './orders/order-desk.ts';
import { ApiProblem, unavailable } from './problems.ts';

/** What each rule's alerts can be decided to. */
export const ACTIONS: Readonly<Record<Alert['ruleId'], readonly ActionType[]>> = {
  RULE_A: ['RESEND_PAYMENT_RESULT', 'COMPENSATE'],
  RULE_B: ['QUERY_AND_ROLL_BACK'],
  RULE_C: ['REFUND', 'ACCEPT_PAYMENT'],
  UNKNOWN: [],
};

const PUBLISH_MS = 3000;

export interface Decision {
  readonly type: ActionType | 'ACKNOWLEDGE';
  readonly reason: string;
}

/** What an operator is offered; the order's saga has the last word. */
export function offered(alert: Alert, orderStatus: string | undefined): AlertDetail['actions'] {
  return ACTIONS[alert.ruleId].map((type) => {
    const why =
      alert.state === 'RESOLVED'
        ? 'the alert is resolved'
        : orderStatus === undefined
          ? 'the order is not known'
          : refusalOf(type, orderStatus);
    return { type, isLikely: why === null, why };
  });
}

/** Why the saga would say no, as far as the order's status tells. */
function refusalOf(type: ActionType, orderStatus: string): string | null {
  switch (type) {
    case 'RESEND_PAYMENT_RESULT':
      return null;
    case 'COMPENSATE':
      return orderStatus === 'PAID' ? 'the order is PAID: roll it back instead' : null;
    case 'QUERY_AND_ROLL_BACK':
      return orderStatus === 'PAID' ? null : 'only a PAID order is rolled back';
    case 'REFUND':
    case 'ACCEPT_PAYMENT':
      return orderStatus === 'FAILED' ? null : 'only for a FAILED order';
  }
}

/**
 * Puts an operator's decision into Kafka.
 *
 * @param key the same for every repetition of the same decision
 * @throws {ApiProblem} 422 for a decision that is none for this rule, 503 when Kafka can't be reached
 */
export async function decide(
  publisher: Pick<Publisher, 'publish'>,
  alert: Pick<Alert, 'alertId' | 'orderNo' | 'ruleId'>,
  { type, reason }: Decision,
  operatorId: string,
  key: string | undefined,
  trace: Trace,
  now: number,
): Promise<AlertAction> {
  if (type !== 'ACKNOWLEDGE' && !ACTIONS[alert.ruleId].includes(type))
    throw new ApiProblem(422, `${type} is no decision about ${alert.ruleId}`, {
      faults: [{ field: 'type', message: `expected one of ${ACTIONS[alert.ruleId].join(', ')}` }],
    });
  const { alertId, orderNo, ruleId } = alert;
  const value: AlertAction = {
    actionId: actionIdOf(alertId, type, operatorId, key),
    orderNo,
    alertId,
    ruleId,
    type,
    operatorId,
    reason,
    requestedAt: now,
  };
  const publication = { topic: topics.alertAction, value, headers: { ...trace } };
  await within(PUBLISH_MS, publisher.publish([publication])).catch(() => {
    throw unavailable('Kafka');
  });
  return value;
}

function actionIdOf(alertId: string, type: string, by: string, key: string | undefined): string {
  // An alert is acknowledged once by whoever, however often the button is pressed.
  if (type === 'ACKNOWLEDGE') return `ack-${hashOf([alertId, by])}`;
  return key === undefined ? `act-${randomUUID()}` : `act-${hashOf([alertId, type, by, key])}`;
}

function hashOf(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}

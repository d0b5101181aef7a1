import { v5 } from 'uuid';
import type { RuleId } from './timeline.ts';

const NAMESPACE = 'dac0f22e-dadc-5783-9e5a-e662bfcd2252';

/**
 * The id of an alert: the same on every replay, so that readers can take a repeated alert for what it is.
 *
 * @example
 * alertId('ORD-20240201-000123', 'RULE_A', 'evt_1'); // '47f7da59-6d70-50ec-baf3-34b6a99133db'
 */
export function alertId(orderNo: string, ruleId: RuleId, eventId: string): string {
  return v5(`${orderNo}|${ruleId}|${eventId}`, NAMESPACE);
}

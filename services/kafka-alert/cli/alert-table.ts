import type { AlertRaised, AlertResolved } from '#schemas';
import type { Colour } from './io.ts';
import { printable, shortTime } from './text.ts';

type Paint = (colour: Colour, text: string) => string;

const RULES: Readonly<Record<string, { colour: Colour; meaning: string }>> = {
  RULE_A: { colour: 'red', meaning: 'paid, but the order was not updated' },
  RULE_B: { colour: 'yellow', meaning: 'order is PAID, but the money is not there' },
  RULE_C: { colour: 'magenta', meaning: 'paid too late, or for a failed order' },
};

const TIME = 20;
const RULE = 8;
const ORDER = 26;
const STATE = 34;
const EVENT = 26;

/** The head of the table whose rows are `alertRow` and `resolutionRow`. */
export function tableHead(paint: Paint): string {
  const columns = ['detected (UTC)'.padEnd(TIME), 'rule'.padEnd(RULE), 'order'.padEnd(ORDER)];
  return paint('bold', [...columns, 'payment / order → expected'.padEnd(STATE), 'event'].join(' '));
}

export function alertRow(alert: AlertRaised, paint: Paint): string {
  const { observed, expected, ruleId } = alert;
  const rule = RULES[ruleId];
  const state = `${observed.paymentStatus ?? 'none'} / ${observed.orderStatus} → ${expected.orderStatus}`;
  return [
    shortTime(alert.detectedAt).padEnd(TIME),
    paint(rule?.colour ?? 'bold', ruleId.padEnd(RULE)),
    printable(alert.orderNo).padEnd(ORDER),
    printable(state).padEnd(STATE),
    printable(alert.eventId).padEnd(EVENT),
    paint('dim', rule?.meaning ?? ''),
  ].join(' ');
}

export function resolutionRow(resolution: AlertResolved, paint: Paint): string {
  const { observed, ruleId } = resolution;
  return [
    shortTime(resolution.resolvedAt).padEnd(TIME),
    paint('green', ruleId.padEnd(RULE)),
    printable(resolution.orderNo).padEnd(ORDER),
    printable(`${observed.paymentStatus ?? 'none'} / ${observed.orderStatus}`).padEnd(STATE),
    printable(resolution.eventId).padEnd(EVENT),
    paint('green', 'resolved'),
  ].join(' ');
}

import { toJson, topics, type AlertRaised, type AlertResolved } from '#schemas';
import type { Io } from './io.ts';

/** One alert a line, in the contract's order of fields; sorted by time, order, rule and event. */
export function alertLines(alerts: readonly AlertRaised[]): string[] {
  return sorted(alerts, (alert) => alert.detectedAt).map(alertLine);
}

/** As `alertLines`, with resolutions following, each line beginning with its `type`. */
export function typedLines(
  alerts: readonly AlertRaised[],
  resolutions: readonly AlertResolved[],
): string[] {
  return [
    ...sorted(alerts, (alert) => alert.detectedAt).map(typedAlertLine),
    ...sorted(resolutions, (resolution) => resolution.resolvedAt).map(resolutionLine),
  ];
}

/** Prints alerts, and with resolutions those too. */
export function printAlerts(
  alerts: readonly AlertRaised[],
  resolutions: readonly AlertResolved[] | undefined,
  io: Io,
): void {
  const lines = resolutions ? typedLines(alerts, resolutions) : alertLines(alerts);
  // Not all at once: a string has a greatest length.
  for (let i = 0; i < lines.length; i += 10_000) {
    io.stdout.write(`${lines.slice(i, i + 10_000).join('\n')}\n`);
  }
}

export function alertLine(alert: AlertRaised): string {
  return JSON.stringify(toJson(topics.alertRaised, alert));
}

export function typedAlertLine(alert: AlertRaised): string {
  return JSON.stringify({ type: 'AlertRaised', ...toJson(topics.alertRaised, alert) });
}

export function resolutionLine(resolution: AlertResolved): string {
  return JSON.stringify({ type: 'AlertResolved', ...toJson(topics.alertResolved, resolution) });
}

interface Named {
  readonly orderNo: string;
  readonly ruleId: string;
  readonly eventId: string;
}

function sorted<T extends Named>(values: readonly T[], time: (value: T) => number): T[] {
  return values.toSorted(
    (a, b) =>
      time(a) - time(b) ||
      compare(a.orderNo, b.orderNo) ||
      compare(a.ruleId, b.ruleId) ||
      compare(a.eventId, b.eventId),
  );
}

/** By code units: the same everywhere, which a locale's order is not. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

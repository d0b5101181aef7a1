import type { OrderReport, TimelineReport } from './order-report.ts';

/** One thing in an order's life. */
export interface LifeLine {
  /** Event time, ISO 8601. */
  readonly at: string;
  readonly kind:
    | 'order'
    | 'payment'
    | 'raised'
    | 'suppressed'
    | 'not-raised'
    | 'resolved'
    /** Still to come: an evaluation, or a resolution. */
    | 'pending';
  /** Whom it is about: `order`, `payment`, or the rule. */
  readonly what: string;
  readonly text: string;
}

/**
 * An order's life in event time: its changes, the payments observed, and what every evaluation made of them.
 *
 * At one instant what happened comes first, then what was evaluated, then what was resolved.
 *
 * @example
 * for (const { at, what, text } of orderLife(report)) console.log(at, what, text);
 */
export function orderLife(report: Pick<OrderReport, 'timelines' | 'pending'>): readonly LifeLine[] {
  const lines = report.timelines.flatMap((timeline) => [
    ...happened(timeline),
    ...evaluated(timeline),
    ...unexplained(timeline),
    ...resolved(timeline),
  ]);
  const resolutions = report.pending
    .filter(({ what }) => what === 'resolve')
    .map(({ at, ruleId, eventId }): LifeLine => ({
      ...{ at, kind: 'pending', what: ruleId },
      text: `will be resolved: money and order agree then (${eventId})`,
    }));
  // ISO 8601 in UTC and of one length sorts as text; the sort is stable.
  return [...lines, ...resolutions].sort((x, y) => (x.at < y.at ? -1 : Number(x.at > y.at)));
}

function happened({ orderChanges, paymentObservations }: TimelineReport): LifeLine[] {
  return [
    ...orderChanges.map(({ updatedAt, status, paymentExpiresAt }): LifeLine => {
      const expiry = paymentExpiresAt === null ? '' : `, to be paid by ${paymentExpiresAt}`;
      return { at: updatedAt, kind: 'order', what: 'order', text: `${status}${expiry}` };
    }),
    ...paymentObservations.map(({ occurredAt, status, result, eventId, source }): LifeLine => {
      const from = source === 'UNKNOWN' ? 'source unknown' : `by ${source.toLowerCase()}`;
      const text = `${status} (${result}), ${from}, event ${eventId}`;
      return { at: occurredAt, kind: 'payment', what: 'payment', text };
    }),
  ];
}

function evaluated({ evaluations }: TimelineReport): LifeLine[] {
  return evaluations.map(({ at, ruleId, outcome, why }): LifeLine => {
    const text = outcome === 'pending' ? why : `${outcome.replace('-', ' ')}: ${why}`;
    return { at, kind: outcome, what: ruleId, text };
  });
}

/** Alerts that no evaluation of today stands for: the grace was another one then, or records were. */
function unexplained({ alerts, evaluations }: TimelineReport): LifeLine[] {
  const known = new Set(evaluations.map(({ alertId }) => alertId));
  return alerts
    .filter(({ alertId }) => !known.has(alertId))
    .map(({ ruleId, eventId, detectedAt }): LifeLine => {
      const text = `raised: under settings that have changed since (event ${eventId})`;
      return { at: detectedAt, kind: 'raised', what: ruleId, text };
    });
}

function resolved({ alerts }: TimelineReport): LifeLine[] {
  return alerts.flatMap(({ ruleId, eventId, detectedAt, resolvedAt }): LifeLine[] => {
    if (resolvedAt === null) return [];
    const text = `resolved: money and order agree again (raised at ${detectedAt}, event ${eventId})`;
    return [{ at: resolvedAt, kind: 'resolved', what: ruleId, text }];
  });
}

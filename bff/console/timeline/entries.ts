/** An order's records, for drawing: what the read model has, or else what kafka-alert has. */
import type { OpsOrderDetail } from '../../contract-ops.ts';

export interface Entry {
  /** Unique within its order. */
  readonly id: string;
  readonly lane: 'order' | 'payment';
  readonly at: number;
  readonly status: string;
  /** What a payment's status means for the money; null: the status is the order's. */
  readonly result: 'success' | 'failure' | 'neutral' | null;
  readonly source: 'UNKNOWN' | 'WEBHOOK' | 'POLLING' | null;
  readonly eventId: string | null;
  readonly reason: string | null;
}

type Known = Pick<OpsOrderDetail, 'timeline' | 'watched'>;

/** By time; of one instant, as they were read. */
export function entriesOf({ timeline, watched }: Known): readonly Entry[] {
  const entries = timeline.length > 0 ? timeline.map(fromReadModel) : fromWatched(watched);
  return entries
    .map((entry, i) => ({ ...entry, id: `${entry.lane}-${String(i)}` }))
    .sort((a, b) => a.at - b.at);
}

type Draft = Omit<Entry, 'id'>;

function fromReadModel(entry: OpsOrderDetail['timeline'][number]): Draft {
  if (entry.kind === 'order') {
    const { at, status, reason } = entry;
    return { lane: 'order', at, status, reason, result: null, source: null, eventId: null };
  }
  const { at, status, result, source, eventId } = entry;
  return { lane: 'payment', at, status, result, source, eventId, reason: null };
}

function fromWatched(watched: OpsOrderDetail['watched']): readonly Draft[] {
  return (watched?.timelines ?? []).flatMap(({ orderChanges, paymentObservations }) => [
    ...orderChanges.map(({ updatedAt, status }): Draft => {
      const at = Date.parse(updatedAt);
      return { lane: 'order', at, status, result: null, source: null, eventId: null, reason: null };
    }),
    ...paymentObservations.map(({ occurredAt, status, result, eventId }): Draft => {
      const known = result === 'success' || result === 'failure' ? result : 'neutral';
      const at = Date.parse(occurredAt);
      return { lane: 'payment', at, status, result: known, source: null, eventId, reason: null };
    }),
  ]);
}

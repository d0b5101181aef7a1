/**
 * An order's history as a shopper reads it: what happened, in few words. Pure.
 *
 * The same thing is told once, though the provider reports it twice (it calls us, and we ask it), and of what it only
 * notes in passing nothing is said.
 */
import type { OrderDetail, TimelineEntry } from '../contract.ts';
import { failureOf } from './progress.ts';

export type Event =
  | 'ordered'
  | 'ready-to-pay'
  | 'payment-seen'
  | 'payment-refused'
  | 'paid'
  | 'declined'
  | 'expired'
  | 'sold-out'
  | 'failed';

export interface Told {
  readonly at: number;
  readonly event: Event;
}

export function storyOf(order: Pick<OrderDetail, 'timeline' | 'paymentExpiresAt'>): Told[] {
  const told: Told[] = [];
  for (const entry of order.timeline) {
    const event = eventOf(entry, order.paymentExpiresAt);
    if (event !== null && !told.some((each) => each.event === event)) {
      told.push({ at: entry.at, event });
    }
  }
  return told;
}

function eventOf(entry: TimelineEntry, expiresAt: number | null): Event | null {
  if (entry.kind === 'payment') {
    if (entry.result === 'neutral') return null;
    return entry.result === 'success' ? 'payment-seen' : 'payment-refused';
  }
  switch (entry.status) {
    case 'PENDING':
      return 'ordered';
    case 'WAITING_PAYMENT':
      return 'ready-to-pay';
    case 'PAID':
      return 'paid';
    case 'FAILED':
      return failureOf({ ...entry, statusAt: entry.at, expiresAt });
    case 'UNKNOWN':
      return null;
  }
}

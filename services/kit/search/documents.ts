/** What the search engine holds: written by the search indexer, read by whoever searches. */
import type { ObservedState, OrderStatus, RuleId } from '#schemas';

/** A product as of its event with the highest version. */
export interface ProductDocument {
  readonly sku: string;
  /** A product that is not sold any more stays: a deleted document's version would be forgotten, and an old event bring it back. */
  readonly listed: boolean;
  readonly nameJa: string;
  readonly nameEn: string;
  readonly descriptionJa: string;
  readonly descriptionEn: string;
  readonly category: string;
  /** Yen. */
  readonly price: number;
  readonly version: number;
  readonly occurredAt: number;
  /** The texts in the form that is searched. */
  readonly text: {
    readonly nameJa: string;
    readonly nameEn: string;
    readonly descriptionJa: string;
    readonly descriptionEn: string;
  };
  /** How it is suggested; missing where it is not. */
  readonly suggest?: { readonly ja?: readonly string[]; readonly en?: readonly string[] };
}

/** An order in parts, one for each kind of event; a part is as of its latest event, and missing before the first. */
export interface OrderDocument {
  readonly orderNo: string;
  readonly created?: {
    readonly createdAt: number;
    readonly accountId: string;
    readonly skus: readonly string[];
    readonly totalAmount: number;
  };
  readonly current?: {
    readonly statusAt: number;
    readonly status: OrderStatus;
    readonly reason: string | null;
  };
  readonly payment?: {
    readonly paymentStatusAt: number;
    /** The provider's word. */
    readonly paymentStatus: string;
    readonly eventId: string;
  };
}

export type AlertState = 'NEW' | 'ACKNOWLEDGED' | 'RESOLVED';

/** An alert in parts, one for each kind of event. */
export interface AlertDocument {
  readonly alertId: string;
  /** As the parts say. */
  readonly orderNo: string;
  readonly ruleId: RuleId;
  readonly state: AlertState;
  readonly raised?: AlertPart & {
    readonly detectedAt: number;
    readonly eventId: string;
    readonly observed: ObservedState;
    readonly expected: { readonly orderStatus: string };
  };
  readonly acknowledged?: AlertPart & {
    readonly acknowledgedAt: number;
    readonly acknowledgedBy: string;
    readonly actionId: string;
  };
  readonly resolved?: AlertPart & { readonly resolvedAt: number };
}

interface AlertPart {
  readonly orderNo: string;
  readonly ruleId: RuleId;
}

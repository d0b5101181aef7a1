// Written by schemas/generate.ts from schemas/*.avsc: change those, then run it.

export type OrderStatus = 'UNKNOWN' | 'PENDING' | 'WAITING_PAYMENT' | 'PAID' | 'FAILED';

/** The order's status changed. Topic order-status-changed, key orderNo (UTF-8 string). */
export interface OrderStatusChanged {
  readonly orderNo: string;
  readonly status: OrderStatus;
  /** The payment status that the order service held at the change. */
  readonly paymentStatus: string | null;
  /** Event time. Epoch milliseconds. */
  readonly updatedAt: number;
  /** Epoch milliseconds. */
  readonly paymentExpiresAt: number | null;
  readonly reason: string | null;
}

export type ObservationSource = 'UNKNOWN' | 'WEBHOOK' | 'POLLING';

/** A payment status was observed at the provider. Topic payment-status-observed, key orderNo (UTF-8 string). */
export interface PaymentStatusObserved {
  readonly orderNo: string;
  /** The provider's word, e.g. COMPLETED, CAPTURED, FAILED, CANCELLED, EXPIRED. */
  readonly status: string;
  /** The same for every observation of the same provider event. */
  readonly eventId: string;
  /** Event time. Epoch milliseconds. */
  readonly occurredAt: number;
  readonly source: ObservationSource;
}

export type RuleId = 'UNKNOWN' | 'RULE_A' | 'RULE_B' | 'RULE_C';

export interface ObservedState {
  readonly paymentStatus: string | null;
  readonly orderStatus: string;
}

export interface ExpectedState {
  readonly orderStatus: string;
}

/** An order and its payment disagree. Topic alerts.order_payment_inconsistency.v1, key orderNo (UTF-8 string). */
export interface AlertRaised {
  readonly alertId: string;
  readonly ruleId: RuleId;
  readonly orderNo: string;
  /** The event that triggered the rule; orderNo+ruleId+eventId is raised once. */
  readonly eventId: string;
  readonly observed: ObservedState;
  readonly expected: ExpectedState;
  /** Epoch milliseconds. */
  readonly detectedAt: number;
  readonly source: string;
}

/** A raised alert no longer holds. Topic alerts.order_payment_inconsistency.resolved.v1, key orderNo (UTF-8 string). */
export interface AlertResolved {
  readonly alertId: string;
  readonly ruleId: RuleId;
  readonly orderNo: string;
  readonly eventId: string;
  readonly observed: ObservedState;
  /** Epoch milliseconds. */
  readonly resolvedAt: number;
  readonly source: string;
}

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

export type AlertActionType = 'UNKNOWN' | 'ACKNOWLEDGE' | 'RESEND_PAYMENT_RESULT' | 'COMPENSATE' | 'QUERY_AND_ROLL_BACK' | 'REFUND' | 'ACCEPT_PAYMENT';

/** What an operator decided about an alert. Topic alert-actions, key orderNo. */
export interface AlertAction {
  /** The same for every repetition of the same decision. */
  readonly actionId: string;
  readonly orderNo: string;
  readonly alertId: string;
  readonly ruleId: RuleId;
  readonly type: AlertActionType;
  /** The account that decided. */
  readonly operatorId: string;
  /** Why, in the operator's words. */
  readonly reason: string;
  /** Event time. Epoch milliseconds. */
  readonly requestedAt: number;
}

export type AlertActionResult = 'UNKNOWN' | 'DONE' | 'REFUSED';

/** What became of an operator's decision. Topic alert-action-outcomes, key orderNo. */
export interface AlertActionOutcome {
  readonly actionId: string;
  readonly orderNo: string;
  readonly outcome: AlertActionResult;
  /** What was done, or why it was not, in words. */
  readonly detail: string;
  /** Event time. Epoch milliseconds. */
  readonly occurredAt: number;
}

export type OrderCommandType = 'UNKNOWN' | 'CREATE';

export interface OrderLine {
  readonly sku: string;
  /** At least 1. */
  readonly quantity: number;
  /** Yen, tax included. */
  readonly unitPrice: number;
}

/** What somebody wants of an order. Topic order-commands, key orderNo. */
export interface OrderCommand {
  /** The same for every repetition of the same wish. */
  readonly commandId: string;
  readonly orderNo: string;
  readonly type: OrderCommandType;
  /** Whose order it is. */
  readonly accountId: string;
  readonly lines: readonly (OrderLine)[];
  /** Yen: the sum over the lines. */
  readonly totalAmount: number;
  /** Event time. Epoch milliseconds. */
  readonly requestedAt: number;
}

/** An order was taken on: what was ordered, by whom. Topic order-created, key orderNo. */
export interface OrderCreated {
  readonly orderNo: string;
  readonly accountId: string;
  readonly lines: readonly (OrderLine)[];
  /** Yen. */
  readonly totalAmount: number;
  /** Event time. Epoch milliseconds. */
  readonly createdAt: number;
}

export type StorageCommandType = 'UNKNOWN' | 'RESERVE' | 'CONFIRM' | 'COMPENSATE' | 'RESTOCK';

/** What is to happen to the stock of one sku. Topic storage-commands, key sku. */
export interface StorageCommand {
  /** The same for every repetition of the same command. */
  readonly commandId: string;
  readonly sku: string;
  readonly type: StorageCommandType;
  /** Whose reservation; null when stock comes in. */
  readonly orderNo: string | null;
  /** Which reservation of this order it is about. */
  readonly attempt: number;
  /** At least 1. */
  readonly quantity: number;
  /** Event time. Epoch milliseconds. */
  readonly requestedAt: number;
}

export type StorageEventType = 'UNKNOWN' | 'RESERVED' | 'REFUSED' | 'CONFIRMED' | 'COMPENSATED' | 'RESTOCKED';

/** What happened to the stock of one sku. Topic storage-events, key orderNo, or sku when stock came in. */
export interface StorageEvent {
  /** Of the command that it answers. */
  readonly commandId: string;
  readonly sku: string;
  readonly type: StorageEventType;
  readonly orderNo: string | null;
  readonly quantity: number;
  /** Why it was refused. */
  readonly reason: string | null;
  /** After it. */
  readonly available: number;
  /** After it. */
  readonly reserved: number;
  /** After it. */
  readonly sold: number;
  /** Counts the changes of this sku: a lower one is older. */
  readonly version: number;
  /** Event time. Epoch milliseconds. */
  readonly occurredAt: number;
}

export type PaymentCommandType = 'UNKNOWN' | 'CREATE' | 'QUERY' | 'CANCEL' | 'REFUND';

/** What is to be asked of the payment provider. Topic payment-commands, key orderNo. */
export interface PaymentCommand {
  /** The same for every repetition of the same command. */
  readonly commandId: string;
  readonly orderNo: string;
  readonly type: PaymentCommandType;
  /** Our id of the payment at the provider; one attempt has one. */
  readonly merchantPaymentId: string;
  /** The code to be closed, of CANCEL; null when it is not known. */
  readonly codeId: string | null;
  /** Yen; of CREATE and REFUND. */
  readonly amount: number | null;
  /** What led to a QUERY: what it finds is observed as such. */
  readonly source: ObservationSource;
  readonly reason: string | null;
  /** Event time. Epoch milliseconds. */
  readonly requestedAt: number;
}

export type PaymentEventType = 'UNKNOWN' | 'CREATED' | 'CREATE_FAILED' | 'QUERIED' | 'CANCELLED' | 'ALREADY_PAID' | 'REFUNDED' | 'REFUND_FAILED';

/** What became of a command to the payment provider. Topic payment-events, key orderNo. */
export interface PaymentEvent {
  /** Of the command that it answers. */
  readonly commandId: string;
  readonly orderNo: string;
  readonly type: PaymentEventType;
  readonly merchantPaymentId: string;
  /** The payment's status at the provider, as in PaymentStatusObserved. */
  readonly status: string | null;
  /** Of CREATED: what closes it. */
  readonly codeId: string | null;
  /** Where the shopper pays; of CREATED. */
  readonly url: string | null;
  /** Until when the shopper can pay; of CREATED. Epoch milliseconds. */
  readonly expiresAt: number | null;
  /** When the shopper paid, as far as that is known. Epoch milliseconds. */
  readonly paidAt: number | null;
  /** Why it failed, in the provider's words. */
  readonly reason: string | null;
  /** Event time. Epoch milliseconds. */
  readonly occurredAt: number;
}

/** How long an order took from its payment's success to PAID. Topic payment-confirmations, key orderNo. */
export interface PaymentConfirmation {
  readonly orderNo: string;
  /** When the payment succeeded. Epoch milliseconds. */
  readonly paidAt: number;
  /** When the order was PAID; null when it was not within the window. Epoch milliseconds. */
  readonly confirmedAt: number | null;
  readonly isWithinObjective: boolean;
  /** Event time. Epoch milliseconds. */
  readonly measuredAt: number;
}

export type AccountEventType = 'UNKNOWN' | 'REGISTERED' | 'CHANGED' | 'CLOSED';

/** An account was made or changed; never its password. Topic account-events, key accountId. */
export interface AccountEvent {
  readonly accountId: string;
  readonly type: AccountEventType;
  readonly email: string;
  readonly displayName: string;
  /** shopper, operator. */
  readonly roles: readonly (string)[];
  /** Counts the changes of this account: a lower one is older. */
  readonly version: number;
  /** Event time. Epoch milliseconds. */
  readonly occurredAt: number;
}

export type ProductEventType = 'UNKNOWN' | 'LISTED' | 'DELISTED';

/** A product as it is sold from now on. Topic product-events, key sku. */
export interface ProductEvent {
  readonly sku: string;
  readonly type: ProductEventType;
  readonly nameJa: string;
  readonly nameEn: string;
  readonly descriptionJa: string;
  readonly descriptionEn: string;
  readonly category: string;
  /** Yen, tax included. */
  readonly price: number;
  /** Counts the changes of this product: a lower one is older. */
  readonly version: number;
  /** Event time. Epoch milliseconds. */
  readonly occurredAt: number;
}

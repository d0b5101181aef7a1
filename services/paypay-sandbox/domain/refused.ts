/** Why something can't be done; the edges have their own words (and codes) for it. */
export type RefusalReason =
  | 'DUPLICATE_PAYMENT'
  | 'UNKNOWN_CODE'
  | 'UNKNOWN_PAYMENT'
  | 'UNKNOWN_PAYMENT_TO_REFUND'
  | 'UNKNOWN_REFUND'
  | 'ALREADY_PAID'
  | 'NOT_PAYABLE'
  | 'NOT_REVERSIBLE'
  | 'NOT_REFUNDABLE'
  | 'REFUND_TOO_HIGH'
  | 'REFUND_ID_TAKEN';

/** A command that was not carried out, and changed nothing. */
export class Refused extends Error {
  readonly reason: RefusalReason;

  constructor(reason: RefusalReason, message: string) {
    super(message);
    this.name = 'Refused';
    this.reason = reason;
  }
}

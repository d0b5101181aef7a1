import type { PaymentCommand, PaymentStatusObserved } from '#schemas';
import { orderOf } from './attempts.ts';
import type { PaymentDetails } from './paypay/answers.ts';

/** Says nothing that anybody would act on. */
const QUIET = new Set(['CREATED', 'REAUTHORIZING']);

/** The provider's word, as the rules know it. */
export function statusOf({ status }: Pick<PaymentDetails, 'status'>): string {
  return status === 'CANCELED' ? 'CANCELLED' : status;
}

/** When the shopper paid, epoch ms; null while that is not so. */
export function paidAtOf({ acceptedAt }: Pick<PaymentDetails, 'acceptedAt'>): number | null {
  return acceptedAt ? 1000 * acceptedAt : null;
}

/**
 * What was seen at the provider, as an event. One event of the provider has one `eventId`, however often and in whatever way it
 * is seen: it is made of the payment, its state and the refund, and has no times.
 *
 * @param now epoch ms; where the provider gives no time
 * @returns undefined when there is nothing to tell
 */
export function observationOf(
  details: PaymentDetails,
  source: PaymentCommand['source'],
  now: number,
): PaymentStatusObserved | undefined {
  if (QUIET.has(details.status)) return undefined;
  const refund = details.status === 'REFUNDED' ? details.refunds?.data.at(-1) : undefined;
  const id = details.paymentId ?? details.merchantPaymentId;
  const parts = [id, statusOf(details), ...(refund ? [refund.merchantRefundId] : [])];
  const at = refund ? paidAtOf(refund) : details.status === 'COMPLETED' ? paidAtOf(details) : null;
  return {
    orderNo: orderOf(details.merchantPaymentId),
    status: statusOf(details),
    eventId: parts.join(':'),
    occurredAt: at ?? now,
    source,
  };
}

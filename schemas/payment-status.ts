/** What the provider's word means for the money. */
export type PaymentResult = 'success' | 'failure' | 'neutral';

/**
 * Words are compared exactly. One that is neither success nor failure (CREATED, AUTHORIZED, REFUNDED, and any that
 * a provider may invent) is neutral: it becomes the latest status and says nothing about the money.
 */
export function resultOf(paymentStatus: string): PaymentResult {
  switch (paymentStatus) {
    case 'COMPLETED':
    case 'SUCCESS':
    case 'CAPTURED':
      return 'success';
    case 'FAILED':
    case 'CANCELLED':
    case 'CANCELED': // as PayPay spells it
    case 'EXPIRED':
      return 'failure';
    default:
      return 'neutral';
  }
}

/** Payments as the API tells them: times in epoch seconds, amounts with their currency. */
import type { Payment, Refund } from '../domain/payment.ts';

const CURRENCY = 'JPY';

/** The answer to the creation of a code; `payUrl` is its page. */
export function codeView(payment: Payment, payUrl: string): object {
  const { codeId, merchantPaymentId, amountJpy, expiresAtMs, requestedAtS } = payment;
  return {
    codeId,
    url: payUrl,
    deeplink: `paypay://payment?link_key=${encodeURIComponent(payUrl)}`,
    expiryDate: seconds(expiresAtMs),
    merchantPaymentId,
    amount: yen(amountJpy),
    ...(payment.orderDescription !== undefined && { orderDescription: payment.orderDescription }),
    codeType: 'ORDER_QR',
    requestedAt: requestedAtS,
    ...(payment.redirectUrl !== undefined && { redirectUrl: payment.redirectUrl }),
    ...(payment.redirectType !== undefined && { redirectType: payment.redirectType }),
    isAuthorization: payment.isAuthorization,
  };
}

/** Payment details; `acceptedAt` is 0 while nothing was paid. */
export function paymentView(payment: Payment): object {
  return {
    paymentId: payment.paymentId,
    status: payment.status,
    acceptedAt: payment.acceptedAtMs === undefined ? 0 : seconds(payment.acceptedAtMs),
    merchantPaymentId: payment.merchantPaymentId,
    amount: yen(payment.amountJpy),
    requestedAt: payment.requestedAtS,
    expiryDate: seconds(payment.expiresAtMs),
    ...(payment.orderDescription !== undefined && { orderDescription: payment.orderDescription }),
    refunds: { data: payment.refunds.map((refund) => refundView(payment, refund)) },
  };
}

export function refundView({ paymentId }: Payment, refund: Refund): object {
  return {
    status: 'REFUNDED',
    acceptedAt: seconds(refund.acceptedAtMs),
    merchantRefundId: refund.merchantRefundId,
    paymentId,
    amount: yen(refund.amountJpy),
    requestedAt: refund.requestedAtS,
    reason: refund.reason ?? '',
  };
}

function yen(amount: number): object {
  return { amount, currency: CURRENCY };
}

function seconds(ms: number): number {
  return Math.floor(ms / 1_000);
}

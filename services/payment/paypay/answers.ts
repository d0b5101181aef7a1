import { z } from 'zod';

/** Seconds since the epoch, as the provider gives times; 0 where there is none yet. */
const seconds = z.number().int().min(0);
const money = z.object({ amount: z.number().int(), currency: z.literal('JPY') });

/** What every answer of the provider has. */
export const resultInfo = z.object({ code: z.string(), message: z.string().optional() });

/** A code that a shopper can pay with. @see https://www.paypay.ne.jp/opa/doc/v1.0/dynamicqrcode */
export const createdCode = z.object({
  codeId: z.string().min(1),
  url: z.url(),
  expiryDate: seconds,
  merchantPaymentId: z.string(),
});
export type CreatedCode = z.output<typeof createdCode>;

const refund = z.object({
  status: z.string(),
  acceptedAt: seconds,
  merchantRefundId: z.string(),
  amount: money,
});

/** A payment as the provider knows it. What it may say besides is not read. */
export const paymentDetails = z.object({
  paymentId: z.string().nullish(),
  /** CREATED, AUTHORIZED, REAUTHORIZING, COMPLETED, REFUNDED, FAILED, CANCELED, EXPIRED. */
  status: z.string(),
  acceptedAt: seconds.nullish(),
  merchantPaymentId: z.string(),
  amount: money,
  refunds: z.object({ data: z.array(refund) }).nullish(),
});
export type PaymentDetails = z.output<typeof paymentDetails>;

export const refundDetails = refund;

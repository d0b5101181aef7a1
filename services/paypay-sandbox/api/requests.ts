/** The bodies that the API takes. */
import { z } from 'zod';
import type { CodeRequest, RefundRequest } from '../domain/moves.ts';

const amount = z.strictObject({
  amount: z.int().min(1).max(99_999_999_999),
  currency: z.literal('JPY'),
});
const merchantId = () => z.string().min(1).max(64);
const short = () => z.string().min(1).max(255);
const epochSeconds = z.int().min(0);

const codeBody = z.strictObject({
  merchantPaymentId: merchantId(),
  amount,
  codeType: z.literal('ORDER_QR'),
  requestedAt: epochSeconds,
  orderDescription: short().optional(),
  isAuthorization: z.boolean().optional(),
  redirectUrl: z.url().max(2_048).optional(),
  redirectType: z.enum(['WEB_LINK', 'APP_DEEP_LINK']).optional(),
  // Only told again, in webhooks, or of no effect here.
  storeId: short().optional(),
  terminalId: short().optional(),
  storeInfo: short().optional(),
  userAgent: z.string().max(2_048).optional(),
});

const refundBody = z.strictObject({
  merchantRefundId: merchantId(),
  paymentId: merchantId(),
  amount,
  requestedAt: epochSeconds,
  reason: short().optional(),
});

/** A body that is not what the API takes; the message names what is wrong with it. */
export class InvalidParams extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'InvalidParams';
  }
}

/** @throws {InvalidParams} */
export function readCodeRequest(body: unknown): CodeRequest {
  const code = read(codeBody, body);
  return {
    merchantPaymentId: code.merchantPaymentId,
    amountJpy: code.amount.amount,
    requestedAtS: code.requestedAt,
    isAuthorization: code.isAuthorization ?? false,
    orderDescription: code.orderDescription,
    redirectUrl: code.redirectUrl,
    redirectType: code.redirectType,
    storeId: code.storeId,
    terminalId: code.terminalId,
  };
}

/** @throws {InvalidParams} */
export function readRefundRequest(body: unknown): RefundRequest & { readonly paymentId: string } {
  const { amount, requestedAt, ...rest } = read(refundBody, body);
  return { ...rest, amountJpy: amount.amount, requestedAtS: requestedAt };
}

/** The text of a body as JSON. @throws {InvalidParams} */
export function readJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch (error) {
    throw new InvalidParams(`the body is no JSON: ${(error as Error).message}`);
  }
}

function read<T extends z.ZodType>(schema: T, body: unknown): z.output<T> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new InvalidParams(faultsIn(parsed.error).join('; '));
}

/** Where each fault is, and what it is. */
export function faultsIn(error: z.ZodError): string[] {
  return error.issues.map(({ path, message }) =>
    path.length > 0 ? `${path.join('.')}: ${message}` : message,
  );
}

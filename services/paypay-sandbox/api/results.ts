/**
 * What the API answers with, by what came of a call.
 *
 * @see https://www.paypay.ne.jp/opa/doc/v1.0/dynamicqrcode
 */
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { RefusalReason } from '../domain/refused.ts';

export interface Result {
  readonly status: ContentfulStatusCode;
  readonly code: string;
  readonly codeId: string;
  readonly message: string;
}

const result = (
  status: ContentfulStatusCode,
  code: string,
  codeId: string,
  message: string,
): Result => ({ status, code, codeId, message });

export const SUCCESS = result(200, 'SUCCESS', '08100001', 'Success');
export const CREATED = result(201, 'SUCCESS', '08100001', 'Success');
export const ACCEPTED = result(202, 'REQUEST_ACCEPTED', '08100001', 'Request accepted');
export const UNAUTHORIZED = result(401, 'UNAUTHORIZED', '08100016', 'Unauthorized request');
export const INVALID_PARAMS = result(
  400,
  'INVALID_PARAMS',
  '00200004',
  'Invalid parameters received',
);
export const BROKEN = result(
  500,
  'INTERNAL_SERVER_ERROR',
  '08101000',
  'Something went wrong on PayPay service side',
);

export const FAULTS: Readonly<Record<429 | 500 | 503, Result>> = {
  429: result(429, 'RATE_LIMIT', '08100998', 'Too many requests'),
  500: BROKEN,
  503: result(503, 'MAINTENANCE_MODE', '08100999', 'Sorry, we are down for scheduled maintenance'),
};

/** "Not found" is a 400 for codes and payments, and a 404 for refunds. */
export const REFUSALS: Readonly<Record<RefusalReason, Result>> = {
  DUPLICATE_PAYMENT: result(
    400,
    'DUPLICATE_DYNAMIC_QR_REQUEST',
    '01652073',
    'Duplicate Dynamic QR request error',
  ),
  UNKNOWN_CODE: result(400, 'DYNAMIC_QR_NOT_FOUND', '01652072', 'Dynamic qr code not found'),
  UNKNOWN_PAYMENT: result(
    400,
    'DYNAMIC_QR_PAYMENT_NOT_FOUND',
    '01652075',
    'Dynamic QR payment not found',
  ),
  UNKNOWN_PAYMENT_TO_REFUND: result(404, 'RESOURCE_NOT_FOUND', '00200001', 'Order not found'),
  UNKNOWN_REFUND: result(404, 'NO_SUCH_REFUND_ORDER', '00200018', 'Refund not found'),
  ALREADY_PAID: result(400, 'DYNAMIC_QR_ALREADY_PAID', '01652074', 'Dynamic QR already paid'),
  NOT_PAYABLE: result(400, 'DYNAMIC_QR_BAD_REQUEST', '01650000', 'Dynamic QR bad request error'),
  NOT_REVERSIBLE: result(400, 'ORDER_NOT_REVERSIBLE', '00200044', 'Order cannot be reversed'),
  NOT_REFUNDABLE: result(400, 'UNACCEPTABLE_OP', '00200013', 'Order cannot be refunded'),
  REFUND_TOO_HIGH: result(400, 'INVALID_PARAMS', '00200015', 'Invalid refund amount'),
  REFUND_ID_TAKEN: result(400, 'UNACCEPTABLE_OP', '00200014', 'Multiple refund not allowed'),
};

import { createHash, createHmac, randomUUID } from 'node:crypto';

/** How a merchant is known to PayPay. */
export interface PayPayKeys {
  readonly apiKey: string;
  readonly apiSecret: string;
  readonly merchantId: string;
}

/** What is signed of a request. */
export interface SignedParts {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** Exactly as it is sent; undefined: none. */
  readonly body?: string | undefined;
  readonly contentType?: string | undefined;
}

const SCHEME = 'hmac OPA-Auth';
const NONE = 'empty';

/**
 * The `Authorization` header of PayPay's Open Payment API.
 *
 * @param epochSeconds now; PayPay takes two minutes of difference
 * @see https://www.paypay.ne.jp/opa/doc/v1.0/dynamicqrcode#tag/Api-Authentication
 */
export function authorization(
  { apiKey, apiSecret }: Pick<PayPayKeys, 'apiKey' | 'apiSecret'>,
  parts: SignedParts,
  epochSeconds: number,
  nonce = randomUUID().slice(0, 8),
): string {
  const hash = hashOf(parts);
  const mac = macOf(apiSecret, parts, hash, epochSeconds, nonce);
  return [SCHEME, apiKey, mac, nonce, String(epochSeconds), hash].join(':');
}

/** What an `Authorization` header says. */
export interface Authorization {
  readonly apiKey: string;
  readonly mac: string;
  readonly nonce: string;
  readonly epochSeconds: number;
  readonly hash: string;
}

/** Reads the header; undefined when it is none of PayPay's. */
export function readAuthorization(header: string | undefined): Authorization | undefined {
  const [scheme, apiKey, mac, nonce, epoch, hash, ...rest] = (header ?? '').split(':');
  if (scheme !== SCHEME || hash === undefined || rest.length > 0) return undefined;
  return { apiKey: apiKey!, mac: mac!, nonce: nonce!, epochSeconds: Number(epoch), hash };
}

/** Base64 MD5 over content type, then body: a checksum, the MAC is over it. */
export function hashOf({ body, contentType }: SignedParts): string {
  if (body === undefined || contentType === undefined) return NONE;
  return createHash('md5').update(contentType).update(body).digest('base64');
}

export function macOf(
  apiSecret: string,
  { method, path, body, contentType }: SignedParts,
  hash: string,
  epochSeconds: number,
  nonce: string,
): string {
  const type = body === undefined ? NONE : (contentType ?? NONE);
  const signed = [path, method, nonce, String(epochSeconds), type, hash].join('\n');
  return createHmac('sha256', apiSecret).update(signed).digest('base64');
}

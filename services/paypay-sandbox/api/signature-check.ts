import { timingSafeEqual } from 'node:crypto';
import { hashOf, macOf, readAuthorization, type PayPayKeys, type SignedParts } from '#kit';

/** How far the merchant's clock may be off. */
export const MAX_CLOCK_DIFFERENCE_MS = 120_000;

/**
 * What is wrong with a request's `Authorization`; undefined: nothing.
 *
 * @param header as it came
 * @param parts what was to be signed: the body exactly as it came (undefined: none), the path without the query
 * @see https://www.paypay.ne.jp/opa/doc/v1.0/dynamicqrcode#tag/Api-Authentication
 */
export function whatIsWrongWith(
  header: string | undefined,
  parts: SignedParts,
  keys: Pick<PayPayKeys, 'apiKey' | 'apiSecret'>,
  nowMs: number,
): string | undefined {
  const said = readAuthorization(header);
  if (!said) return 'there is no Authorization of PayPay’s kind';
  if (said.apiKey !== keys.apiKey) return 'the API key is not known';
  const differenceMs = Math.abs(nowMs - said.epochSeconds * 1_000);
  // Also when it is no number.
  if (!(differenceMs <= MAX_CLOCK_DIFFERENCE_MS)) return 'the time is more than 2 minutes off';
  if (said.hash !== hashOf(parts)) return 'the hash is not that of content type and body';
  const mac = macOf(keys.apiSecret, parts, said.hash, said.epochSeconds, said.nonce);
  return same(mac, said.mac) ? undefined : 'the signature is wrong';
}

function same(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

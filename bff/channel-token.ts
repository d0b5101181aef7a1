/**
 * What opens the WebSocket of one order: signed, for one session of one account, for a minute, and for one purpose. That it is
 * used once is seen to by whoever takes it (`id`).
 */
import { createHmac, randomBytes } from 'node:crypto';
import { z } from 'zod';
import { isSame } from './sessions.ts';

const PURPOSE = 'order-channel.v1';
export const CHANNEL_TOKEN_MS = 60_000;

const claims = z.object({
  purpose: z.literal(PURPOSE),
  id: z.string(),
  accountId: z.string(),
  orderNo: z.string(),
  /** The hash of the session's id. */
  session: z.string(),
  expiresAt: z.number(),
});
export type ChannelClaims = Readonly<z.output<typeof claims>>;

export interface ChannelFor {
  readonly accountId: string;
  readonly orderNo: string;
  readonly session: string;
}

/**
 * @example
 * const { channelToken } = issueChannelToken({ accountId, orderNo, session: session.hash }, secret, Date.now());
 */
export function issueChannelToken(
  { accountId, orderNo, session }: ChannelFor,
  secret: string,
  now: number,
): { readonly channelToken: string; readonly channelTokenExpiresAt: number } {
  const expiresAt = now + CHANNEL_TOKEN_MS;
  const id = randomBytes(16).toString('base64url');
  const content = { purpose: PURPOSE, id, accountId, orderNo, session, expiresAt };
  const payload = Buffer.from(JSON.stringify(content)).toString('base64url');
  const channelToken = `${payload}.${macOf(payload, secret)}`;
  return { channelToken, channelTokenExpiresAt: expiresAt };
}

/** What a token says; undefined unless it was signed here, for this, and is not over. */
export function readChannelToken(
  token: string,
  wanted: ChannelFor,
  secret: string,
  now: number,
): ChannelClaims | undefined {
  const [payload, mac, ...more] = token.split('.');
  if (payload === undefined || mac === undefined || more.length > 0 || token.length > 2000)
    return undefined;
  if (!isSame(mac, macOf(payload, secret))) return undefined;
  const read = claims.safeParse(JSON.parse(Buffer.from(payload, 'base64url').toString()));
  if (!read.success) return undefined;
  const { accountId, orderNo, session, expiresAt } = read.data;
  const isMeant =
    accountId === wanted.accountId && orderNo === wanted.orderNo && session === wanted.session;
  return isMeant && now < expiresAt ? read.data : undefined;
}

function macOf(payload: string, secret: string): string {
  return createHmac('sha256', secret).update(`${PURPOSE}.${payload}`).digest('base64url');
}

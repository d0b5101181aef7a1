/** Which webhooks come of an event, with what is wrong about them. They are not signed, and have no id of their own. */
import type { PaymentEvent, PlannedWebhook } from './events.ts';
import type { FaultSet } from './faults.ts';
import { evolve, type Payment, type Refund } from './payment.ts';
import { AUTHORIZATION_MS } from './moves.ts';

/** How long one is held back at most when a later one has to overtake it, and no `delayMs` says how long. */
export const HELD_MS = 10_000;
const JST_MS = 9 * 3_600_000;

/**
 * The events, each followed by the webhooks that come of it: in one entry of the journal, so that none is forgotten.
 *
 * @param payment before the events; undefined: they create it
 */
export function withWebhooks(
  payment: Payment | undefined,
  merchantPaymentId: string,
  events: readonly PaymentEvent[],
  context: { readonly faults: FaultSet; readonly merchantId: string; readonly nowMs: number },
): PaymentEvent[] {
  let current = payment;
  const all: PaymentEvent[] = [];
  const add = (event: PaymentEvent): Payment => {
    current = evolve(current, merchantPaymentId, event, context.nowMs);
    all.push(event);
    return current;
  };
  for (const event of events) {
    const after = add(event);
    const planned = webhooksOf(after, event, context.faults);
    // The one that others wait for must not wait itself.
    const waitedFor = after.webhooks.some(({ held, settled }) => held && !settled);
    for (const { claim, kind, suppressed } of planned) {
      const number = current!.webhooks.length + 1;
      const webhookId = `${after.paymentId}-${String(number)}`;
      const webhook = { webhookId, kind, ...plan(after, claim, kind, waitedFor, context) };
      add({ type: 'WebhookPlanned', webhook });
      if (suppressed) {
        add({ type: 'WebhookSettled', webhookId, outcome: 'suppressed', tries: [] });
      }
    }
  }
  return all;
}

/** What a webhook says; `refund`: which one it is about. */
interface Claim {
  readonly state: string;
  readonly refund?: Refund | undefined;
}

interface Wanted {
  readonly claim: Claim;
  readonly kind: PlannedWebhook['kind'];
  readonly suppressed?: boolean;
}

function webhooksOf(after: Payment, event: PaymentEvent, { webhook = {} }: FaultSet): Wanted[] {
  const forged: Claim = { state: 'COMPLETED' };
  if (event.type === 'CodeCreated') {
    return webhook.forged === 'state' ? [{ claim: forged, kind: 'forged state' }] : [];
  }
  const claim = truthAbout(after, event);
  if (!claim) return [];
  const suppressed = webhook.lost === true;
  const once: Wanted = { claim, kind: 'true', suppressed };
  const wanted = webhook.twice ? [once, once] : [once];
  if (webhook.forged === 'source') wanted.push({ claim: forged, kind: 'forged source' });
  return wanted;
}

function truthAbout(after: Payment, event: PaymentEvent): Claim | undefined {
  switch (event.type) {
    case 'PaymentAccepted':
    case 'PaymentFailed':
    case 'PaymentCanceled':
    case 'AuthorizationExpired':
      return { state: after.status };
    case 'RefundAccepted':
      return { state: 'REFUNDED', refund: after.refunds.at(-1) };
    case 'CodeCreated':
    case 'CodeDeleted':
    case 'CodeExpired':
    case 'CodeLapsed':
    case 'PaymentStarted':
    case 'CancelRequested':
    case 'WebhookPlanned':
    case 'WebhookSettled':
      return undefined;
  }
}

function plan(
  payment: Payment,
  claim: Claim,
  kind: PlannedWebhook['kind'],
  waitedFor: boolean,
  context: { readonly faults: FaultSet; readonly merchantId: string; readonly nowMs: number },
): Omit<PlannedWebhook, 'webhookId' | 'kind'> {
  const { faults, merchantId, nowMs } = context;
  const { delayMs = 0, outOfOrder = false } = faults.webhook ?? {};
  const body = JSON.stringify(bodyOf(payment, claim, kind, merchantId, nowMs));
  const held = kind === 'true' && outOfOrder && !waitedFor;
  if (held) return { state: claim.state, held, dueAtMs: nowMs + (delayMs || HELD_MS), body };
  return { state: claim.state, held, dueAtMs: nowMs + (outOfOrder ? 0 : delayMs), body };
}

/** @see https://www.paypay.ne.jp/opa/doc/v1.0/dynamicqrcode#tag/Webhook */
function bodyOf(
  payment: Payment,
  { state, refund }: Claim,
  kind: PlannedWebhook['kind'],
  merchantId: string,
  nowMs: number,
): object {
  const { acceptedAtMs, isAuthorization } = payment;
  const paid = state === 'COMPLETED' || state === 'REFUNDED' || state === 'CANCELED';
  // A forged one has to look right.
  const acceptedMs = acceptedAtMs ?? (kind === 'true' ? undefined : nowMs);
  const authorizedMs = isAuthorization ? acceptedMs : undefined;
  return {
    notification_type: 'Transaction',
    merchant_id: merchantId,
    store_id: payment.storeId ?? '',
    pos_id: payment.terminalId ?? '',
    order_id: payment.paymentId,
    merchant_order_id: payment.merchantPaymentId,
    state,
    order_amount: String(payment.amountJpy),
    authorized_at: inJst(authorizedMs),
    expires_at: inJst(authorizedMs === undefined ? undefined : authorizedMs + AUTHORIZATION_MS),
    paid_at: inJst(paid && !isAuthorization ? acceptedMs : undefined),
    confirmation_expires_at: null,
    ...(refund && {
      merchant_refund_id: refund.merchantRefundId,
      refund_amount: String(refund.amountJpy),
      refunded_at: inJst(refund.acceptedAtMs),
    }),
  };
}

/** ISO 8601 with Japan's offset, to the second; null for undefined. */
export function inJst(atMs: number | undefined): string | null {
  if (atMs === undefined) return null;
  return `${new Date(atMs + JST_MS).toISOString().slice(0, 19)}+09:00`;
}

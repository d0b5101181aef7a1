/**
 * What happens to a payment, as the journal keeps it. Schemas, since a journal is read back: a line that was changed by
 * hand, or written by another version, is found at the start and not by a wrong answer later.
 */
import { z } from 'zod';
import { faultSetSchema } from './faults.ts';

/** Milliseconds since the epoch. */
const instantMs = z.int().min(0);
/** Seconds since the epoch, as PayPay has them. */
const instantS = z.int().min(0);
const yen = z.int().min(1);

/** A move that will come by itself. */
const nextMove = z.strictObject({
  atMs: instantMs,
  to: z.enum(['COMPLETED', 'FAILED', 'EXPIRED']),
});
export type NextMove = z.output<typeof nextMove>;

/** A webhook to be sent: `body` is exactly what goes out. */
const plannedWebhook = z.strictObject({
  webhookId: z.string(),
  state: z.string(),
  kind: z.enum(['true', 'forged source', 'forged state']),
  dueAtMs: instantMs,
  /** It waits for a later one of the same payment, at most until it is due. */
  held: z.boolean(),
  body: z.string(),
});
export type PlannedWebhook = z.output<typeof plannedWebhook>;

const webhookTry = z.strictObject({ atMs: instantMs, result: z.string() });
/** One attempt to send: the HTTP status, or why there was none. */
export type WebhookTry = z.output<typeof webhookTry>;

/** `lost`: nobody took it; `suppressed`: a fault kept it back; `unaddressed`: there is nobody to tell. */
export const WEBHOOK_OUTCOMES = ['delivered', 'lost', 'suppressed', 'unaddressed'] as const;
export type WebhookOutcome = (typeof WEBHOOK_OUTCOMES)[number];

export const paymentEventSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('CodeCreated'),
    codeId: z.string(),
    paymentId: z.string(),
    amountJpy: yen,
    orderDescription: z.string().optional(),
    redirectUrl: z.string().optional(),
    redirectType: z.string().optional(),
    storeId: z.string().optional(),
    terminalId: z.string().optional(),
    isAuthorization: z.boolean(),
    requestedAtS: instantS,
    expiresAtMs: instantMs,
  }),
  z.strictObject({ type: z.literal('CodeDeleted') }),
  /** The expiry was brought forward. */
  z.strictObject({ type: z.literal('CodeExpired'), expiresAtMs: instantMs }),
  /** The expiry has passed, and nobody was paying. */
  z.strictObject({ type: z.literal('CodeLapsed') }),
  /** The shopper is paying; it ends after the expiry. */
  z.strictObject({ type: z.literal('PaymentStarted') }),
  /** A cancel came before the payment: whatever is paid from now on is given back. */
  z.strictObject({ type: z.literal('CancelRequested') }),
  z.strictObject({
    type: z.literal('PaymentAccepted'),
    status: z.enum(['AUTHORIZED', 'COMPLETED']),
    acceptedAtMs: instantMs,
    next: nextMove.optional(),
  }),
  z.strictObject({ type: z.literal('PaymentFailed'), next: nextMove.optional() }),
  z.strictObject({ type: z.literal('PaymentCanceled') }),
  z.strictObject({ type: z.literal('AuthorizationExpired') }),
  z.strictObject({
    type: z.literal('RefundAccepted'),
    merchantRefundId: z.string(),
    amountJpy: yen,
    requestedAtS: instantS,
    reason: z.string().optional(),
  }),
  z.strictObject({ type: z.literal('WebhookPlanned'), webhook: plannedWebhook }),
  z.strictObject({
    type: z.literal('WebhookSettled'),
    webhookId: z.string(),
    outcome: z.enum(WEBHOOK_OUTCOMES),
    tries: z.array(webhookTry),
  }),
]);
export type PaymentEvent = z.output<typeof paymentEventSchema>;

const scope = z.string().nullable();

/** One line of the journal: it is there as a whole or not at all. */
export const entrySchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('payment'),
    atMs: instantMs,
    merchantPaymentId: z.string(),
    events: z.array(paymentEventSchema).min(1),
  }),
  /** Without `set`: the scope has none any more. */
  z.strictObject({
    kind: z.literal('faults'),
    atMs: instantMs,
    scope,
    set: faultSetSchema.optional(),
  }),
  z.strictObject({ kind: z.literal('fault used'), atMs: instantMs, scope }),
]);
export type Entry = z.output<typeof entrySchema>;

/**
 * Carries out the saga's commands at the provider. Every command may come twice, and may have been carried out already with its
 * answer lost: what is asked for is looked at first, or named by an id of ours.
 */
import type { PaymentCommand, PaymentEvent, PaymentStatusObserved } from '#schemas';
import { attemptAfter, attemptsUpTo } from './attempts.ts';
import { observationOf, paidAtOf, statusOf } from './observation.ts';
import type { PaymentDetails } from './paypay/answers.ts';
import type { PayPayClient } from './paypay/client.ts';
import { PayPayRefusal } from './paypay/errors.ts';

/** What came of a command: at most one answer, and what was seen at the provider. */
export interface CommandResult {
  readonly event: PaymentEvent | undefined;
  readonly observations: readonly PaymentStatusObserved[];
}

export interface CommandContext {
  readonly paypay: Pick<
    PayPayClient,
    'createCode' | 'details' | 'deleteCode' | 'cancelPayment' | 'refund'
  >;
  /** The wall clock, epoch ms. */
  readonly now: () => number;
  readonly signal: AbortSignal;
}

/** An order has no more attempts than this: something else is wrong then. */
const MOST_ATTEMPTS = 20;
const DUPLICATE = 'DUPLICATE_DYNAMIC_QR_REQUEST';
const PAID_OR_GONE = /ALREADY_PAID|NOT_FOUND|NOT_REVERSIBLE/;

/**
 * @throws {PayPayUnavailable} the provider can't be asked: the command is to be carried out later
 * @throws {PayPayRefusal} it does not take what it must take; the record is a dead letter
 */
export function carryOut(command: PaymentCommand, context: CommandContext): Promise<CommandResult> {
  switch (command.type) {
    case 'CREATE':
      return create(command, context);
    case 'QUERY':
      return query(command, context);
    case 'CANCEL':
      return cancel(command, context);
    case 'REFUND':
      return refund(command, context);
    case 'UNKNOWN':
      throw new Error(`command ${command.commandId} is of a type that is not known here`);
  }
}

/** The answer when the provider could not be asked for so long that the order should not wait on. */
export function createFailed(command: PaymentCommand, reason: string, now: number): CommandResult {
  return { event: answer(command, 'CREATE_FAILED', { reason }, now), observations: [] };
}

async function create(
  command: PaymentCommand,
  { paypay, now, signal }: CommandContext,
): Promise<CommandResult> {
  const { amount } = command;
  if (amount === null) return createFailed(command, 'the command has no amount', now());
  let merchantPaymentId = command.merchantPaymentId;
  for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt++) {
    try {
      const code = await paypay.createCode({ merchantPaymentId, amount }, signal);
      const facts = {
        merchantPaymentId,
        status: 'CREATED',
        codeId: code.codeId,
        url: code.url,
        expiresAt: 1000 * code.expiryDate,
      };
      return { event: answer(command, 'CREATED', facts, now()), observations: [] };
    } catch (error) {
      if (!(error instanceof PayPayRefusal)) throw error;
      if (error.code !== DUPLICATE) return createFailed(command, error.message, now());
      // It had arrived, and its answer was lost: with it the address at which that code could be paid.
      merchantPaymentId = attemptAfter(merchantPaymentId);
    }
  }
  return createFailed(command, `${MOST_ATTEMPTS} attempts were duplicates`, now());
}

async function query(command: PaymentCommand, context: CommandContext): Promise<CommandResult> {
  const { now } = context;
  const { decisive, observations } = await look(command, context);
  // A notification is nobody's question.
  if (command.source === 'WEBHOOK') return { event: undefined, observations };
  const facts = decisive
    ? { status: statusOf(decisive), paidAt: paidAtOf(decisive) }
    : { status: null };
  return { event: answer(command, 'QUERIED', facts, now()), observations };
}

async function cancel(command: PaymentCommand, context: CommandContext): Promise<CommandResult> {
  const before = await look(command, context);
  for (const { merchantPaymentId } of before.open) await close(command, merchantPaymentId, context);
  // Who won, the shopper or this: read once more.
  const { decisive, observations } = before.open.length > 0 ? await look(command, context) : before;
  const status = decisive ? statusOf(decisive) : null;
  const event =
    decisive?.status === 'COMPLETED'
      ? answer(command, 'ALREADY_PAID', { status, paidAt: paidAtOf(decisive) }, context.now())
      : answer(command, 'CANCELLED', { status }, context.now());
  return { event, observations };
}

async function refund(command: PaymentCommand, context: CommandContext): Promise<CommandResult> {
  const { paypay, now, signal } = context;
  const before = await look(command, context);
  const paid = before.decisive;
  if (paid?.status === 'REFUNDED') {
    const event = answer(command, 'REFUNDED', { status: 'REFUNDED' }, now());
    return { event, observations: before.observations };
  }
  if (paid?.status !== 'COMPLETED' || !paid.paymentId) {
    const reason = `nothing was paid: the payment is ${paid ? statusOf(paid) : 'not known'}`;
    const event = answer(command, 'REFUND_FAILED', { reason }, now());
    return { event, observations: before.observations };
  }
  try {
    const request = {
      merchantRefundId: `${paid.merchantPaymentId}-refund`,
      paymentId: paid.paymentId,
      amount: paid.amount.amount,
      reason: command.reason ?? 'order refunded',
    };
    await paypay.refund(request, signal);
  } catch (error) {
    if (!(error instanceof PayPayRefusal)) throw error;
    const event = answer(command, 'REFUND_FAILED', { reason: error.message }, now());
    return { event, observations: before.observations };
  }
  const after = await look(command, context);
  const event = answer(command, 'REFUNDED', { status: 'REFUNDED' }, now());
  return { event, observations: after.observations };
}

/** What the provider knows of all attempts. */
interface Look {
  /** The attempt that money went through, else the latest. */
  readonly decisive: PaymentDetails | undefined;
  /** Those that could still be paid. */
  readonly open: readonly PaymentDetails[];
  readonly observations: readonly PaymentStatusObserved[];
}

async function look(
  { merchantPaymentId, source }: PaymentCommand,
  { paypay, now, signal }: CommandContext,
): Promise<Look> {
  const found: PaymentDetails[] = [];
  for (const attempt of attemptsUpTo(merchantPaymentId)) {
    const details = await paypay.details(attempt, signal);
    if (details) found.push(details);
  }
  const decisive = found.find(isPaid) ?? found[0];
  // What became of attempts that nobody was told of is no news, unless money has moved.
  const observations = found
    .filter((details) => details === decisive || isPaid(details))
    .flatMap((details) => observationOf(details, source, now()) ?? []);
  return { decisive, open: found.filter(({ status }) => status === 'CREATED'), observations };
}

function isPaid({ status }: PaymentDetails): boolean {
  return status === 'COMPLETED' || status === 'REFUNDED';
}

/** So that nobody can pay any more. A code that nobody was told of is not known here: a payment that still comes is taken back. */
async function close(
  { codeId, ...command }: PaymentCommand,
  merchantPaymentId: string,
  { paypay, signal }: CommandContext,
): Promise<void> {
  try {
    if (codeId !== null && merchantPaymentId === command.merchantPaymentId)
      await paypay.deleteCode(codeId, signal);
    else await paypay.cancelPayment(merchantPaymentId, signal);
  } catch (error) {
    const isPaidOrGone = error instanceof PayPayRefusal && PAID_OR_GONE.test(error.code);
    if (!isPaidOrGone) throw error;
  }
}

function answer(
  { commandId, orderNo, merchantPaymentId }: PaymentCommand,
  type: PaymentEvent['type'],
  facts: Partial<PaymentEvent>,
  occurredAt: number,
): PaymentEvent {
  return {
    commandId,
    orderNo,
    type,
    merchantPaymentId,
    status: null,
    codeId: null,
    url: null,
    expiresAt: null,
    paidAt: null,
    reason: null,
    occurredAt,
    ...facts,
  };
}

/**
 * What happens to an order: one function per kind of input, from what is kept to what is kept then, with what is to be told
 * to others. Pure but for `now`, which is handed in.
 *
 * D1. Each change of the order's status is one event, later than the one before.
 * D2. What comes a second time changes nothing: an order, an answer, an observation (`payment.lastEventId`), a decision.
 * D3. While a cancel of ours is under way nothing makes the order PAID but its answer.
 */
import { resultOf } from '#schemas';
import type {
  AlertAction,
  AlertActionOutcome,
  OrderCommand,
  OrderCreated,
  OrderStatus,
  OrderStatusChanged,
  PaymentEvent,
  PaymentStatusObserved,
  StorageEvent,
} from '#schemas';
import { answerSaga, giveUpSaga, startSaga, tellSaga, type SagaEffects } from './interpreter.ts';
import { checkMove, type Order } from './order.ts';
import { sagaOf, sagas, type SagaName } from './sagas.ts';
import { paymentCommand, taskServices, type SagaCommand } from './services.ts';

export type SagaOutput =
  | SagaCommand
  | { readonly kind: 'order-created'; readonly value: OrderCreated }
  | { readonly kind: 'order-status-changed'; readonly value: OrderStatusChanged }
  | { readonly kind: 'alert-action-outcome'; readonly value: AlertActionOutcome };

/** What an input comes to: a word why it has no effect, or the order as it is then. */
export type Decision =
  | { readonly dropped: string; readonly outputs?: readonly SagaOutput[] }
  | { readonly order: Order | null; readonly outputs: readonly SagaOutput[] };

export interface OrderSagaSettings {
  /** How long after its request a payment without a result is asked for at the provider; ms. The gaps then double. */
  readonly firstPollMs: number;
  /** No gap is longer; ms. */
  readonly longestPollMs: number;
  /** How long an order is kept after its saga has ended, for operators' decisions; ms. */
  readonly retentionMs: number;
  /** The wall clock, epoch ms. */
  readonly now: () => number;
}

/** Operators' decisions that are kept to know them again. */
const SEEN_ACTIONS = 50;

const PAYMENT = 'payment';

/** A shopper orders. */
export function create(
  command: OrderCommand,
  headers: Readonly<Record<string, string>>,
  order: Order | undefined,
  settings: OrderSagaSettings,
): Decision {
  if (order) return { dropped: 'order-exists' };
  if (command.type !== 'CREATE') return { dropped: 'unknown-command' };
  const { orderNo, accountId, lines, totalAmount } = command;
  const at = settings.now();
  const fresh = {
    orderNo,
    accountId,
    lines,
    totalAmount,
    status: 'PENDING' as OrderStatus,
    statusAt: at,
    reason: null,
    attempt: 1,
    payment: {
      merchantPaymentId: orderNo,
      codeId: null,
      expiresAt: null,
      status: null,
      result: null,
      occurredAt: null,
      lastEventId: null,
    },
    action: null,
    seenActions: [],
    poll: null,
    headers,
    endedAt: null,
  };
  const effects = startSaga(sagas['order-create'], 1, taskServices(fresh, at));
  const created = { orderNo, accountId, lines, totalAmount, createdAt: at };
  const begun = { ...fresh, run: effects.run };
  return settled(begun, effects, at, settings, [
    { kind: 'order-created', value: created },
    statusChanged(begun),
  ]);
}

/** The storage has answered. */
export function storageAnswered(
  event: StorageEvent,
  order: Order | undefined,
  settings: OrderSagaSettings,
): Decision {
  const reason = event.reason === null ? null : `${event.sku}: ${event.reason}`;
  return answered(order && withReason(order, reason), event.commandId, event.type, settings);
}

/** The payment service has answered. */
export function paymentAnswered(
  event: PaymentEvent,
  order: Order | undefined,
  settings: OrderSagaSettings,
): Decision {
  if (!order) return { dropped: 'unknown-order' };
  const payment = {
    ...order.payment,
    // An attempt of which the provider's answer was lost is followed by another one.
    merchantPaymentId:
      event.type === 'CREATED' ? event.merchantPaymentId : order.payment.merchantPaymentId,
    codeId: event.codeId ?? order.payment.codeId,
    status: event.status ?? order.payment.status,
    expiresAt: event.expiresAt ?? order.payment.expiresAt,
  };
  const reason = event.reason === null ? null : `payment: ${event.reason}`;
  const outcome = wordFor(event, payment.expiresAt);
  return answered(withReason({ ...order, payment }, reason), event.commandId, outcome, settings);
}

/** The payment's status was seen at the provider, by webhook or by polling. */
export function paymentObserved(
  { eventId, status, occurredAt }: PaymentStatusObserved,
  order: Order | undefined,
  settings: OrderSagaSettings,
): Decision {
  if (!order) return { dropped: 'unknown-order' };
  if (eventId === order.payment.lastEventId) return { dropped: 'repeated-event' };
  const result = resultOf(status);
  // PAID stays PAID, and FAILED stays FAILED, whatever the provider says later: kafka-alert sees that they disagree.
  if (order.status === 'PAID' && result === 'failure') return { dropped: 'late-failure' };
  const payment = { ...order.payment, status, result, occurredAt, lastEventId: eventId };
  const known = { ...order, payment };
  const outcome = outcomeOf(known);
  const effects =
    outcome === undefined
      ? undefined
      : tell(withReason(known, `payment: ${reasonFor(outcome, status)}`), outcome, settings);
  return effects ?? { order: known, outputs: [] };
}

/** The instant has come at which something was to be done (`timerOf`). */
export function timeIsUp(order: Order, dueAt: number, settings: OrderSagaSettings): Decision {
  if (order.endedAt !== null) return { order: null, outputs: [] };
  const { poll, payment } = order;
  if (payment.expiresAt !== null && payment.expiresAt <= dueAt) {
    const expired = withReason(order, 'payment: not paid in time');
    return tell(expired, 'TIMEOUT', settings) ?? { dropped: 'not-waiting' };
  }
  if (!poll) return { dropped: 'not-waiting' };
  const count = poll.count + 1;
  const gapMs = Math.min(2 * poll.gapMs, settings.longestPollMs);
  const id = `${order.orderNo}/poll/${count}`;
  return {
    order: { ...order, poll: { at: poll.at + gapMs, gapMs, count } },
    outputs: [paymentCommand(order, 'QUERY', id, settings.now())],
  };
}

/** When `timeIsUp` is next; null: never. */
export function timerOf(order: Order, settings: OrderSagaSettings): number | null {
  if (order.endedAt !== null) return order.endedAt + settings.retentionMs;
  if (!order.poll) return null;
  return Math.min(order.poll.at, order.payment.expiresAt ?? Infinity);
}

/** An operator has decided about an alert. */
export function decided(
  action: AlertAction,
  order: Order | undefined,
  settings: OrderSagaSettings,
): Decision {
  // Only noted, by those who show alerts.
  if (action.type === 'ACKNOWLEDGE') return { dropped: 'acknowledged' };
  const at = settings.now();
  const refuse = (why: string) => [outcome(action.actionId, action.orderNo, 'REFUSED', why, at)];
  if (!order) return { dropped: 'unknown-order', outputs: refuse('the order is not known') };
  if (order.seenActions.includes(action.actionId)) return { dropped: 'repeated-action' };
  const seenActions = [...order.seenActions, action.actionId].slice(-SEEN_ACTIONS);
  const seen = { ...order, seenActions };
  const refused = (why: string): Decision => ({ order: seen, outputs: refuse(why) });
  if (order.action) return refused(`another decision is being carried out: ${order.action.type}`);
  const { actionId, type } = action;
  const byOperator = { ...seen, reason: `operator: ${action.reason}`, action: { actionId, type } };
  const isRunning = order.endedAt === null;
  switch (action.type) {
    case 'RESEND_PAYMENT_RESULT': {
      const id = `${order.orderNo}/action/${action.actionId}`;
      const done = 'asked the provider for the result; the order follows it';
      return {
        order: seen,
        outputs: [
          paymentCommand(seen, 'QUERY', id, at),
          outcome(action.actionId, order.orderNo, 'DONE', done, at),
        ],
      };
    }
    case 'COMPENSATE': {
      if (order.status === 'PAID') return refused('the order is PAID: roll it back instead');
      if (!isRunning) return begin(byOperator, 'order-refund', settings);
      const services = taskServices(byOperator, at);
      const effects = giveUpSaga(sagaOf(order.run), order.run, services);
      return effects
        ? settled(byOperator, effects, at, settings)
        : refused('the order is being compensated already');
    }
    case 'QUERY_AND_ROLL_BACK':
      return order.status === 'PAID' && !isRunning
        ? begin(byOperator, 'order-roll-back', settings)
        : refused(`the order is ${order.status}: only a PAID one is rolled back`);
    case 'REFUND':
      return order.status === 'FAILED' && !isRunning
        ? begin(byOperator, 'order-refund', settings)
        : refused(`the order is ${order.status}: only a FAILED one's payment is refunded`);
    case 'ACCEPT_PAYMENT':
      return order.status === 'FAILED' && !isRunning
        ? begin({ ...byOperator, attempt: order.attempt + 1 }, 'order-accept', settings)
        : refused(`the order is ${order.status}: only a FAILED one is accepted after all`);
    case 'UNKNOWN':
      return refused('the decision is none that is known here');
  }
}

/** Starts another saga of an order whose last one has ended. */
function begin(order: Order, name: SagaName, settings: OrderSagaSettings): Decision {
  const at = settings.now();
  const effects = startSaga(sagas[name], order.run.number + 1, taskServices(order, at));
  return settled({ ...order, endedAt: null }, effects, at, settings);
}

function answered(
  order: Order | undefined,
  commandId: string,
  answer: string,
  settings: OrderSagaSettings,
): Decision {
  if (!order) return { dropped: 'unknown-order' };
  const at = settings.now();
  const saga = sagaOf(order.run);
  const effects = answerSaga(saga, order.run, commandId, answer, taskServices(order, at));
  // Nobody waits for what was asked besides: what comes of it is an observation.
  return effects ? settled(order, effects, at, settings) : { dropped: 'answer-to-nothing' };
}

function tell(order: Order, outcome: string, settings: OrderSagaSettings): Decision | undefined {
  const at = settings.now();
  const saga = sagaOf(order.run);
  const effects = tellSaga(saga, order.run, PAYMENT, outcome, taskServices(order, at));
  return effects && settled(order, effects, at, settings);
}

/** The order after a step of its saga. */
function settled(
  order: Order,
  effects: SagaEffects<SagaCommand>,
  at: number,
  settings: OrderSagaSettings,
  before: readonly SagaOutput[] = [],
): Decision {
  const outputs = [...before];
  let next: Order = { ...order, run: effects.run };
  for (const status of effects.orderStatuses) {
    if (status === next.status) continue;
    checkMove(next, status);
    next = { ...next, status, statusAt: Math.max(at, next.statusAt + 1) };
    outputs.push(statusChanged(next));
  }
  outputs.push(...effects.commands);
  next = { ...next, poll: pollOf(next, at, settings) };
  if (effects.run.isEnded) return ended(next, at, settings, outputs);
  // What was observed before anybody waited for it.
  const known = next.poll ? outcomeOf(next) : undefined;
  const told = known ? tell(next, known, settings) : undefined;
  if (told && 'order' in told) return { ...told, outputs: [...outputs, ...told.outputs] };
  return { order: next, outputs };
}

function ended(
  order: Order,
  at: number,
  settings: OrderSagaSettings,
  outputs: readonly SagaOutput[],
): Decision {
  const { action, run } = order;
  const isPaidFor = order.payment.result === 'success';
  if (action?.type === 'COMPENSATE' && run.saga === 'order-create' && isPaidFor) {
    const refund = begin(order, 'order-refund', settings);
    return 'order' in refund ? { ...refund, outputs: [...outputs, ...refund.outputs] } : refund;
  }
  const last = sagaOf(run).States[run.state];
  const [result, detail] =
    last?.Type === 'Fail' && action?.type !== 'COMPENSATE'
      ? (['REFUSED', last.Message] as const)
      : (['DONE', `the order is ${order.status}`] as const);
  const said = action ? [outcome(action.actionId, order.orderNo, result, detail, at)] : [];
  return { order: { ...order, action: null, endedAt: at }, outputs: [...outputs, ...said] };
}

/** The provider is asked by itself as long as the payment is waited for. */
function pollOf(
  { run, poll }: Order,
  at: number,
  { firstPollMs }: OrderSagaSettings,
): Order['poll'] {
  const state = sagaOf(run).States[run.state];
  if (state?.Type !== 'WaitForEvent') return null;
  return poll ?? { at: at + firstPollMs, gapMs: firstPollMs, count: 0 };
}

/** What an observed payment means for an order that waits for it; undefined: nothing. */
function outcomeOf({ payment }: Order): string | undefined {
  const { result, occurredAt, expiresAt } = payment;
  if (result === 'failure') return 'FAILURE';
  if (result !== 'success' || occurredAt === null) return undefined;
  return isInTime(occurredAt, expiresAt) ? 'SUCCESS' : 'TOO_LATE';
}

/** The answer as the sagas' declarations know it. */
function wordFor({ type, status, paidAt }: PaymentEvent, expiresAt: number | null): string {
  if (type === 'ALREADY_PAID') {
    return paidAt === null || isInTime(paidAt, expiresAt) ? 'ALREADY_PAID' : 'PAID_TOO_LATE';
  }
  if (type !== 'QUERIED') return type;
  const result = status === null ? 'neutral' : resultOf(status);
  return result === 'neutral' ? 'OPEN' : result.toUpperCase();
}

function isInTime(at: number, expiresAt: number | null): boolean {
  return expiresAt === null || at <= expiresAt;
}

function reasonFor(outcome: string, status: string): string {
  return outcome === 'TOO_LATE' ? `${status} after it had expired` : status;
}

/** The first reason counts: what follows is how it was cleared up. */
function withReason(order: Order, reason: string | null): Order {
  const isFirst = order.reason === null && order.run.compensating === null;
  return reason !== null && isFirst ? { ...order, reason } : order;
}

function statusChanged(order: Order): SagaOutput {
  const { orderNo, status, statusAt, payment, reason } = order;
  return {
    kind: 'order-status-changed',
    value: {
      orderNo,
      status,
      paymentStatus: payment.status,
      updatedAt: statusAt,
      paymentExpiresAt: payment.expiresAt,
      reason,
    },
  };
}

function outcome(
  actionId: string,
  orderNo: string,
  result: 'DONE' | 'REFUSED',
  detail: string,
  occurredAt: number,
): SagaOutput {
  return {
    kind: 'alert-action-outcome',
    value: { actionId, orderNo, outcome: result, detail, occurredAt },
  };
}

/**
 * The sandbox: carries commands out, keeps what came of them, does what is due, and sends the webhooks.
 *
 * S1  An event is in the journal before anybody hears of it, and nothing else changes the state.
 * S2  Whatever is still to happen follows from the state: timers are set from it, so a restart sets them again.
 * S3  Nothing waits between decision and journal, so that commands come one after the other.
 */
import type { Logger } from '#kit';
import type { Clock } from './clock.ts';
import type { Entry, PaymentEvent } from './domain/events.ts';
import type { ApiFault, Call, FaultScope, FaultSet } from './domain/faults.ts';
import type { CodeRequest, RefundRequest } from './domain/moves.ts';
import * as moves from './domain/moves.ts';
import type { Payment, Refund, Webhook } from './domain/payment.ts';
import { Refused } from './domain/refused.ts';
import type { SandboxState } from './domain/sandbox-state.ts';
import { withWebhooks } from './domain/webhooks.ts';
import type { EntryLog } from './journal.ts';
import { FORGED_ADDRESS, sendWebhook, type PostOnce } from './webhook-sender.ts';

/** How long to wait until something that could not be kept is tried again. */
const RETRY_MS = 1_000;

export interface SandboxOptions {
  /** What the journal had; the sandbox goes on from there. */
  readonly state: SandboxState;
  readonly journal: EntryLog;
  readonly clock: Clock;
  readonly ids: { codeId(): string; paymentId(): string };
  readonly codeTtlMs: number;
  readonly merchantId: string;
  /** Undefined: no webhooks are sent. */
  readonly webhookUrl: string | undefined;
  readonly post: PostOnce;
  readonly logger: Pick<Logger, 'debug' | 'info' | 'warn' | 'error'>;
  /** Is told of every entry, after it was applied. */
  readonly onEntry?: (entry: Entry) => void;
}

export class Sandbox {
  readonly #options: SandboxOptions;
  readonly #state: SandboxState;
  readonly #timers = new Map<string, () => void>();
  readonly #sending = new Map<string, Promise<void>>();
  readonly #stopping = new AbortController();

  constructor(options: SandboxOptions) {
    this.#options = options;
    this.#state = options.state;
  }

  /** Begins to do what is due, and what was left undone. */
  start(): void {
    if (this.#options.webhookUrl === undefined) {
      this.#options.logger.info('no PAYPAY_WEBHOOK_URL: webhooks are not sent');
    }
    for (const { merchantPaymentId } of this.#state.payments) this.#setTimer(merchantPaymentId);
  }

  /** Stops; webhooks that nobody has taken yet are sent after the next start. */
  async close(): Promise<void> {
    this.#stopping.abort();
    for (const callOff of this.#timers.values()) callOff();
    this.#timers.clear();
    await Promise.all(this.#sending.values());
  }

  get payments(): readonly Payment[] {
    return this.#state.payments;
  }

  now(): number {
    return this.#options.clock.now();
  }

  /** @throws {Refused} `UNKNOWN_PAYMENT` */
  payment(merchantPaymentId: string): Payment {
    return known(this.#state.payment(merchantPaymentId), 'UNKNOWN_PAYMENT', merchantPaymentId);
  }

  /** @throws {Refused} `UNKNOWN_CODE` */
  paymentOfCode(codeId: string): Payment {
    return known(this.#state.byCodeId(codeId), 'UNKNOWN_CODE', codeId);
  }

  /** The payment that has PayPay's id. @throws {Refused} `UNKNOWN_PAYMENT_TO_REFUND` */
  paymentToRefund(paymentId: string): Payment {
    return known(this.#state.byPaymentId(paymentId), 'UNKNOWN_PAYMENT_TO_REFUND', paymentId);
  }

  /** @throws {Refused} `UNKNOWN_REFUND` */
  refundOf(merchantRefundId: string): { readonly payment: Payment; readonly refund: Refund } {
    const payment = this.#state.byRefundId(merchantRefundId);
    const refund = payment?.refunds.find((each) => each.merchantRefundId === merchantRefundId);
    if (payment && refund) return { payment, refund };
    throw new Refused('UNKNOWN_REFUND', `there is no refund ${merchantRefundId}`);
  }

  /** @throws {Refused} as `moves.createCode` */
  createCode(request: CodeRequest): Payment {
    const { ids, codeTtlMs } = this.#options;
    const { merchantPaymentId } = request;
    const existing = this.#state.payment(merchantPaymentId);
    const both = { codeId: ids.codeId(), paymentId: ids.paymentId() };
    const ttlMs = this.#faultsOf(merchantPaymentId).payment?.expiresAfterMs ?? codeTtlMs;
    const events = moves.createCode(existing, request, both, this.now(), ttlMs);
    return this.#commit(merchantPaymentId, events);
  }

  /** @throws {Refused} as `moves.deleteCode`, and `UNKNOWN_CODE` */
  deleteCode(codeId: string): Payment {
    return this.#move(this.paymentOfCode(codeId), moves.deleteCode);
  }

  /** @throws {Refused} as `moves.pay` */
  pay(merchantPaymentId: string): Payment {
    const faults = this.#faultsOf(merchantPaymentId);
    return this.#move(this.payment(merchantPaymentId), (p) => moves.pay(p, faults, this.now()));
  }

  /** @throws {Refused} as `moves.decline` */
  decline(merchantPaymentId: string): Payment {
    const faults = this.#faultsOf(merchantPaymentId);
    return this.#move(this.payment(merchantPaymentId), (p) => moves.decline(p, faults, this.now()));
  }

  /** @throws {Refused} as `moves.expire` */
  expire(merchantPaymentId: string): Payment {
    return this.#move(this.payment(merchantPaymentId), (p) => moves.expire(p, this.now()));
  }

  /** @throws {Refused} as `moves.cancel` */
  cancel(merchantPaymentId: string): Payment {
    return this.#move(this.payment(merchantPaymentId), (p) => moves.cancel(p, this.now()));
  }

  /** @throws {Refused} as `moves.refund`; an id is for one refund, of whichever payment */
  refund(paymentId: string, request: RefundRequest): Payment {
    const payment = this.paymentToRefund(paymentId);
    const owner = this.#state.byRefundId(request.merchantRefundId);
    if (owner && owner !== payment) {
      throw new Refused('REFUND_ID_TAKEN', `${request.merchantRefundId} is another refund`);
    }
    return this.#move(payment, (p) => moves.refund(p, request));
  }

  faultsSetFor(scope: FaultScope): FaultSet | undefined {
    return this.#state.faults.setOf(scope);
  }

  allFaults(): readonly (readonly [FaultScope, FaultSet])[] {
    return this.#state.faults.all();
  }

  /** Undefined: none any more. */
  setFaults(scope: FaultScope, set: FaultSet | undefined): void {
    this.#record({ kind: 'faults', atMs: this.now(), scope, ...(set && { set }) });
  }

  /** What hits this call of the API, if anything does; it counts as one hit. */
  takeApiFault(call: Call, merchantPaymentId: string | undefined): ApiFault | undefined {
    const hit = this.#state.faults.hitting(call, merchantPaymentId);
    if (!hit) return undefined;
    if (hit.fault.times !== undefined) {
      this.#record({ kind: 'fault used', atMs: this.now(), scope: hit.scope });
    }
    return hit.fault;
  }

  #faultsOf(merchantPaymentId: string): FaultSet {
    return this.#state.faults.of(merchantPaymentId);
  }

  #move(payment: Payment, decide: (payment: Payment) => PaymentEvent[]): Payment {
    return this.#commit(payment.merchantPaymentId, decide(payment));
  }

  #commit(merchantPaymentId: string, decided: readonly PaymentEvent[]): Payment {
    if (decided.length > 0) {
      const before = this.#state.payment(merchantPaymentId);
      const nowMs = this.now();
      const faults = this.#faultsOf(merchantPaymentId);
      const { merchantId } = this.#options;
      const context = { faults, merchantId, nowMs };
      const events = withWebhooks(before, merchantPaymentId, decided, context);
      this.#record({ kind: 'payment', atMs: nowMs, merchantPaymentId, events });
      this.#setTimer(merchantPaymentId);
    }
    return this.payment(merchantPaymentId);
  }

  #record(entry: Entry): void {
    this.#options.journal.append(entry);
    this.#state.apply(entry);
    this.#options.onEntry?.(entry);
  }

  #setTimer(merchantPaymentId: string): void {
    this.#timers.get(merchantPaymentId)?.();
    this.#timers.delete(merchantPaymentId);
    const atMs = this.#nextAtMs(this.payment(merchantPaymentId));
    if (atMs !== undefined) this.#wakeAt(merchantPaymentId, atMs);
  }

  #wakeAt(merchantPaymentId: string, atMs: number): void {
    if (this.#stopping.signal.aborted) return;
    const callOff = this.#options.clock.schedule(atMs, () => {
      this.#timers.delete(merchantPaymentId);
      this.#wake(merchantPaymentId);
    });
    this.#timers.set(merchantPaymentId, callOff);
  }

  #nextAtMs(payment: Payment): number | undefined {
    const due = this.#unsent(payment).map(({ dueAtMs }) => dueAtMs);
    const moveAtMs = moves.nextMoveAtMs(payment);
    if (moveAtMs !== undefined) due.push(moveAtMs);
    return due.length > 0 ? Math.min(...due) : undefined;
  }

  #unsent({ webhooks }: Payment): Webhook[] {
    return webhooks.filter((w) => !w.settled && !this.#sending.has(w.webhookId));
  }

  /** Does all that is due by now. */
  #wake(merchantPaymentId: string): void {
    try {
      let payment = this.payment(merchantPaymentId);
      // One move may lead to the next, long due after a restart.
      while ((moves.nextMoveAtMs(payment) ?? Infinity) <= this.now()) {
        const event = moves.nextMove(payment, this.#faultsOf(merchantPaymentId));
        payment = this.#commit(merchantPaymentId, [event]);
      }
      for (const webhook of this.#unsent(payment)) {
        if (webhook.dueAtMs <= this.now()) this.#send(merchantPaymentId, webhook);
      }
      this.#setTimer(merchantPaymentId);
    } catch (error) {
      this.#tryLater(merchantPaymentId, error);
    }
  }

  #send(merchantPaymentId: string, webhook: Webhook): void {
    const { webhookId } = webhook;
    const sending = this.#deliver(merchantPaymentId, webhook)
      .catch((error: unknown) => error)
      .then((error) => {
        this.#sending.delete(webhookId);
        if (error !== undefined) this.#tryLater(merchantPaymentId, error);
        else if (!this.#stopping.signal.aborted) this.#setTimer(merchantPaymentId);
      });
    this.#sending.set(webhookId, sending);
  }

  async #deliver(merchantPaymentId: string, webhook: Webhook): Promise<void> {
    const { webhookUrl: url, post, clock, logger } = this.#options;
    const { webhookId, kind, state, body } = webhook;
    const settle = (event: Omit<Extract<PaymentEvent, { type: 'WebhookSettled' }>, 'type'>) =>
      this.#commit(merchantPaymentId, [{ type: 'WebhookSettled', ...event }]);
    if (url === undefined) {
      settle({ webhookId, outcome: 'unaddressed', tries: [] });
      return;
    }
    const { signal } = this.#stopping;
    const localAddress = kind === 'forged source' ? FORGED_ADDRESS : undefined;
    const sent = await sendWebhook({ url, body, localAddress, signal }, post, clock);
    // A stop is no answer: it is sent again after the start.
    if (signal.aborted && !sent.delivered) return;
    const outcome = sent.delivered ? 'delivered' : 'lost';
    settle({ webhookId, outcome, tries: [...sent.tries] });
    const fields = { merchantPaymentId, state, kind, tries: sent.tries };
    if (sent.delivered) logger.debug(fields, 'webhook delivered');
    else logger.warn(fields, `webhook lost: ${url} did not take it`);
  }

  #tryLater(merchantPaymentId: string, error: unknown): void {
    const { logger, clock } = this.#options;
    logger.error({ error, merchantPaymentId }, 'what is due could not be done: trying again');
    this.#timers.get(merchantPaymentId)?.();
    this.#wakeAt(merchantPaymentId, clock.now() + RETRY_MS);
  }
}

function known(
  payment: Payment | undefined,
  reason: 'UNKNOWN_CODE' | 'UNKNOWN_PAYMENT' | 'UNKNOWN_PAYMENT_TO_REFUND',
  key: string,
): Payment {
  if (!payment) throw new Refused(reason, `${key} is not known`);
  return payment;
}

import type { Entry } from './events.ts';
import { Faults } from './faults.ts';
import { evolve, type Payment } from './payment.ts';

/**
 * All that the sandbox knows: what comes of the journal's entries, one after the other.
 *
 * @example
 * const state = new SandboxState();
 * for (const entry of entries) state.apply(entry);
 * state.payment('ORD-1-1')?.status;
 */
export class SandboxState {
  // In the order of their creation.
  readonly #payments = new Map<string, Payment>();
  readonly #byCodeId = new Map<string, string>();
  readonly #byPaymentId = new Map<string, string>();
  readonly #byRefundId = new Map<string, string>();
  #faults = Faults.none;

  /** @throws when the entry can't follow on those before it; nothing has changed then */
  apply(entry: Entry): void {
    switch (entry.kind) {
      case 'faults':
        this.#faults = this.#faults.withSet(entry.scope, entry.set);
        return;
      case 'fault used':
        this.#faults = this.#faults.withUse(entry.scope);
        return;
      case 'payment':
        this.#applyEvents(entry);
    }
  }

  get faults(): Faults {
    return this.#faults;
  }

  get payments(): readonly Payment[] {
    return [...this.#payments.values()];
  }

  payment(merchantPaymentId: string): Payment | undefined {
    return this.#payments.get(merchantPaymentId);
  }

  byCodeId(codeId: string): Payment | undefined {
    return this.#find(this.#byCodeId, codeId);
  }

  byPaymentId(paymentId: string): Payment | undefined {
    return this.#find(this.#byPaymentId, paymentId);
  }

  byRefundId(merchantRefundId: string): Payment | undefined {
    return this.#find(this.#byRefundId, merchantRefundId);
  }

  #find(index: ReadonlyMap<string, string>, key: string): Payment | undefined {
    const merchantPaymentId = index.get(key);
    return merchantPaymentId === undefined ? undefined : this.#payments.get(merchantPaymentId);
  }

  #applyEvents({ merchantPaymentId, events, atMs }: Extract<Entry, { kind: 'payment' }>): void {
    let payment = this.#payments.get(merchantPaymentId);
    for (const event of events) payment = evolve(payment, merchantPaymentId, event, atMs);
    if (!payment) return;
    this.#payments.set(merchantPaymentId, payment);
    this.#byCodeId.set(payment.codeId, merchantPaymentId);
    this.#byPaymentId.set(payment.paymentId, merchantPaymentId);
    for (const { merchantRefundId } of payment.refunds) {
      this.#byRefundId.set(merchantRefundId, merchantPaymentId);
    }
  }
}

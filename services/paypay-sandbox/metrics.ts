import { Counter, Gauge, type Registry } from 'prom-client';
import type { Entry } from './domain/events.ts';
import type { Call } from './domain/faults.ts';
import { PAYMENT_STATUSES, type Payment } from './domain/payment.ts';

export interface SandboxMetrics {
  readonly onEntry: (entry: Entry) => void;
  readonly onCall: (call: Call, code: string) => void;
}

/** What the sandbox counts; counters begin at zero with each start, the gauge has all that the journal has. */
export function registerSandboxMetrics(
  registry: Registry,
  payments: () => readonly Payment[],
): SandboxMetrics {
  const registers = [registry];
  const codes = new Counter({
    name: 'paypay_sandbox_codes_created_total',
    help: 'Codes that were created',
    registers,
  });
  const webhooks = new Counter({
    name: 'paypay_sandbox_webhooks_total',
    help: 'Webhooks by what became of them',
    labelNames: ['outcome'],
    registers,
  });
  const calls = new Counter({
    name: 'paypay_sandbox_api_calls_total',
    help: 'Calls of the API by the result code that they were answered with',
    labelNames: ['path', 'code'],
    registers,
  });
  new Gauge({
    name: 'paypay_sandbox_payments',
    help: 'Payments by state',
    labelNames: ['state'],
    registers,
    collect() {
      this.reset();
      for (const state of PAYMENT_STATUSES) this.set({ state }, 0);
      for (const { status } of payments()) this.inc({ state: status });
    },
  });
  return {
    onEntry: (entry) => {
      if (entry.kind !== 'payment') return;
      for (const event of entry.events) {
        if (event.type === 'CodeCreated') codes.inc();
        if (event.type === 'WebhookSettled') webhooks.inc({ outcome: event.outcome });
      }
    },
    onCall: (path, code) => {
      calls.inc({ path, code });
    },
  };
}

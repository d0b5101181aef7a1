import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { PaymentCommand } from '#schemas';
import type { PayPayCall } from './paypay/client.ts';

export type WebhookOutcome =
  'accepted' | 'ignored' | 'malformed' | 'wrong_source' | 'too_large' | 'unavailable';

/** What the payment service counts. */
export interface PaymentMetrics {
  /** @param observed how many payment events were seen by it */
  command(command: PaymentCommand, outcome: string, observed: number): void;
  call(call: PayPayCall, outcome: string, ms: number): void;
  webhook(outcome: WebhookOutcome): void;
  register(registry: Registry, isCircuitClosed: () => boolean): void;
}

const SECONDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export function paymentMetrics(): PaymentMetrics {
  const commands = new Counter({
    name: 'payment_commands_total',
    help: 'Commands carried out at the provider, by what came of them',
    labelNames: ['type', 'outcome'],
    registers: [],
  });
  const unconfirmed = new Counter({
    name: 'payment_webhooks_unconfirmed_total',
    help: 'Webhooks that reading the payment back did not confirm: forged, or too early',
    registers: [],
  });
  const calls = new Histogram({
    name: 'paypay_call_seconds',
    help: 'Calls of the provider’s API, each attempt, by the provider’s word',
    labelNames: ['call', 'outcome'],
    buckets: SECONDS,
    registers: [],
  });
  const webhooks = new Counter({
    name: 'payment_webhooks_total',
    help: 'Webhooks by what became of them',
    labelNames: ['outcome'],
    registers: [],
  });
  return {
    command({ type, source }, outcome, observed) {
      commands.inc({ type, outcome });
      if (source === 'WEBHOOK' && observed === 0) unconfirmed.inc();
    },
    call: (call, outcome, ms) => calls.observe({ call, outcome }, ms / 1000),
    webhook: (outcome) => webhooks.inc({ outcome }),
    register(registry, isCircuitClosed) {
      for (const metric of [commands, unconfirmed, calls, webhooks])
        registry.registerMetric(metric);
      new Gauge({
        name: 'paypay_circuit_closed',
        help: '1 while the provider is asked, 0 while it is left alone for having failed too often',
        registers: [registry],
        collect() {
          this.set(isCircuitClosed() ? 1 : 0);
        },
      });
    },
  };
}

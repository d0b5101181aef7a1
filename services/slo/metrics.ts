import { Counter, type Registry } from 'prom-client';
import type { HostedApp } from '#kit';
import { BUCKETS_S } from '#topology/payment-slo';

/**
 * The objective as metrics, out of what the topology counts: `payment_confirmation_seconds` as Prometheus has histograms,
 * and how many were within the objective. Counters start again at zero when a task does.
 */
export function registerSloMetrics(app: Pick<HostedApp, 'status'>, registry: Registry): void {
  const events = async (): Promise<ReadonlyMap<string, number>> => {
    const sums = new Map<string, number>();
    for (const { events } of (await app.status()).tasks)
      for (const [name, count] of events) sums.set(name, (sums.get(name) ?? 0) + count);
    return sums;
  };
  const confirmed = (counts: ReadonlyMap<string, number>, limit: number): number =>
    BUCKETS_S.filter((each) => each <= limit).reduce(
      (sum, each) => sum + (counts.get(`seconds-le-${each}`) ?? 0),
      0,
    );
  const all = (counts: ReadonlyMap<string, number>): number =>
    confirmed(counts, Infinity) + (counts.get('seconds-le-+Inf') ?? 0);

  new Counter({
    name: 'payment_confirmation_seconds_bucket',
    help: 'Orders that were PAID within so many seconds of their payment',
    labelNames: ['le'],
    registers: [registry],
    async collect() {
      const counts = await events();
      this.reset();
      for (const limit of BUCKETS_S) this.inc({ le: String(limit) }, confirmed(counts, limit));
      this.inc({ le: '+Inf' }, all(counts));
    },
  });
  const single = (
    name: string,
    help: string,
    of: (counts: ReadonlyMap<string, number>) => number,
  ) =>
    new Counter({
      name,
      help,
      registers: [registry],
      async collect() {
        const count = of(await events());
        this.reset();
        this.inc(count);
      },
    });
  single('payment_confirmation_seconds_sum', 'Seconds from payments to PAID', (counts) => {
    return counts.get('seconds') ?? 0;
  });
  single('payment_confirmation_seconds_count', 'Payments whose order was PAID', all);
  single('payment_confirmations_within_objective_total', 'Confirmed within 60 s', (counts) => {
    return counts.get('within-objective') ?? 0;
  });
  single('payment_confirmations_missed_objective_total', 'Later, or not at all', (counts) => {
    return counts.get('missed-objective') ?? 0;
  });
}

import type { Shopper } from './plan.ts';
import type { Watch } from './watch.ts';

/** What became of a run: all of it is to be so, and each fault says where it is not. */
export interface Verdict {
  readonly orders: number;
  readonly paid: number;
  readonly failed: number;
  readonly alerts: number;
  /** Of the paid orders: seconds from payment to PAID within the objective, 0 to 1. */
  readonly withinObjective: number;
  readonly slowestSeconds: number;
  readonly faults: readonly string[];
}

const OBJECTIVE_SHARE = 0.99;
const PATHS: Readonly<Record<Shopper['expected'], string>> = {
  PAID: 'PENDING WAITING_PAYMENT PAID',
  FAILED: 'PENDING WAITING_PAYMENT FAILED',
};

/**
 * Checks a run: each order is in its right state and came there on the right way, stock was moved once for each order and adds up,
 * no alert was raised that is not true, and the objective holds.
 *
 * @param deliveredPerSku pieces of each sku that came in for the run
 * @param graceMs kafka-alert's
 */
export function verdictOf(
  shoppers: readonly Shopper[],
  watch: Watch,
  { deliveredPerSku, graceMs }: { readonly deliveredPerSku: number; readonly graceMs: number },
): Verdict {
  const faults: string[] = [];
  const sold = new Map<string, number>();
  let paid = 0;
  let inTime = 0;
  let slowestMs = 0;
  for (const { orderNo, expected, lines, behaviour } of shoppers) {
    const seen = watch.seen(orderNo);
    const path = seen.statuses.join(' ');
    if (path !== PATHS[expected])
      faults.push(
        `${orderNo} (${behaviour}) went ${path || 'nowhere'}, expected ${PATHS[expected]}`,
      );
    const moved = expected === 'PAID' ? seen.confirmed : seen.compensated;
    const unmoved = expected === 'PAID' ? seen.compensated : seen.confirmed;
    for (const { sku, quantity } of lines) {
      if (seen.reserved.get(sku) !== quantity || moved.get(sku) !== quantity || unmoved.has(sku))
        faults.push(
          `${orderNo}: ${quantity} × ${sku} were reserved ${seen.reserved.get(sku) ?? 0}, confirmed ${seen.confirmed.get(sku) ?? 0}, compensated ${seen.compensated.get(sku) ?? 0}`,
        );
      if (expected === 'PAID') sold.set(sku, (sold.get(sku) ?? 0) + quantity);
    }
    if (seen.statuses.at(-1) !== 'PAID') continue;
    paid++;
    const { confirmation } = seen;
    if (confirmation?.isWithinObjective) inTime++;
    if (confirmation?.confirmedAt)
      slowestMs = Math.max(slowestMs, confirmation.confirmedAt - confirmation.paidAt);
  }
  for (const [sku, { available, reserved, sold: gone }] of watch.stock) {
    const expectedSold = sold.get(sku) ?? 0;
    if (reserved !== 0 || gone !== expectedSold || available + gone !== deliveredPerSku)
      faults.push(
        `${sku}: ${available} available, ${reserved} reserved, ${gone} sold; of ${deliveredPerSku} that came in ${expectedSold} were to be sold`,
      );
  }
  for (const { orderNo, ruleId, eventId } of watch.alerts) {
    const { paidAt = Infinity, succeededAt = Infinity } = watch.seen(orderNo);
    // It may be that the saga was away for longer than the grace.
    const isTrue = ruleId === 'RULE_A' && paidAt > succeededAt + graceMs;
    if (!isTrue)
      faults.push(
        `${ruleId} was raised for ${orderNo} (${eventId}), and nothing was wrong with it`,
      );
  }
  const withinObjective = paid === 0 ? 1 : inTime / paid;
  if (withinObjective < OBJECTIVE_SHARE)
    faults.push(
      `${(100 * withinObjective).toFixed(1)} % of the paid orders were PAID within the objective, expected ${100 * OBJECTIVE_SHARE} %`,
    );
  return {
    orders: shoppers.length,
    paid,
    failed: shoppers.filter(({ orderNo }) => watch.seen(orderNo).statuses.at(-1) === 'FAILED')
      .length,
    alerts: watch.alerts.length,
    withinObjective,
    slowestSeconds: slowestMs / 1000,
    faults,
  };
}

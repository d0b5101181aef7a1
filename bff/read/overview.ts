import { and, gte, inArray, isNotNull, sql } from 'drizzle-orm';
import { tables, type Db } from '#kit';
import type { OrderStatus } from '#schemas';
import type { Overview } from '../contract-ops.ts';

const { alerts, orders, orderStatusHistory, paymentObservations, products } = tables;

/** The part of the overview that the read models know. */
export type Numbers = Pick<Overview, 'alerts' | 'open' | 'timeToResolve' | 'orders' | 'feeds'>;
export type NumbersReader = (from: number, stepMs: number, now: number) => Promise<Numbers>;

const MINUTE_MS = 60_000;
/** Enough for a percentile, whatever has happened. */
const MOST_RESOLVED = 10_000;

export function numbersOf(db: Db): NumbersReader {
  return async (from, stepMs, now) => {
    const bucketed = (column: typeof alerts.detectedAt | typeof alerts.resolvedAt) => {
      const at = sql<
        number | string
      >`floor(${column} / ${sql.raw(String(stepMs))}) * ${sql.raw(String(stepMs))}`;
      return db
        .select({
          at: at.as('bucket'),
          ruleId: alerts.ruleId,
          count: sql<number | string>`count(*)`,
        })
        .from(alerts)
        .where(gte(column, from))
        .groupBy(sql`bucket`, alerts.ruleId);
    };
    const younger = (ms: number, than = -1) =>
      sql<
        number | string
      >`sum(${alerts.detectedAt} > ${now - ms} and ${alerts.detectedAt} <= ${than < 0 ? now + 1e12 : now - than})`;
    const [raised, resolved, open, durations, byStatus, feeds] = await Promise.all([
      bucketed(alerts.detectedAt),
      bucketed(alerts.resolvedAt),
      db
        .select({
          ruleId: alerts.ruleId,
          count: sql<number | string>`count(*)`,
          acknowledged: sql<number | string>`sum(${alerts.state} = 'ACKNOWLEDGED')`,
          oldestAt: sql<number | string>`min(${alerts.detectedAt})`,
          m5: younger(5 * MINUTE_MS),
          h1: younger(60 * MINUTE_MS, 5 * MINUTE_MS),
          h24: younger(1440 * MINUTE_MS, 60 * MINUTE_MS),
        })
        .from(alerts)
        .where(and(inArray(alerts.state, ['NEW', 'ACKNOWLEDGED']), isNotNull(alerts.detectedAt)))
        .groupBy(alerts.ruleId),
      db
        .select({ ms: sql<number | string>`${alerts.resolvedAt} - ${alerts.detectedAt}` })
        .from(alerts)
        .where(and(gte(alerts.resolvedAt, from), isNotNull(alerts.detectedAt)))
        .limit(MOST_RESOLVED),
      db
        .select({ status: orders.status, count: sql<number | string>`count(*)` })
        .from(orders)
        .where(gte(orders.createdAt, from))
        .groupBy(orders.status),
      feedsOf(db),
    ]);
    return {
      alerts: merged(raised, resolved),
      open: open.map((row) => {
        const ages = { m5: Number(row.m5), h1: Number(row.h1), h24: Number(row.h24) };
        const count = Number(row.count);
        return {
          ruleId: ruleOf(row.ruleId),
          count,
          acknowledged: Number(row.acknowledged),
          oldestAt: Number(row.oldestAt),
          ages: { ...ages, older: count - ages.m5 - ages.h1 - ages.h24 },
        };
      }),
      timeToResolve: spread(durations.map(({ ms }) => Number(ms))),
      orders: byStatus.map(({ status, count }) => ({
        status: (status ?? 'PENDING') as OrderStatus,
        count: Number(count),
      })),
      feeds,
    };
  };
}

/** Median and 95th percentile. */
export function spread(values: readonly number[]): Overview['timeToResolve'] {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): number | null =>
    sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;
  return { count: sorted.length, medianMs: at(0.5), p95Ms: at(0.95) };
}

interface Bucket {
  readonly at: number | string;
  readonly ruleId: string | null;
  readonly count: number | string;
}

function merged(raised: readonly Bucket[], resolved: readonly Bucket[]): Overview['alerts'] {
  const buckets = new Map<string, Overview['alerts'][number]>();
  const add = (of: readonly Bucket[], what: 'raised' | 'resolved'): void => {
    for (const bucket of of) {
      const [at, ruleId] = [Number(bucket.at), ruleOf(bucket.ruleId)];
      const key = `${at} ${ruleId}`;
      const known = buckets.get(key) ?? { at, ruleId, raised: 0, resolved: 0 };
      buckets.set(key, { ...known, [what]: Number(bucket.count) });
    }
  };
  add(raised, 'raised');
  add(resolved, 'resolved');
  return [...buckets.values()].sort((a, b) => a.at - b.at);
}

async function feedsOf(db: Db): Promise<Overview['feeds']> {
  const latest = async (
    name: string,
    rows: Promise<readonly { readonly lastAt: number | string | null }[]>,
  ) => {
    const lastAt = (await rows)[0]?.lastAt ?? null;
    return { name, lastAt: lastAt === null ? null : Number(lastAt) };
  };
  const last = (column: Parameters<typeof gte>[0]) => ({
    lastAt: sql<number | string | null>`max(${column})`,
  });
  return Promise.all([
    latest(
      'order-status-changed',
      db.select(last(orderStatusHistory.statusAt)).from(orderStatusHistory),
    ),
    latest(
      'payment-status-observed',
      db.select(last(paymentObservations.occurredAt)).from(paymentObservations),
    ),
    latest('alerts', db.select(last(alerts.detectedAt)).from(alerts)),
    latest('product-events', db.select(last(products.changedAt)).from(products)),
  ]);
}

function ruleOf(ruleId: string | null): Overview['open'][number]['ruleId'] {
  return (ruleId ?? 'UNKNOWN') as 'RULE_A';
}

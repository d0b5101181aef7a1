import { and, asc, desc, eq, gte, inArray, isNotNull, like, lte, sql, type SQL } from 'drizzle-orm';
import { tables, type Db } from '#kit';
import type { OrderStatus } from '#schemas';
import type {
  Alert,
  AlertPageView,
  AlertsQuery,
  AuditEntry,
  OpsOrderPage,
} from '../contract-ops.ts';
import { summaryOf } from '../orders/order-views.ts';
import { escapeLike } from './catalogue.ts';

const { accounts, alertAudit, alerts, orders } = tables;

/** What operators look at. */
export interface AlertBook {
  page(query: AlertsQuery, now: number): Promise<Omit<AlertPageView, 'serverTime'>>;
  find(alertId: string): Promise<Alert | undefined>;
  ofOrder(orderNo: string): Promise<readonly Alert[]>;
  audit(orderNo: string): Promise<readonly AuditEntry[]>;
  orders(query: OpsOrdersQuery): Promise<OpsOrderPage>;
  /** Display names, by account. */
  names(accountIds: readonly (string | null)[]): Promise<ReadonlyMap<string, string>>;
}

export interface OpsOrdersQuery {
  readonly q?: string | undefined;
  readonly status?: readonly OrderStatus[] | undefined;
  readonly accountId?: string | undefined;
  readonly page?: number | undefined;
  readonly pageSize?: number | undefined;
}

const PAGE_SIZE = 50;
const OPEN = ['NEW', 'ACKNOWLEDGED'] as const;

interface AlertRow {
  readonly alert: typeof alerts.$inferSelect;
  readonly totalAmount: number | null;
  readonly by: string | null;
}

export function alertBookOf(db: Db): AlertBook {
  const select = () =>
    db
      .select({ alert: alerts, totalAmount: orders.totalAmount, by: accounts.displayName })
      .from(alerts)
      .leftJoin(orders, eq(orders.orderNo, alerts.orderNo))
      .leftJoin(accounts, eq(accounts.accountId, alerts.acknowledgedBy));

  return {
    async page({ rule, state, minAgeMs, maxAgeMs, q, sort, page = 1, pageSize = PAGE_SIZE }, now) {
      const states = state?.flatMap((each) => (each === 'open' ? OPEN : [each]));
      const all = and(
        // Those of which only an action or the resolution has arrived are not shown yet.
        isNotNull(alerts.detectedAt),
        minAgeMs === undefined ? undefined : lte(alerts.detectedAt, now - minAgeMs),
        maxAgeMs === undefined ? undefined : gte(alerts.detectedAt, now - maxAgeMs),
        beginsWith(alerts.orderNo, q),
      );
      const chosen = and(
        all,
        rule && rule.length > 0 ? inArray(alerts.ruleId, rule) : undefined,
        states && states.length > 0 ? inArray(alerts.state, states) : undefined,
      );
      const isResolved = sql`${alerts.state} = 'RESOLVED'`;
      const order = sort === 'newest' ? desc(alerts.detectedAt) : asc(alerts.detectedAt);
      const [rows, totals, counts] = await Promise.all([
        select()
          .where(chosen)
          // Of resolved ones nobody waits for the oldest.
          .orderBy(
            isResolved,
            ...(sort === undefined
              ? [sql`case when ${isResolved} then -${alerts.detectedAt} end`]
              : []),
            order,
            alerts.alertId,
          )
          .limit(pageSize)
          .offset((page - 1) * pageSize),
        db
          .select({ total: sql<number | string>`count(*)` })
          .from(alerts)
          .where(chosen),
        db
          .select({
            ruleId: alerts.ruleId,
            state: alerts.state,
            count: sql<number | string>`count(*)`,
          })
          .from(alerts)
          .where(all)
          .groupBy(alerts.ruleId, alerts.state),
      ]);
      return {
        total: Number(totals[0]?.total ?? 0),
        page,
        pageSize,
        alerts: rows.map(alertOf),
        counts: counts.map(({ ruleId, state: of, count }) => ({
          ruleId: ruleOf(ruleId),
          state: of as Alert['state'],
          count: Number(count),
        })),
      };
    },
    async find(alertId) {
      const [row] = await select().where(eq(alerts.alertId, alertId)).limit(1);
      return row && row.alert.detectedAt !== null ? alertOf(row) : undefined;
    },
    async ofOrder(orderNo) {
      const rows = await select()
        .where(and(eq(alerts.orderNo, orderNo), isNotNull(alerts.detectedAt)))
        .orderBy(asc(alerts.detectedAt));
      return rows.map(alertOf);
    },
    async audit(orderNo) {
      const rows = await db
        .select({ entry: alertAudit, by: accounts.displayName })
        .from(alertAudit)
        .leftJoin(accounts, eq(accounts.accountId, alertAudit.operatorId))
        .where(eq(alertAudit.orderNo, orderNo))
        .orderBy(asc(alertAudit.requestedAt));
      return rows.map(({ entry, by }) => ({
        actionId: entry.actionId,
        alertId: entry.alertId,
        type: entry.type ?? 'UNKNOWN',
        operator: person(entry.operatorId, by),
        reason: entry.reason ?? '',
        requestedAt: entry.requestedAt ?? entry.endedAt ?? 0,
        outcome: entry.outcome,
        detail: entry.detail,
        endedAt: entry.endedAt,
      }));
    },
    async orders({ q, status, accountId, page = 1, pageSize = PAGE_SIZE }) {
      const where = and(
        beginsWith(orders.orderNo, q),
        status && status.length > 0 ? inArray(orders.status, [...status]) : undefined,
        accountId === undefined ? undefined : eq(orders.accountId, accountId),
      );
      const [rows, totals] = await Promise.all([
        db
          .select()
          .from(orders)
          .where(where)
          .orderBy(desc(orders.createdAt), desc(orders.orderNo))
          .limit(pageSize)
          .offset((page - 1) * pageSize),
        db
          .select({ total: sql<number | string>`count(*)` })
          .from(orders)
          .where(where),
      ]);
      const open = await openAlertsOf(
        db,
        rows.map(({ orderNo }) => orderNo),
      );
      return {
        total: Number(totals[0]?.total ?? 0),
        page,
        pageSize,
        orders: rows.map((row) => ({
          ...summaryOf(row),
          accountId: row.accountId,
          openAlerts: open.get(row.orderNo) ?? 0,
        })),
      };
    },
    async names(accountIds) {
      const wanted = accountIds.filter((each) => each !== null);
      if (wanted.length === 0) return new Map();
      const rows = await db
        .select({ accountId: accounts.accountId, displayName: accounts.displayName })
        .from(accounts)
        .where(inArray(accounts.accountId, wanted));
      return new Map(rows.map((row) => [row.accountId, row.displayName ?? row.accountId]));
    },
  };
}

export function person(accountId: string | null, displayName: string | null | undefined) {
  return accountId === null ? null : { accountId, displayName: displayName ?? accountId };
}

function ruleOf(ruleId: string | null): Alert['ruleId'] {
  return (ruleId ?? 'UNKNOWN') as Alert['ruleId'];
}

function alertOf({ alert, totalAmount, by }: AlertRow): Alert {
  return {
    alertId: alert.alertId,
    orderNo: alert.orderNo ?? '',
    ruleId: ruleOf(alert.ruleId),
    eventId: alert.eventId ?? '',
    state: alert.state as Alert['state'],
    observed: {
      orderStatus: alert.observedOrderStatus ?? 'UNKNOWN',
      paymentStatus: alert.observedPaymentStatus,
    },
    expected: { orderStatus: alert.expectedOrderStatus ?? 'UNKNOWN' },
    detectedAt: alert.detectedAt ?? 0,
    acknowledgedAt: alert.acknowledgedAt,
    acknowledgedBy: person(alert.acknowledgedBy, by),
    resolvedAt: alert.resolvedAt,
    totalAmount,
  };
}

function beginsWith(
  column: typeof alerts.orderNo | typeof orders.orderNo,
  q = '',
): SQL | undefined {
  return q.trim() === '' ? undefined : like(column, `${escapeLike(q.trim())}%`);
}

async function openAlertsOf(db: Db, orderNos: readonly string[]): Promise<Map<string, number>> {
  if (orderNos.length === 0) return new Map();
  const rows = await db
    .select({ orderNo: alerts.orderNo, count: sql<number | string>`count(*)` })
    .from(alerts)
    .where(and(inArray(alerts.orderNo, [...orderNos]), inArray(alerts.state, [...OPEN])))
    .groupBy(alerts.orderNo);
  return new Map(rows.map(({ orderNo, count }) => [orderNo ?? '', Number(count)]));
}

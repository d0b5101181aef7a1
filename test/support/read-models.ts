/**
 * The read models again, slow and obvious: what the tables are to hold once they have caught up with the topics, made from all
 * events at once and not one after the other. Only of the keys of one test, which begin with its name.
 */
import { getTableColumns, getTableName, type InferSelectModel } from 'drizzle-orm';
import type { MySqlTable } from 'drizzle-orm/mysql-core';
import { dropTables, openDatabase, readSettings, tables } from '#kit';
import { topics, type AvroTopic } from '#schemas';
import { decodeRecord } from '#streams/task/decode';
import { allProjections } from '../../services/projections/all.ts';
import { offsetMigrations } from '../../services/projections/offsets.ts';
import { eventually, type TestKafka } from './kafka.ts';

type Tables = Omit<typeof tables, 'projectionOffsets'>;
export type ReadModels = { readonly [name in keyof Tables]: InferSelectModel<Tables[name]>[] };

const { projectionOffsets, ...readModels } = tables;

/** Each table begins with its key. */
function sorted(rows: readonly Record<string, unknown>[]): Record<string, unknown>[] {
  const text = (row: Record<string, unknown>) => JSON.stringify(Object.entries(row).sort());
  return rows.toSorted((a, b) => (text(a) < text(b) ? -1 : 1));
}

/** As MySQL has it, of this test. */
export async function foundReadModels(url: string, prefix: string): Promise<ReadModels> {
  const database = openDatabase({ url, connections: 1 });
  try {
    const found: Record<string, Record<string, unknown>[]> = {};
    for (const [name, table] of Object.entries(readModels) as [string, MySqlTable][]) {
      const [key] = Object.keys(getTableColumns(table));
      const rows = await database.db.select().from(table);
      found[name] = sorted(rows.filter((row) => String(row[key!]).startsWith(prefix)));
    }
    return found as unknown as ReadModels;
  } finally {
    await database.close();
  }
}

/** As the topics have it. */
export async function expectedReadModels(kafka: TestKafka): Promise<ReadModels> {
  const { orderStatusChanged, paymentStatusObserved, alertRaised, alertResolved } = kafka.topics;
  const created = await eventsOf(kafka, topics.orderCreated);
  const changed = await eventsOf(kafka, orderStatusChanged);
  const payments = await eventsOf(kafka, topics.paymentEvent);
  const observed = await eventsOf(kafka, paymentStatusObserved);
  const stock = await eventsOf(kafka, topics.storageEvent, ({ sku }) => sku);
  const accounts = await eventsOf(kafka, topics.accountEvent);
  const products = await eventsOf(kafka, topics.productEvent);
  const raised = await eventsOf(kafka, alertRaised);
  const resolved = await eventsOf(kafka, alertResolved);
  const actions = await eventsOf(kafka, topics.alertAction);
  const outcomes = await eventsOf(kafka, topics.alertActionOutcome);

  const orderNos = keysOf([...created, ...changed, ...payments, ...observed], (e) => e.orderNo);
  const orders = orderNos.map((orderNo) => {
    const own = <V extends { orderNo: string }>(all: readonly V[]) =>
      all.filter((event) => event.orderNo === orderNo);
    const creation = own(created)[0];
    const status = firstOfLatest(own(changed), (event) => event.updatedAt);
    const payable = own(payments).filter(({ url }) => url !== null);
    const payment = firstOfLatest(payable, (event) => event.occurredAt);
    const paid = own(observed).filter((event) => event.status === 'COMPLETED');
    return {
      orderNo,
      accountId: creation?.accountId ?? null,
      totalAmount: creation?.totalAmount ?? null,
      createdAt: creation?.createdAt ?? null,
      status: status?.status ?? null,
      statusAt: status?.updatedAt ?? null,
      reason: status?.reason ?? null,
      paymentStatus: status?.paymentStatus ?? null,
      paymentExpiresAt: status?.paymentExpiresAt ?? null,
      paymentUrl: payment?.url ?? null,
      merchantPaymentId: payment?.merchantPaymentId ?? null,
      paymentAt: payment?.occurredAt ?? null,
      paidAt: earliest(paid.map(({ occurredAt }) => occurredAt)),
    };
  });
  const alertIds = keysOf([...raised, ...resolved, ...actions], (event) => event.alertId);
  const alerts = alertIds.map((alertId) => {
    const of = <V extends { alertId: string }>(all: readonly V[]) =>
      all.filter((event) => event.alertId === alertId);
    const [alert] = of(raised);
    const known = alert ?? of(resolved)[0];
    const [any] = [...of(raised), ...of(resolved), ...of(actions)];
    const decisions = of(actions);
    const acknowledgedAt = earliest(decisions.map(({ requestedAt }) => requestedAt));
    const resolvedAt = earliest(of(resolved).map((event) => event.resolvedAt));
    const first = decisions.find(({ requestedAt }) => requestedAt === acknowledgedAt);
    const isOpen = acknowledgedAt === null ? 'NEW' : 'ACKNOWLEDGED';
    return {
      alertId,
      orderNo: any?.orderNo ?? null,
      ruleId: any?.ruleId ?? null,
      eventId: known?.eventId ?? null,
      state: resolvedAt === null ? isOpen : 'RESOLVED',
      observedOrderStatus: alert?.observed.orderStatus ?? null,
      observedPaymentStatus: alert?.observed.paymentStatus ?? null,
      expectedOrderStatus: alert?.expected.orderStatus ?? null,
      detectedAt: alert?.detectedAt ?? null,
      acknowledgedAt,
      acknowledgedBy: first?.operatorId ?? null,
      resolvedAt,
    };
  });
  const alertAudit = keysOf([...actions, ...outcomes], (event) => event.actionId).map(
    (actionId) => {
      const decision = actions.find((event) => event.actionId === actionId);
      const ended = outcomes.find((event) => event.actionId === actionId);
      const ending =
        decision?.type === 'ACKNOWLEDGE'
          ? { outcome: 'DONE', detail: 'acknowledged', endedAt: decision.requestedAt }
          : {
              outcome: ended?.outcome ?? null,
              detail: ended?.detail ?? null,
              endedAt: ended?.occurredAt ?? null,
            };
      return {
        actionId,
        orderNo: decision?.orderNo ?? ended?.orderNo ?? null,
        alertId: decision?.alertId ?? null,
        ruleId: decision?.ruleId ?? null,
        type: decision?.type ?? null,
        operatorId: decision?.operatorId ?? null,
        reason: decision?.reason ?? null,
        requestedAt: decision?.requestedAt ?? null,
        ...ending,
      };
    },
  );
  const models: Record<keyof ReadModels, Record<string, unknown>[]> = {
    orders,
    orderLines: firstOfEach(
      created.flatMap(({ orderNo, lines }) =>
        lines.map((line, i) => ({ orderNo, lineNo: i + 1, ...line })),
      ),
      (line) => `${line.orderNo} ${line.lineNo}`,
    ),
    orderStatusHistory: firstOfEach(
      changed.map(({ updatedAt: statusAt, ...change }) => ({ ...change, statusAt })),
      (change) => `${change.orderNo} ${change.statusAt} ${change.status}`,
    ),
    paymentObservations: firstOfEach(observed, (event) => `${event.orderNo} ${event.eventId}`).map(
      (event) => ({ ...event }),
    ),
    accounts: latestOfEach(accounts, (event) => event.accountId).map(
      ({ type, occurredAt: changedAt, ...facts }) => ({
        ...facts,
        isClosed: type === 'CLOSED',
        changedAt,
      }),
    ),
    stock: latestOfEach(stock, (event) => event.sku).map(
      ({ sku, available, reserved, sold, version, occurredAt: changedAt }) => {
        return { sku, available, reserved, sold, version, changedAt };
      },
    ),
    products: latestOfEach(products, (event) => event.sku).map(
      ({ type, occurredAt: changedAt, ...facts }) => ({
        ...facts,
        isListed: type === 'LISTED',
        changedAt,
      }),
    ),
    alerts,
    alertAudit,
  };
  const all = Object.entries(models).map(([name, rows]) => [name, sorted(rows)]);
  return Object.fromEntries(all) as ReadModels;
}

/** Resolves once each projection stands at the end of all its topics. */
export async function untilCaughtUp(kafka: TestKafka, url: string, only?: string): Promise<void> {
  const database = openDatabase({ url, connections: 1 });
  try {
    await eventually(
      'the read models to have caught up',
      async () => {
        const behind = await partitionsBehind(kafka, database.db);
        return behind.filter((each) => !only || each.startsWith(`${only} `)).length === 0;
      },
      { everyMs: 250 },
    );
  } finally {
    await database.close();
  }
}

/** The sum of all offsets; 0 while there is no table. */
export async function projectedOffsets(url: string): Promise<number> {
  const database = openDatabase({ url, connections: 1 });
  try {
    const rows = await database.db.select().from(projectionOffsets);
    return rows.reduce((sum, { nextOffset }) => sum + nextOffset, 0);
  } catch {
    return 0;
  } finally {
    await database.close();
  }
}

/** Nothing projected yet. No service may be running. */
export async function dropReadModels(kafka: TestKafka, url: string): Promise<void> {
  for (const projection of projectionsOf(kafka))
    await dropTables(url, projection.migrations, projection.tables.map(getTableName));
  await dropTables(url, offsetMigrations, [getTableName(projectionOffsets)]);
}

async function partitionsBehind(
  kafka: TestKafka,
  db: ReturnType<typeof openDatabase>['db'],
): Promise<string[]> {
  const rows = await db.select().from(projectionOffsets);
  const at = new Map(
    rows.map((row) => [`${row.projection} ${row.topic}-${row.partition}`, row.nextOffset]),
  );
  const behind: string[] = [];
  for (const { name, topics: read } of projectionsOf(kafka))
    for (const topic of read) {
      const ends = await kafka.ends(topic.name);
      ends.forEach((end, partition) => {
        const place = `${name} ${topic.name}-${partition}`;
        if ((at.get(place) ?? 0) !== end) behind.push(place);
      });
    }
  return behind;
}

function projectionsOf(kafka: TestKafka) {
  return allProjections(readSettings({ env: kafka.env, cwd: '/' }));
}

/** The events of a test's keys that can be read, each partition in its order. */
async function eventsOf<V>(
  kafka: TestKafka,
  topic: AvroTopic<V>,
  keyOf: (value: V) => string = (value) => topic.keyOf(value),
): Promise<V[]> {
  const serde = kafka.registry.serde(topic);
  const found: V[] = [];
  for (const raw of await kafka.readAll(topic.name)) {
    if (raw.value) await serde.load(raw.value);
    const { record, error } = decodeRecord(topic, serde, raw.partition, raw);
    if (!error && keyOf(record.value as V).startsWith(kafka.name)) found.push(record.value as V);
  }
  return found;
}

function keysOf<V>(events: readonly V[], keyOf: (event: V) => string): string[] {
  return [...new Set(events.map(keyOf))];
}

function firstOfEach<V>(events: readonly V[], keyOf: (event: V) => string): V[] {
  return [...Map.groupBy(events, keyOf).values()].map(([first]) => first!);
}

function latestOfEach<V extends { readonly version: number }>(
  events: readonly V[],
  keyOf: (event: V) => string,
): V[] {
  const groups = [...Map.groupBy(events, keyOf).values()];
  return groups.map((own) => firstOfLatest(own, ({ version }) => version)!);
}

function firstOfLatest<V>(events: readonly V[], at: (event: V) => number): V | undefined {
  const latest = Math.max(...events.map(at));
  return events.find((event) => at(event) === latest);
}

function earliest(times: readonly number[]): number | null {
  return times.length === 0 ? null : Math.min(...times);
}

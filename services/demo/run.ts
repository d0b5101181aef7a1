import { randomBytes, randomUUID } from 'node:crypto';
import { createPublisher, follow, type Followed, type Logger, type Settings } from '#kit';
import {
  renamed,
  SchemaRegistry,
  topics,
  type AvroTopic,
  type OrderCommand,
  type StorageCommand,
} from '#schemas';
import { demoPlan, type Shares, type Shopper } from './plan.ts';
import { SandboxClient } from './sandbox-client.ts';
import { verdictOf, type Verdict } from './verify.ts';
import { Watch } from './watch.ts';

export interface DemoOptions {
  readonly settings: Settings;
  readonly sandboxUrl: string;
  readonly orders: number;
  /** Orders a second. */
  readonly rate: number;
  readonly shares: Shares;
  /** How long to wait for what is still missing once the last order was placed, ms. */
  readonly patienceMs: number;
  /** After the last order has ended: alerts that are not true would come now, ms. */
  readonly quietMs: number;
  readonly random: () => number;
  readonly now: () => number;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: DemoProgress) => void;
  readonly logger: Logger;
}

export interface DemoProgress {
  readonly placed: number;
  readonly ended: number;
  readonly settled: number;
  readonly alerts: number;
  readonly orders: number;
}

const SKUS = 20;
const DELIVERED = 100_000;
const TICK_MS = 100;

/**
 * Places orders as shoppers do, pays them at the sandbox with all that may go wrong there, and checks what became of them.
 * Its goods are its own, so that what is in stock at the end is known.
 *
 * @throws when brokers, registry or sandbox can't be reached
 */
export async function runDemo(options: DemoOptions): Promise<Verdict> {
  const { settings, orders, random, now, sleep, signal } = options;
  const run = now().toString(36).toUpperCase();
  const schemas = new SchemaRegistry({ url: settings.schemaRegistryUrl });
  const sandbox = new SandboxClient(options.sandboxUrl, sleep);
  const offers = Array.from({ length: SKUS }, (_, i) => ({
    sku: `DEMO-${run}-${i + 1}`,
    price: 100 * (i + 1),
  }));
  const shoppers = demoPlan(orders, { run, offers, shares: options.shares, random });
  const byOrder = new Map(shoppers.map((shopper) => [shopper.orderNo, shopper]));
  const failures: Error[] = [];
  const watch = new Watch(shoppers, (orderNo, merchantPaymentId) => {
    const { behaviour } = byOrder.get(orderNo)!;
    if (behaviour === 'leaves') return;
    sandbox
      .act(merchantPaymentId, behaviour === 'pays' ? 'pay' : 'decline')
      .catch((error: unknown) => failures.push(error as Error));
  });
  const following = await follow({
    kafka: settings.kafka,
    clientId: 'demo',
    from: 'latest',
    topics: watched(watch, settings, schemas),
    onBad: (problem) => options.logger.warn(problem),
    onContact: () => undefined,
    logger: options.logger,
  });
  const publisher = createPublisher({
    kafka: settings.kafka,
    schemas,
    clientId: 'demo',
    logger: options.logger,
  });
  let placed = 0;
  const tell = () =>
    options.onProgress({
      placed,
      ended: watch.ended,
      settled: watch.settled,
      alerts: watch.alerts.length,
      orders,
    });
  try {
    await publisher.publish(
      offers.map(({ sku }) => ({ topic: topics.storageCommand, value: delivery(sku, now()) })),
    );
    const startedAt = now();
    while (placed < orders && !signal.aborted) {
      const due = Math.min(
        orders,
        Math.ceil(((now() - startedAt + TICK_MS) / 1000) * options.rate),
      );
      const batch = shoppers.slice(placed, due);
      await Promise.all(
        batch.flatMap(({ orderNo, faults }) =>
          faults ? [sandbox.setFaults(orderNo, faults)] : [],
        ),
      );
      if (batch.length > 0)
        await publisher.publish(
          batch.map((shopper) => ({
            topic: topics.orderCommand,
            value: orderOf(shopper, now()),
            headers: correlation(),
          })),
        );
      placed += batch.length;
      tell();
      await sleep(TICK_MS, signal);
    }
    const deadline = now() + options.patienceMs;
    const isComplete = () =>
      watch.settled === orders &&
      shoppers.every(
        ({ orderNo, expected }) => expected === 'FAILED' || watch.seen(orderNo).confirmation,
      );
    while (!isComplete() && now() < deadline && !signal.aborted && failures.length === 0) {
      tell();
      await Promise.race([sleep(TICK_MS, signal), following.failed]);
    }
    await Promise.race([sleep(options.quietMs, signal), following.failed]);
    tell();
    signal.throwIfAborted();
    if (failures[0]) throw failures[0];
    return verdictOf(shoppers, watch, { deliveredPerSku: DELIVERED, graceMs: settings.graceMs });
  } finally {
    await following.stop();
    await publisher.close();
    await Promise.allSettled(
      shoppers.flatMap(({ orderNo, faults }) => (faults ? [sandbox.clearFaults(orderNo)] : [])),
    );
  }
}

function watched(watch: Watch, settings: Settings, schemas: SchemaRegistry): Followed<unknown>[] {
  const each = <V>(topic: AvroTopic<V>, onValue: (value: V) => void): Followed<unknown> => ({
    name: topic.name,
    serde: schemas.serde(topic),
    onValue: (value) => onValue(value as V),
  });
  return [
    each(renamed(topics.orderStatusChanged, settings.orderTopic), (v) => watch.status(v)),
    each(topics.paymentEvent, (v) => watch.payment(v)),
    each(renamed(topics.paymentStatusObserved, settings.paymentTopic), (v) => watch.observation(v)),
    each(topics.storageEvent, (v) => watch.storage(v)),
    each(topics.paymentConfirmation, (v) => watch.confirmation(v)),
    each(renamed(topics.alertRaised, settings.alertTopic), (v) => watch.alert(v)),
  ];
}

function delivery(sku: string, requestedAt: number): StorageCommand {
  return {
    commandId: `delivery/${sku}`,
    sku,
    type: 'RESTOCK',
    orderNo: null,
    attempt: 1,
    quantity: DELIVERED,
    requestedAt,
  };
}

function orderOf({ orderNo, lines }: Shopper, requestedAt: number): OrderCommand {
  return {
    commandId: `create/${orderNo}`,
    orderNo,
    type: 'CREATE',
    accountId: 'demo',
    lines,
    totalAmount: lines.reduce((sum, line) => sum + line.quantity * line.unitPrice, 0),
    requestedAt,
  };
}

/** As the BFF gives one to each request. @see https://www.w3.org/TR/trace-context/ */
function correlation(): Record<string, string> {
  const trace = randomBytes(16).toString('hex');
  const span = randomBytes(8).toString('hex');
  return { traceparent: `00-${trace}-${span}-01`, 'correlation-id': randomUUID() };
}

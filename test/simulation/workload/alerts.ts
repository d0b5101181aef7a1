import { topics, type AvroTopic, type OrderStatusChanged } from '#schemas';
import type { PaymentStatusObserved, AlertRaised, AlertResolved } from '#schemas';
import { kafkaAlert, watchedOrderSerde } from '#topology/kafka-alert';
import type { Topology } from '#streams';
import { judge, type ModelRecord, type ModelSettings } from '../../model/model.ts';
import { NO_LIMIT, type TopicLimit } from '../broker/partition-log.ts';
import type { Random } from '../random.ts';
import { arrival, writerOf, type Arrivals } from './arrivals.ts';
import { ensure, type Input, type Workload } from './workload.ts';
import type { ProcessingGuarantee, ReadTopic } from './workload.ts';

type Event =
  | { readonly topic: AvroTopic<OrderStatusChanged>; readonly value: OrderStatusChanged }
  | { readonly topic: AvroTopic<PaymentStatusObserved>; readonly value: PaymentStatusObserved };

const ORDER_STATUSES = ['PENDING', 'WAITING_PAYMENT', 'PAID', 'PAID', 'FAILED', 'UNKNOWN'] as const;
const PAYMENT_STATUSES = ['COMPLETED', 'COMPLETED', 'CAPTURED', 'FAILED', 'CANCELED', 'REFUNDED'];
const { orderStatusChanged, paymentStatusObserved, alertRaised, alertResolved } = topics;

/** kafka-alert over random orders of which no record is late: what comes out must be what the slow model of the rules says. */
export class AlertsWorkload implements Workload {
  readonly topology: Topology;
  readonly arrivals: Arrivals;
  readonly inputs: readonly Input[];
  readonly lastDueAt: number;
  readonly strangeState = watchedOrderSerde.encode({
    timelines: [
      {
        orders: [{ kind: 'order', status: 'PAID', at: 1, expiresAt: null }],
        payments: [],
        alerts: [],
      },
    ],
    checkedTo: -Infinity,
  });
  readonly topics = new Map<string, number | undefined>([
    [orderStatusChanged.name, undefined],
    [paymentStatusObserved.name, undefined],
    [alertRaised.name, 2],
    [alertResolved.name, 3],
  ]);
  readonly #settings: ModelSettings;
  /** What is read of each order, in reading order. */
  readonly #orders = new Map<string, ModelRecord[]>();

  constructor(random: Random, arrivals: Arrivals, guarantee: ProcessingGuarantee) {
    this.arrivals = { ...arrivals, mayBeLate: false };
    const graceMs = random.pick([0, 200, 1000]);
    this.#settings = {
      graceMs,
      // Where records may be processed again, those of an order whose timeline is gone by then would be half of one.
      retentionMs:
        guarantee === 'at_least_once'
          ? 3_600_000
          : Math.max(graceMs, random.pick([1500, 3000, 3_600_000])),
      unknownOrder: random.chance(0.7),
    };
    this.topology = kafkaAlert({ ...this.#settings, topics });
    this.inputs = this.#draw(random);
    this.lastDueAt = arrivals.start + arrivals.spanMs + graceMs;
  }

  checkCommit(): void {
    // Alerts follow from whole histories: see `checkEnd`.
  }

  checkProgress(): void {
    // As above.
  }

  limitOf(): TopicLimit {
    return NO_LIMIT;
  }

  checkEnd(records: ReadTopic, guarantee: ProcessingGuarantee): void {
    const expectedAlerts: string[] = [];
    const expectedResolutions: string[] = [];
    for (const [orderNo, read] of this.#orders) {
      const steps = read.map((record) => ({ record, watermark: -Infinity }));
      const output = judge([...steps, { record: null, watermark: Infinity }], this.#settings);
      for (const alert of output.alerts) expectedAlerts.push(alertLine({ orderNo, ...alert }));
      for (const one of output.resolutions)
        expectedResolutions.push(resolutionLine({ orderNo, ...one }));
    }
    const alerts = records(alertRaised.name).map(({ value }) => alertRaised.value.decode(value!));
    const resolutions = records(alertResolved.name).map(({ value }) =>
      alertResolved.value.decode(value!),
    );
    const once = (lines: string[]) =>
      guarantee === 'exactly_once_v2' ? lines : [...new Set(lines)];
    compare('alerts', once(alerts.map(alertLine)), expectedAlerts);
    compare('resolutions', once(resolutions.map(resolutionLine)), expectedResolutions);
  }

  #draw(random: Random): Input[] {
    const hasGaps = this.#settings.retentionMs < this.arrivals.spanMs;
    const events: { atMs: number; event: Event }[] = [];
    for (let i = random.int(3, 14); i > 0; i--) {
      const orderNo = `ORD-${i}`;
      for (let j = random.int(1, 7); j > 0; j--) {
        // Coarse, so that instants coincide.
        const at =
          this.arrivals.start + 100 * random.int(0, Math.floor(this.arrivals.spanMs / 100));
        const event = random.chance(0.5)
          ? drawOrder(orderNo, at, random)
          : drawPayment(orderNo, at, hasGaps, random);
        for (let copies = random.chance(0.1) ? 2 : 1; copies > 0; copies--) {
          events.push({ atMs: arrival(at, this.arrivals, random), event });
        }
      }
    }
    events.sort((a, b) => a.atMs - b.atMs);
    return events.map(({ atMs, event }) => this.#input(atMs, event, random));
  }

  #input(atMs: number, { topic, value }: Event, random: Random): Input {
    const { orderNo } = value;
    const { writer, openMs } = writerOf(random);
    const isUnreadable = random.chance(0.02);
    if (writer !== 'aborted' && !isUnreadable) {
      const read = this.#orders.get(orderNo) ?? [];
      this.#orders.set(orderNo, [...read, modelOf(value)]);
    }
    return {
      atMs,
      topic: topic.name,
      key: Buffer.from(orderNo),
      value: isUnreadable ? Buffer.from([0xff]) : (topic as AvroTopic<unknown>).value.encode(value),
      writer,
      openMs,
      isDeadLetter: isUnreadable && writer !== 'aborted',
    };
  }
}

function drawOrder(orderNo: string, updatedAt: number, random: Random): Event {
  const paymentExpiresAt = random.chance(0.4) ? updatedAt + 100 * random.int(-5, 10) : null;
  const status = random.pick(ORDER_STATUSES);
  const value = { orderNo, status, paymentStatus: null, updatedAt, paymentExpiresAt, reason: null };
  return { topic: orderStatusChanged, value };
}

/**
 * Where an order's timeline may have gaps, an event id comes again at the same instant only: whether a later copy is on the
 * same timeline would depend on what was read of the other topic before it.
 */
function drawPayment(orderNo: string, occurredAt: number, hasGaps: boolean, random: Random): Event {
  const eventId = hasGaps ? `evt-${occurredAt}-${random.int(0, 1)}` : `evt-${random.int(0, 5)}`;
  const status = random.pick(PAYMENT_STATUSES);
  const value = { orderNo, status, eventId, occurredAt, source: 'WEBHOOK' } as const;
  return { topic: paymentStatusObserved, value };
}

function modelOf(value: Event['value']): ModelRecord {
  if ('eventId' in value) {
    const { status, occurredAt, eventId } = value;
    return { kind: 'payment', status, at: occurredAt, eventId };
  }
  const { status, updatedAt, paymentExpiresAt } = value;
  return { kind: 'order', status, at: updatedAt, expiresAt: paymentExpiresAt };
}

type Line<T> = Pick<
  T,
  keyof T & ('orderNo' | 'eventId' | 'observed' | 'expected' | 'detectedAt' | 'resolvedAt')
> & {
  readonly ruleId: string;
};

function alertLine(alert: Line<AlertRaised>): string {
  const { orderNo, ruleId, eventId, observed, expected, detectedAt } = alert;
  return JSON.stringify([
    orderNo,
    ruleId,
    eventId,
    detectedAt,
    observed.paymentStatus,
    observed.orderStatus,
    expected.orderStatus,
  ]);
}

function resolutionLine(resolution: Line<AlertResolved>): string {
  const { orderNo, ruleId, eventId, observed, resolvedAt } = resolution;
  return JSON.stringify([
    orderNo,
    ruleId,
    eventId,
    resolvedAt,
    observed.paymentStatus,
    observed.orderStatus,
  ]);
}

function compare(what: string, found: string[], expected: string[]): void {
  const [a, b] = [found.sort().join('\n'), expected.sort().join('\n')];
  ensure(a === b, () => `${what} found:\n${a}\nexpected by the model of the rules:\n${b}`);
}

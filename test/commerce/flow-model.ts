/**
 * The order saga and the storage, each a production topology in a driver, with everything between them in queues that the
 * test empties in whatever order it likes; and a payment provider of a few lines in place of the payment service.
 */
import {
  topics,
  type AlertAction,
  type AvroTopic,
  type OrderStatusChanged,
  type PaymentCommand,
  type PaymentEvent,
  type PaymentStatusObserved,
} from '#schemas';
import { TopologyTestDriver } from '#streams';
import { defaultOrderSagaSettings, orderSaga } from '#topology/order-saga';
import { defaultStorageSettings, storage } from '#topology/storage';

export const T0 = Date.UTC(2024, 1, 1);
export const MINUTE = 60_000;
/** Payments can be paid for this long. */
export const EXPIRY_MS = 5 * MINUTE;

interface Payment {
  readonly orderNo: string;
  readonly expiresAt: number;
  status: 'CREATED' | 'COMPLETED' | 'FAILED' | 'DELETED' | 'REFUNDED';
  paidAt: number | null;
}

export class FlowModel {
  now = T0;
  /** What lies in topics and was not read yet, by topic. */
  readonly queues = new Map<string, (() => void)[]>();
  readonly payments = new Map<string, Payment>();
  readonly statuses: OrderStatusChanged[] = [];
  readonly outcomes: string[] = [];
  readonly commands: PaymentCommand[] = [];
  readonly saga = new TopologyTestDriver(
    orderSaga({ ...defaultOrderSagaSettings, now: () => this.now, topics }),
    { allowedLatenessMs: 0 },
  );
  readonly stock = new TopologyTestDriver(storage({ ...defaultStorageSettings, topics }));
  #restocks = 0;

  restock(sku: string, quantity: number): void {
    const commandId = `restock-${this.#restocks++}`;
    const about = { sku, quantity, orderNo: null, attempt: 1, requestedAt: this.now };
    this.stock.pipe(topics.storageCommand, { commandId, type: 'RESTOCK', ...about });
    this.stock.read(topics.storageEvent);
  }

  order(orderNo: string, lines: Readonly<Record<string, number>>): void {
    const bought = Object.entries(lines).map(([sku, quantity]) => ({
      sku,
      quantity,
      unitPrice: 100,
    }));
    const totalAmount = bought.reduce((sum, { quantity }) => sum + 100 * quantity, 0);
    const requestedAt = this.now;
    this.#send(topics.orderCommand, this.saga, {
      commandId: `create-${orderNo}`,
      orderNo,
      type: 'CREATE',
      accountId: 'ann',
      lines: bought,
      totalAmount,
      requestedAt,
    });
  }

  act(type: AlertAction['type'], orderNo: string, actionId = `${type}-1`): void {
    const alertId = '00000000-0000-0000-0000-000000000000';
    const by = { operatorId: 'olga', reason: 'on the phone', requestedAt: this.now };
    const about = { actionId, orderNo, alertId, ruleId: 'RULE_A' as const };
    this.#send(topics.alertAction, this.saga, { ...about, ...by, type });
  }

  /** The shopper pays, or is declined; a webhook tells. False when there is nothing to be paid. */
  pay(orderNo: string, status: 'COMPLETED' | 'FAILED' = 'COMPLETED', webhook = true): boolean {
    const payment = this.payments.get(orderNo);
    if (payment?.status !== 'CREATED') return false;
    payment.status = status;
    payment.paidAt = status === 'COMPLETED' ? this.now : null;
    if (webhook) this.observe(orderNo, 'WEBHOOK');
    return true;
  }

  observe(orderNo: string, source: PaymentStatusObserved['source']): void {
    const payment = this.payments.get(orderNo)!;
    const { status, paidAt } = payment;
    if (status === 'CREATED' || status === 'DELETED') return;
    const occurredAt = paidAt ?? this.now;
    const eventId = `${orderNo}:${status}`;
    this.#send(topics.paymentStatusObserved, this.saga, {
      orderNo,
      status,
      eventId,
      occurredAt,
      source,
    });
  }

  /** Lets time go on, and timers with it. */
  advanceTo(instant: number): void {
    this.now = Math.max(this.now, instant);
    this.saga.advanceWatermarkTo(this.now);
    this.#collect();
  }

  /** Hands on what is first in one queue; false when it is empty. */
  deliver(topic: string): boolean {
    const next = this.queues.get(topic)?.shift();
    next?.();
    this.#collect();
    return next !== undefined;
  }

  /** Hands on everything, until nothing more comes. */
  settle(): void {
    for (let more = true; more;) {
      more = false;
      for (const topic of this.queues.keys()) while (this.deliver(topic)) more = true;
    }
  }

  /** The order's statuses so far. */
  historyOf(orderNo: string): string[] {
    return this.statuses.filter((each) => each.orderNo === orderNo).map(({ status }) => status);
  }

  levels(sku: string): { available: number; reserved: number; sold: number } {
    const found = this.stock.storeEntries('stock').find(([key]) => key === sku);
    return found![1] as { available: number; reserved: number; sold: number };
  }

  #send<V>(topic: AvroTopic<V>, driver: TopologyTestDriver, value: V): void {
    const queue = this.queues.get(topic.name) ?? [];
    this.queues.set(topic.name, queue);
    queue.push(() => driver.pipe(topic, value));
  }

  #collect(): void {
    for (const { value } of this.saga.read(topics.storageCommand))
      this.#send(topics.storageCommand, this.stock, value);
    for (const { value } of this.stock.read(topics.storageEvent))
      this.#send(topics.storageEvent, this.saga, value);
    for (const { value } of this.saga.read(topics.paymentCommand)) {
      this.commands.push(value);
      const queue = this.queues.get(topics.paymentCommand.name) ?? [];
      this.queues.set(topics.paymentCommand.name, queue);
      queue.push(() => this.#payment(value));
    }
    this.statuses.push(...this.saga.read(topics.orderStatusChanged).map(({ value }) => value));
    for (const { value } of this.saga.read(topics.alertActionOutcome))
      this.outcomes.push(`${value.actionId} ${value.outcome}: ${value.detail}`);
  }

  /** What the payment service makes of a command. */
  #payment({ commandId, orderNo, type, merchantPaymentId }: PaymentCommand): void {
    const known = this.payments.get(orderNo);
    const answer = (event: Partial<PaymentEvent> & { type: PaymentEvent['type'] }) => {
      this.#send(topics.paymentEvent, this.saga, {
        commandId,
        orderNo,
        merchantPaymentId,
        status: null,
        url: null,
        codeId: null,
        expiresAt: null,
        paidAt: null,
        reason: null,
        occurredAt: this.now,
        ...event,
      });
    };
    switch (type) {
      case 'CREATE': {
        const expiresAt = known?.expiresAt ?? this.now + EXPIRY_MS;
        if (!known)
          this.payments.set(orderNo, { orderNo, expiresAt, status: 'CREATED', paidAt: null });
        answer({ type: 'CREATED', expiresAt, url: 'https://pay.example', codeId: 'code' });
        break;
      }
      case 'CANCEL':
        if (known?.status === 'COMPLETED') {
          answer({ type: 'ALREADY_PAID', status: 'COMPLETED', paidAt: known.paidAt });
          break;
        }
        if (known?.status === 'CREATED') known.status = 'DELETED';
        answer({ type: 'CANCELLED' });
        break;
      case 'REFUND':
        if (known?.status === 'COMPLETED') known.status = 'REFUNDED';
        answer({ type: 'REFUNDED' });
        this.observe(orderNo, 'POLLING');
        break;
      case 'QUERY':
        answer({ type: 'QUERIED', status: known?.status ?? null });
        if (known) this.observe(orderNo, 'POLLING');
        break;
      case 'UNKNOWN':
        throw new Error('the saga has sent a command that is none');
    }
  }
}

import type { ProcessorContext } from '#streams';
import type {
  AlertRaised,
  AlertResolved,
  OrderStatusChanged,
  PaymentStatusObserved,
} from '#schemas';
import { orderWatcher } from '../../topology/kafka-alert/processor.ts';
import type { AlertSettings } from '../../topology/kafka-alert/settings.ts';
import { watchedOrderSerde } from '../../topology/kafka-alert/watched-order-serde.ts';
import { nextCheckAt } from '../../topology/kafka-alert/watched-order.ts';
import type { WatchedOrder } from '../../topology/kafka-alert/watched-order.ts';

type Outcome = AlertRaised | AlertResolved;

export interface HarnessOptions {
  /** Sends every state through its bytes. */
  readonly recode?: boolean;
  /**
   * When state that is over is dropped: `soon`, at every move of the watermark; `late`, when something else is to be
   * done for the order. Default: when its timer says so.
   */
  readonly drop?: 'soon' | 'late';
}

/**
 * Drives the processor as the runtime does: the record with the watermark before it, then the watermark moves, then the timers
 * that are due by then, in order. State is in a map; nothing else of the runtime is here.
 */
export class Harness {
  readonly alerts: AlertRaised[] = [];
  readonly resolutions: AlertResolved[] = [];
  /** In reading order: `accepted`, or why not. */
  readonly outcomes: string[] = [];
  readonly counts = new Map<string, number>();
  readonly orders = new Map<string, WatchedOrder>();
  watermark = -Infinity;

  readonly #settings: AlertSettings;
  readonly #processor;
  readonly #options: HarnessOptions;
  readonly #timers = new Map<string, number>();
  #offset = 0;

  constructor(settings: AlertSettings, options: HarnessOptions = {}) {
    this.#settings = settings;
    this.#processor = orderWatcher({ name: 'order-timelines' }, settings);
    this.#options = options;
  }

  read(value: OrderStatusChanged | PaymentStatusObserved): void {
    const isPayment = 'eventId' in value;
    const key = value.orderNo;
    const outcomesBefore = this.outcomes.length;
    this.#processor.onRecord(
      {
        key,
        value,
        timestamp: isPayment ? value.occurredAt : value.updatedAt,
        headers: {},
        topic: isPayment ? 'payment-status-observed' : 'order-status-changed',
        partition: 0,
        offset: this.#offset++,
      },
      this.orders.get(key),
      this.#contextOf(key),
    );
    if (this.outcomes.length === outcomesBefore) this.outcomes.push('accepted');
  }

  moveTo(watermark: number): void {
    if (watermark > this.watermark) this.watermark = watermark;
    for (;;) {
      let due: [string, number] | undefined;
      for (const timer of this.#timers) if (due === undefined || timer[1] < due[1]) due = timer;
      if (due === undefined || due[1] > this.watermark) break;
      this.#fire(...due);
    }
    if (this.#options.drop !== 'soon') return;
    for (const key of this.orders.keys()) this.#fire(key, this.watermark);
  }

  #fire(key: string, dueAt: number): void {
    this.#processor.onTimer!(key, dueAt, this.orders.get(key)!, this.#contextOf(key));
    const next = this.#timers.get(key);
    if (next !== undefined && next <= dueAt) {
      throw new Error(`the timer of ${key} at ${dueAt} asks for ${next} next`);
    }
  }

  #contextOf(key: string): ProcessorContext<WatchedOrder, Outcome> {
    return {
      watermark: this.watermark,
      put: (order) => this.#put(key, order),
      forward: (outcome) => {
        if ('detectedAt' in outcome) this.alerts.push(outcome);
        else this.resolutions.push(outcome);
      },
      store: () => {
        throw new Error('the order watcher has one store');
      },
      drop: (reason) => this.outcomes.push(reason),
      count: (event, by = 1) => this.counts.set(event, (this.counts.get(event) ?? 0) + by),
    };
  }

  #put(key: string, order: WatchedOrder | null): void {
    if (order === null) {
      this.orders.delete(key);
      this.#timers.delete(key);
      return;
    }
    const stored = this.#options.recode
      ? watchedOrderSerde.decode(watchedOrderSerde.encode(order))
      : order;
    this.orders.set(key, stored);
    const timer =
      this.#options.drop === 'late'
        ? nextCheckAt(stored, this.#settings)
        : this.#processor.timer!(stored);
    if (timer === null) this.#timers.delete(key);
    else this.#timers.set(key, timer);
  }
}

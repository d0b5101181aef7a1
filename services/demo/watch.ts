import type {
  AlertRaised,
  OrderStatusChanged,
  PaymentConfirmation,
  PaymentEvent,
  PaymentStatusObserved,
  StorageEvent,
} from '#schemas';
import type { Shopper } from './plan.ts';

/** What was seen of one order. */
interface Seen {
  readonly lines: Shopper['lines'];
  readonly statuses: string[];
  /** When the order was PAID, and when the payment had succeeded; event time, epoch ms. */
  paidAt: number | undefined;
  succeededAt: number | undefined;
  merchantPaymentId: string | undefined;
  confirmation: PaymentConfirmation | undefined;
  readonly reserved: Map<string, number>;
  readonly confirmed: Map<string, number>;
  readonly compensated: Map<string, number>;
  readonly commands: Set<string>;
}

/** Collects from the topics what becomes of the demo's orders. */
export class Watch {
  readonly #orders: ReadonlyMap<string, Seen>;
  readonly #skus: ReadonlySet<string>;
  readonly #stock = new Map<string, StorageEvent>();
  readonly #ended = new Set<string>();
  readonly #settled = new Set<string>();
  readonly alerts: AlertRaised[] = [];
  readonly #onPayable: (orderNo: string, merchantPaymentId: string) => void;

  constructor(
    orders: readonly Pick<Shopper, 'orderNo' | 'lines'>[],
    onPayable: (orderNo: string, merchantPaymentId: string) => void,
  ) {
    this.#orders = new Map(
      orders.map(({ orderNo, lines }) => [
        orderNo,
        {
          lines,
          statuses: [],
          paidAt: undefined,
          succeededAt: undefined,
          merchantPaymentId: undefined,
          confirmation: undefined,
          reserved: new Map(),
          confirmed: new Map(),
          compensated: new Map(),
          commands: new Set(),
        },
      ]),
    );
    this.#skus = new Set(orders.flatMap(({ lines }) => lines.map(({ sku }) => sku)));
    this.#onPayable = onPayable;
  }

  /** Orders that have come to PAID or FAILED. */
  get ended(): number {
    return this.#ended.size;
  }

  /** Orders whose stock is settled, too. */
  get settled(): number {
    return this.#settled.size;
  }

  seen(orderNo: string): Seen {
    return this.#orders.get(orderNo)!;
  }

  /** The latest levels of the skus that the orders had. */
  get stock(): ReadonlyMap<string, StorageEvent> {
    return this.#stock;
  }

  status({ orderNo, status, updatedAt }: OrderStatusChanged): void {
    const seen = this.#orders.get(orderNo);
    if (!seen) return;
    seen.statuses.push(status);
    if (status === 'PAID') seen.paidAt = updatedAt;
    if (status === 'PAID' || status === 'FAILED') this.#ended.add(orderNo);
    this.#maybeSettled(orderNo, seen);
  }

  payment({ orderNo, type, merchantPaymentId }: PaymentEvent): void {
    const seen = this.#orders.get(orderNo);
    if (!seen || type !== 'CREATED' || seen.merchantPaymentId === merchantPaymentId) return;
    seen.merchantPaymentId = merchantPaymentId;
    this.#onPayable(orderNo, merchantPaymentId);
  }

  observation({ orderNo, status, occurredAt }: PaymentStatusObserved): void {
    const seen = this.#orders.get(orderNo);
    if (seen && status === 'COMPLETED') seen.succeededAt ??= occurredAt;
  }

  storage(event: StorageEvent): void {
    // Others may be shopping, too.
    if (!this.#skus.has(event.sku)) return;
    const latest = this.#stock.get(event.sku);
    if (!latest || latest.version < event.version) this.#stock.set(event.sku, event);
    const seen = event.orderNo === null ? undefined : this.#orders.get(event.orderNo);
    if (!seen || event.orderNo === null) return;
    const counts = {
      RESERVED: seen.reserved,
      CONFIRMED: seen.confirmed,
      COMPENSATED: seen.compensated,
    }[event.type as string];
    // An answer that is repeated is the same one: stock is counted by what was asked for.
    if (counts && !seen.commands.has(event.commandId)) {
      seen.commands.add(event.commandId);
      counts.set(event.sku, (counts.get(event.sku) ?? 0) + event.quantity);
    }
    this.#maybeSettled(event.orderNo, seen);
  }

  confirmation(event: PaymentConfirmation): void {
    const seen = this.#orders.get(event.orderNo);
    if (seen) seen.confirmation = event;
  }

  alert(alert: AlertRaised): void {
    if (this.#orders.has(alert.orderNo)) this.alerts.push(alert);
  }

  #maybeSettled(orderNo: string, seen: Seen): void {
    const status = seen.statuses.at(-1);
    const counts = status === 'PAID' ? seen.confirmed : seen.compensated;
    const isSettled = seen.lines.every(({ sku, quantity }) => counts.get(sku) === quantity);
    if (this.#ended.has(orderNo) && isSettled) this.#settled.add(orderNo);
  }
}

import type {
  AlertAction,
  AlertActionOutcome,
  AlertRaised,
  AlertResolved,
  OrderStatusChanged,
  PaymentEvent,
  PaymentStatusObserved,
} from '#schemas';
import type { OpsMessage } from '../contract-ops.ts';
import type { OrderChannel } from './order-channel.ts';

export type TellOps = (message: OpsMessage, appendedAt: number | undefined) => void;

/** Who is told what, in this instance: channels by order, operators of all alerts. */
export class Hub {
  readonly #channels = new Map<string, Set<OrderChannel>>();
  readonly #operators = new Set<TellOps>();

  /** @returns ends it */
  join(channel: OrderChannel): () => void {
    const { orderNo } = channel;
    const all = this.#channels.get(orderNo) ?? new Set();
    this.#channels.set(orderNo, all.add(channel));
    return () => {
      all.delete(channel);
      if (all.size === 0 && this.#channels.get(orderNo) === all) this.#channels.delete(orderNo);
    };
  }

  /** @returns ends it */
  joinOperators(tell: TellOps): () => void {
    this.#operators.add(tell);
    return () => void this.#operators.delete(tell);
  }

  get orderNos(): string[] {
    return [...this.#channels.keys()];
  }

  channelsOf(orderNo: string): Iterable<OrderChannel> {
    return [...(this.#channels.get(orderNo) ?? [])];
  }

  orderStatus(change: OrderStatusChanged, appendedAt: number): void {
    for (const channel of this.channelsOf(change.orderNo)) channel.status(change, appendedAt);
  }

  paymentEvent({ orderNo, url, expiresAt }: PaymentEvent, appendedAt: number): void {
    if (url === null) return;
    for (const channel of this.channelsOf(orderNo)) channel.payable(url, expiresAt, appendedAt);
  }

  paymentObserved(event: PaymentStatusObserved, appendedAt: number): void {
    for (const channel of this.channelsOf(event.orderNo)) channel.observed(event, appendedAt);
  }

  alertRaised({ source: _, ...alert }: AlertRaised, appendedAt: number): void {
    this.#tellOperators({ type: 'alert-raised', ...alert }, appendedAt);
  }

  alertResolved(event: AlertResolved, appendedAt: number): void {
    const { alertId, orderNo, ruleId, resolvedAt } = event;
    this.#tellOperators(
      { type: 'alert-resolved', alertId, orderNo, ruleId, resolvedAt },
      appendedAt,
    );
  }

  alertAction({ type: action, ...rest }: AlertAction, appendedAt: number): void {
    this.#tellOperators({ type: 'alert-action', action, ...rest }, appendedAt);
  }

  alertOutcome(outcome: AlertActionOutcome, appendedAt: number): void {
    this.#tellOperators({ type: 'alert-outcome', ...outcome }, appendedAt);
  }

  #tellOperators(message: OpsMessage, appendedAt: number): void {
    for (const tell of [...this.#operators]) tell(message, appendedAt);
  }
}

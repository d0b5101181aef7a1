import type { Logger, Publisher } from '#kit';
import { topics, type PaymentCommand } from '#schemas';
import type { Cache } from '../cache/cache.ts';
import type { BffMetrics } from '../metrics.ts';
import type { OrderBook, OrderRow } from '../read/order-book.ts';
import type { Hub } from './hub.ts';

/** Of one statement. */
const CHUNK = 500;

export interface PollOptions {
  readonly hub: Hub;
  readonly book: Pick<OrderBook, 'rows'>;
  readonly cache: Pick<Cache, 'setIfAbsent'>;
  readonly publisher: Pick<Publisher, 'publish'>;
  readonly metrics: Pick<BffMetrics, 'asked'>;
  readonly overdueMs: number;
  readonly now: () => number;
  readonly logger: Logger;
}

/** The insurance: orders that somebody looks at are read again, and asked for at the provider when a result is overdue. */
export class LivePoll {
  readonly #options: PollOptions;

  constructor(options: PollOptions) {
    this.#options = options;
  }

  /** Every `everyMs`, until the signal. */
  async run(
    everyMs: number,
    sleep: (ms: number, signal: AbortSignal) => Promise<void>,
    signal: AbortSignal,
  ): Promise<void> {
    while (!signal.aborted) {
      await sleep(everyMs, signal);
      await this.once().catch((error: unknown) => {
        this.#options.logger.warn(
          { error },
          `live orders were not read: ${(error as Error).message}`,
        );
      });
    }
  }

  async once(): Promise<void> {
    const { hub, book } = this.#options;
    const orderNos = hub.orderNos;
    for (let at = 0; at < orderNos.length; at += CHUNK) {
      const rows = await book.rows(orderNos.slice(at, at + CHUNK));
      for (const row of rows) for (const channel of hub.channelsOf(row.orderNo)) channel.row(row);
      const queries = await Promise.all(rows.map((row) => this.#maybeQuery(row)));
      await this.#ask(queries.filter((query) => query !== undefined));
    }
  }

  async #maybeQuery(row: OrderRow): Promise<PaymentCommand | undefined> {
    const { cache, now, overdueMs } = this.#options;
    const { orderNo, status, merchantPaymentId, paymentAt } = row;
    if (status !== 'WAITING_PAYMENT' || merchantPaymentId === null || paymentAt === null)
      return undefined;
    const at = now();
    if (at - paymentAt < overdueMs) return undefined;
    // One instance asks, and all would ask the same.
    const isFirst = await cache.setIfAbsent(`payment-query:${orderNo}`, '1', overdueMs);
    if (!isFirst) return undefined;
    return {
      commandId: `live/${orderNo}/${Math.floor(at / overdueMs)}`,
      orderNo,
      type: 'QUERY',
      merchantPaymentId,
      codeId: null,
      amount: null,
      source: 'POLLING',
      reason: null,
      requestedAt: at,
    };
  }

  async #ask(queries: readonly PaymentCommand[]): Promise<void> {
    if (queries.length === 0) return;
    const { metrics, publisher } = this.#options;
    await publisher.publish(
      queries.map((value) => ({
        topic: topics.paymentCommand,
        value,
        headers: { 'correlation-id': value.commandId },
      })),
    );
    queries.forEach(() => metrics.asked());
  }
}

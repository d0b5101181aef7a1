import type { Processor, StoreHandle } from '#streams';
import type { StorageCommand, StorageEvent } from '#schemas';
import { decide, NO_STOCK, restock } from './stock.ts';
import type { Reservation, Stock, StorageDecision } from './stock.ts';

export interface StorageStores {
  /** By sku. */
  readonly stock: StoreHandle<Stock>;
  /** By `reservationKey`. */
  readonly reservations: StoreHandle<Reservation>;
  /** When stock came in, by command. */
  readonly restocks: StoreHandle<number>;
}

/** Keeps the stock of each sku, as the runtime drives it. */
export function stockKeeper(
  stores: StorageStores,
  retentionMs: number,
): Processor<StorageCommand, StorageEvent> {
  return {
    stores: Object.values(stores),
    timers: {
      store: stores.reservations,
      version: `retention ${retentionMs}`,
      // What is still reserved is somebody's: it is confirmed or compensated, however late.
      at: ({ status, changedAt }: Reservation) =>
        status === 'RESERVED' ? null : changedAt + retentionMs,
      onTimer: (key: string, _dueAt, _reservation: Reservation, context) =>
        context.store(stores.reservations).delete(key),
    },

    onRecord({ value: command, timestamp, headers }, context) {
      if (command.type === 'UNKNOWN') throw new RangeError('the type of the command is not known');
      const stocks = context.store(stores.stock);
      const before = stocks.get(command.sku);
      const decision =
        command.orderNo === null ? restocked(command, before) : ordered(command, command.orderNo);
      const { stock, type, quantity, reason } = decision;
      if (stock && stock !== before) stocks.put(command.sku, stock);
      const { commandId, sku, orderNo } = command;
      const { available, reserved, sold, version } = stock ?? NO_STOCK;
      const levels = { available, reserved, sold, version };
      const occurredAt = timestamp;
      context.count(type.toLowerCase());
      context.forward({
        key: orderNo ?? sku,
        value: { commandId, sku, type, orderNo, quantity, reason, ...levels, occurredAt },
        headers,
      });

      function restocked({ quantity }: StorageCommand, stock: Stock | undefined): StorageDecision {
        const seen = context.store(stores.restocks);
        const isNew = seen.get(restockKey(command)) === undefined;
        if (isNew) seen.put(restockKey(command), timestamp);
        const after = isNew ? restock(stock, quantity) : stock;
        return { stock: after, reservation: undefined, type: 'RESTOCKED', quantity, reason: null };
      }

      function ordered(command: StorageCommand, orderNo: string): StorageDecision {
        const reservations = context.store(stores.reservations);
        const key = reservationKey(command, orderNo);
        const reservation = reservations.get(key);
        const decision = decide(before, reservation, command);
        if (decision.reservation && decision.reservation !== reservation)
          reservations.put(key, decision.reservation);
        return decision;
      }
    },
  };
}

/** Neither a sku nor an order number has a line feed in it that would make two of them one. */
function reservationKey({ sku, attempt }: StorageCommand, orderNo: string): string {
  return `${sku}\n${orderNo}\n${attempt}`;
}

function restockKey({ sku, commandId }: StorageCommand): string {
  return `${sku}\n${commandId}`;
}

/**
 * What a command does to the stock of one sku.
 *
 * S1. Nothing is below zero, and `available + reserved + sold` is what came in, whatever is asked in whatever order.
 * S2. An order has one reservation per sku and attempt. What is asked for it again gets the same answer and changes nothing, and what
 *     comes after its compensation, though it was sent before, finds it compensated.
 */
import type { StorageCommand, StorageEventType } from '#schemas';

/** Pieces of one sku. */
export interface Stock {
  readonly available: number;
  readonly reserved: number;
  readonly sold: number;
  /** Counts its changes. */
  readonly version: number;
}

export type ReservationStatus = 'RESERVED' | 'REFUSED' | 'CONFIRMED' | 'COMPENSATED';

/** What an order has of one sku. */
export interface Reservation {
  readonly status: ReservationStatus;
  readonly quantity: number;
  /** Why it was refused. */
  readonly reason: string | null;
  /** Epoch milliseconds. */
  readonly changedAt: number;
}

/** What a command came to. `stock` and `reservation` are the ones given where nothing changed. */
export interface StorageDecision {
  readonly stock: Stock | undefined;
  readonly reservation: Reservation | undefined;
  readonly type: StorageEventType;
  /** How many pieces it was about. */
  readonly quantity: number;
  readonly reason: string | null;
}

export const NO_STOCK: Stock = Object.freeze({ available: 0, reserved: 0, sold: 0, version: 0 });

/**
 * Decides on a command of an order.
 *
 * @param stock       undefined: a sku that nobody has heard of
 * @param reservation what the order has of it, if anything
 * @example
 * const stock = { available: 3, reserved: 0, sold: 0, version: 1 };
 * decide(stock, undefined, reserve2).stock; // { available: 1, reserved: 2, sold: 0, version: 2 }
 */
export function decide(
  stock: Stock | undefined,
  reservation: Reservation | undefined,
  command: Pick<StorageCommand, 'type' | 'quantity' | 'requestedAt'>,
): StorageDecision {
  switch (command.type) {
    case 'RESERVE':
      return reserve(stock, reservation, command.quantity, command.requestedAt);
    case 'CONFIRM':
      return confirm(stock, reservation, command.requestedAt);
    case 'COMPENSATE':
      return compensate(stock, reservation, command.requestedAt);
    case 'RESTOCK':
    case 'UNKNOWN':
      throw new RangeError(`${command.type} is no command of an order`);
  }
}

/** Adds what has come in. */
export function restock(stock: Stock | undefined, quantity: number): Stock {
  const before = stock ?? NO_STOCK;
  return changed(before, { available: before.available + quantity });
}

function reserve(
  stock: Stock | undefined,
  reservation: Reservation | undefined,
  quantity: number,
  at: number,
): StorageDecision {
  if (reservation?.status === 'COMPENSATED')
    return refused(stock, reservation, quantity, 'the order was compensated before');
  if (reservation?.status === 'REFUSED')
    return refused(stock, reservation, quantity, reservation.reason);
  if (reservation) return answer(stock, reservation, 'RESERVED', reservation.quantity);
  const reason = shortage(stock, quantity);
  if (!stock || reason !== null) {
    const refusal = { status: 'REFUSED', quantity: 0, reason, changedAt: at } as const;
    return refused(stock, refusal, quantity, reason);
  }
  const { available, reserved } = stock;
  return answer(
    changed(stock, { available: available - quantity, reserved: reserved + quantity }),
    { status: 'RESERVED', quantity, reason: null, changedAt: at },
    'RESERVED',
    quantity,
  );
}

function confirm(
  stock: Stock | undefined,
  reservation: Reservation | undefined,
  at: number,
): StorageDecision {
  if (reservation?.status === 'CONFIRMED')
    return answer(stock, reservation, 'CONFIRMED', reservation.quantity);
  if (!stock || reservation?.status !== 'RESERVED') {
    const was = reservation?.status.toLowerCase() ?? 'never reserved';
    return refused(stock, reservation, 0, `there is nothing to confirm: it was ${was}`);
  }
  const { quantity } = reservation;
  return answer(
    changed(stock, { reserved: stock.reserved - quantity, sold: stock.sold + quantity }),
    { ...reservation, status: 'CONFIRMED', changedAt: at },
    'CONFIRMED',
    quantity,
  );
}

/** Also of what was sold, where an order that was paid for is rolled back. */
function compensate(
  stock: Stock | undefined,
  reservation: Reservation | undefined,
  at: number,
): StorageDecision {
  const compensated = {
    status: 'COMPENSATED',
    quantity: reservation?.quantity ?? 0,
    reason: null,
    changedAt: at,
  } as const;
  if (reservation?.status === 'COMPENSATED')
    return answer(stock, reservation, 'COMPENSATED', reservation.quantity);
  if (!stock || !reservation || reservation.status === 'REFUSED')
    return answer(stock, compensated, 'COMPENSATED', 0);
  const { quantity, status } = reservation;
  const from = status === 'RESERVED' ? 'reserved' : 'sold';
  return answer(
    changed(stock, { available: stock.available + quantity, [from]: stock[from] - quantity }),
    compensated,
    'COMPENSATED',
    quantity,
  );
}

function shortage(stock: Stock | undefined, quantity: number): string | null {
  if (!stock) return 'the sku is unknown';
  return stock.available < quantity
    ? `${stock.available} of ${quantity} pieces are available`
    : null;
}

function changed(stock: Stock, to: Partial<Stock>): Stock {
  return { ...stock, ...to, version: stock.version + 1 };
}

function answer(
  stock: Stock | undefined,
  reservation: Reservation,
  type: StorageEventType,
  quantity: number,
): StorageDecision {
  return { stock, reservation, type, quantity, reason: null };
}

function refused(
  stock: Stock | undefined,
  reservation: Reservation | undefined,
  quantity: number,
  reason: string | null,
): StorageDecision {
  return { stock, reservation, type: 'REFUSED', quantity, reason };
}

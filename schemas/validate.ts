/** What is wrong with values that a schema allows, and that can't be meant; undefined when they are fine. */
import type { OrderCommand } from './generated/types.ts';

/** 2100-01-01T00:00:00Z. A later time is a mistake (microseconds, mostly), not a time. */
export const MAX_TIME = 4_102_444_800_000;

/** As many different products as one order can have. */
export const MAX_LINES = 100;
/** As much as one line of an order can have. */
export const MAX_QUANTITY = 999;

export function emptyText(field: string, value: string): string | undefined {
  return value === '' ? `${field} is empty` : undefined;
}

export function tooSmall(field: string, value: number, least: number): string | undefined {
  return value >= least
    ? undefined
    : `${field} is ${String(value)}: expected at least ${String(least)}`;
}

export function impossibleTime(field: string, value: number): string | undefined {
  return value >= 0 && value <= MAX_TIME
    ? undefined
    : `${field} ${String(value)} is no time between 1970 and 2100 in epoch milliseconds`;
}

/** An order must say what is bought, each product once, and what it comes to. */
export function orderFault({
  orderNo,
  commandId,
  accountId,
  lines,
  totalAmount,
}: OrderCommand): string | undefined {
  const missing =
    emptyText('orderNo', orderNo) ??
    emptyText('commandId', commandId) ??
    emptyText('accountId', accountId);
  if (missing !== undefined) return missing;
  if (lines.length === 0 || lines.length > MAX_LINES)
    return `${String(lines.length)} lines: expected 1 to ${String(MAX_LINES)}`;
  const skus = new Set<string>();
  let sum = 0;
  for (const { sku, quantity, unitPrice } of lines) {
    if (sku === '') return 'a line has no sku';
    if (skus.has(sku))
      return `${sku} is on two lines: expected one with the sum of their quantities`;
    if (quantity < 1 || quantity > MAX_QUANTITY)
      return `${sku}: the quantity is ${String(quantity)}, expected 1 to ${String(MAX_QUANTITY)}`;
    if (unitPrice < 0) return `${sku}: the price is ${String(unitPrice)} yen`;
    skus.add(sku);
    sum += quantity * unitPrice;
  }
  if (sum !== totalAmount)
    return `totalAmount is ${String(totalAmount)} yen, and the lines come to ${String(sum)} yen`;
  // The provider takes no payment of nothing.
  return sum > 0 ? undefined : 'the order comes to 0 yen';
}

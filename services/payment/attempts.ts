/**
 * An attempt at a payment has an id of its own (`merchantPaymentId`): the order's number, and for each further attempt one with
 * `-r2`, `-r3`, … behind it. There is a further one when the provider has the first, and its answer was lost.
 */
const FURTHER = /-r(\d+)$/;

/** @returns the order's number */
export function orderOf(merchantPaymentId: string): string {
  return merchantPaymentId.replace(FURTHER, '');
}

/** The attempt after this one. */
export function attemptAfter(merchantPaymentId: string): string {
  return `${orderOf(merchantPaymentId)}-r${numberOf(merchantPaymentId) + 1}`;
}

/** All attempts up to this one, the latest first. */
export function attemptsUpTo(merchantPaymentId: string): string[] {
  const order = orderOf(merchantPaymentId);
  return Array.from({ length: numberOf(merchantPaymentId) }, (_, i) =>
    i === 0 ? order : `${order}-r${i + 1}`,
  ).reverse();
}

function numberOf(merchantPaymentId: string): number {
  return Number(FURTHER.exec(merchantPaymentId)?.[1] ?? 1);
}

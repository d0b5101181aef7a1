/** What stands in the way of ordering a cart. Pure: the same on the page and in the browser. */
import type { Cart } from '../contract.ts';

type Line = Cart['lines'][number];

export function lineProblem({
  isListed,
  quantity,
  available,
}: Pick<Line, 'isListed' | 'quantity' | 'available'>): 'gone' | 'sold-out' | 'too-many' | null {
  if (!isListed) return 'gone';
  if (available === 0) return 'sold-out';
  return quantity > (available ?? Infinity) ? 'too-many' : null;
}

export function isOrderable({ lines }: { readonly lines: readonly Line[] }): boolean {
  return lines.length > 0 && lines.every((line) => lineProblem(line) === null);
}

/** What is offered to choose from: few, since nobody wants a list of 999. */
export function quantitiesUpTo(available: number | null, chosen = 1): number[] {
  const most = Math.max(chosen, Math.min(20, available ?? 20));
  return Array.from({ length: most }, (_, i) => i + 1);
}

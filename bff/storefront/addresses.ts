/** Addresses of the store's pages. */
import type { CatalogueQuery } from './pages.ts';

/**
 * The catalogue with some of its filters changed; '' takes one away. Another filter begins at the first page.
 *
 * @example
 * catalogueAddress({ q: '茶', page: '3' }, { category: 'tea' }); // '/?q=%E8%8C%B6&category=tea'
 */
export function catalogueAddress(query: CatalogueQuery, change: CatalogueQuery): string {
  const asked = { ...query, page: '', ...change };
  const parameters = (['q', 'category', 'priceFrom', 'priceTo', 'page'] as const)
    .map((name) => [name, asked[name] ?? ''] as [string, string])
    .filter(([, value]) => value !== '');
  const search = new URLSearchParams(parameters).toString();
  return search === '' ? '/' : `/?${search}`;
}

export const productAddress = (sku: string) => `/products/${encodeURIComponent(sku)}`;
export const orderAddress = (orderNo: string) => `/orders/${encodeURIComponent(orderNo)}`;
export const paymentAddress = (orderNo: string) => `${orderAddress(orderNo)}/payment`;

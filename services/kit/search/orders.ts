import type { OrderStatus } from '#schemas';
import { ask, type SearchClient } from './client.ts';
import type { OrderDocument } from './documents.ts';
import { between, idOrPrefix, oneOf, pageOf, totalOf, type Page, type PageQuery } from './page.ts';

export interface OrderQuery extends PageQuery {
  /** An order number, or how it begins. */
  readonly q?: string | undefined;
  readonly accountId?: string | undefined;
  /** Any of these; default: all. */
  readonly statuses?: readonly OrderStatus[] | undefined;
  /** Created at or after, epoch ms. */
  readonly from?: number | undefined;
  /** Created before, epoch ms. */
  readonly to?: number | undefined;
}

/** An order as far as it is known: null is what no event has said yet. */
export interface OrderHit {
  readonly orderNo: string;
  readonly accountId: string | null;
  readonly skus: readonly string[];
  readonly totalAmount: number | null;
  readonly createdAt: number | null;
  readonly status: OrderStatus | null;
  readonly statusAt: number | null;
  readonly reason: string | null;
  readonly paymentStatus: string | null;
  readonly paymentStatusAt: number | null;
}

/**
 * Orders, the latest first; those whose creation is not known come last.
 *
 * @example
 * const { hits } = await searchOrders(client, { q: 'ORD-2024', statuses: ['FAILED'] });
 * @throws {SearchUnavailable}
 * @throws {RangeError} for a page that can't be
 */
export async function searchOrders(
  client: SearchClient,
  { q = '', accountId, statuses, from, to, ...paging }: OrderQuery,
): Promise<Page<OrderHit>> {
  const { page, pageSize, window } = pageOf(paging);
  const filter = [
    ...(q.trim() === '' ? [] : [idOrPrefix('orderNo', q.trim())]),
    ...oneOf('created.accountId', accountId === undefined ? undefined : [accountId]),
    ...oneOf('current.status', statuses),
    ...between('created.createdAt', from, to),
  ];
  const { hits } = await ask(() =>
    client.search<OrderDocument>({
      index: 'orders',
      ...window,
      query: { bool: { filter } },
      sort: [{ 'created.createdAt': { order: 'desc', missing: '_last' } }, { orderNo: 'asc' }],
    }),
  );
  return {
    total: totalOf(hits),
    page,
    pageSize,
    hits: hits.hits.map((hit) => hitOf(hit._source!)),
  };
}

function hitOf({ orderNo, created, current, payment }: OrderDocument): OrderHit {
  return {
    orderNo,
    accountId: created?.accountId ?? null,
    skus: created?.skus ?? [],
    totalAmount: created?.totalAmount ?? null,
    createdAt: created?.createdAt ?? null,
    status: current?.status ?? null,
    statusAt: current?.statusAt ?? null,
    reason: current?.reason ?? null,
    paymentStatus: payment?.paymentStatus ?? null,
    paymentStatusAt: payment?.paymentStatusAt ?? null,
  };
}

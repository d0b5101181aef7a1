import type { estypes } from '@elastic/elasticsearch';

/** Which part of the hits is wanted. */
export interface PageQuery {
  /** From 1. */
  readonly page?: number | undefined;
  readonly pageSize?: number | undefined;
}

export interface Page<H> {
  /** Of all pages. */
  readonly total: number;
  readonly page: number;
  readonly pageSize: number;
  readonly hits: readonly H[];
}

const PAGE_SIZE = 20;
const MOST_ON_A_PAGE = 100;
/** The engine shows no hit beyond this one; nobody leafs as far. */
const LAST_HIT = 10_000;

/** The engine's words for a page, and the page's own. @throws {RangeError} when there can be no such page */
export function pageOf({ page = 1, pageSize = PAGE_SIZE }: PageQuery) {
  if (!Number.isInteger(pageSize) || pageSize < 1 || pageSize > MOST_ON_A_PAGE)
    throw new RangeError(`a page has 1 to ${MOST_ON_A_PAGE} hits, not ${pageSize}`);
  const last = Math.floor(LAST_HIT / pageSize);
  if (!Number.isInteger(page) || page < 1 || page > last)
    throw new RangeError(`pages go from 1 to ${last}: there is no page ${page}`);
  return {
    page,
    pageSize,
    window: { from: (page - 1) * pageSize, size: pageSize, track_total_hits: true },
  };
}

export function totalOf({ total }: estypes.SearchHitsMetadata): number {
  return typeof total === 'number' ? total : (total?.value ?? 0);
}

/** The exact one or what begins with it, whatever the case; the exact one scores more. */
export function idOrPrefix(field: string, text: string): estypes.QueryDslQueryContainer {
  return {
    bool: {
      should: [
        { term: { [field]: { value: text, case_insensitive: true, boost: 10 } } },
        { prefix: { [field]: { value: text, case_insensitive: true } } },
      ],
      minimum_should_match: 1,
    },
  };
}

/** From an instant on, before another; empty when neither is given. */
export function between(
  field: string,
  from: number | undefined,
  to: number | undefined,
): estypes.QueryDslQueryContainer[] {
  if (from === undefined && to === undefined) return [];
  return [
    {
      range: {
        [field]: { ...(from !== undefined && { gte: from }), ...(to !== undefined && { lt: to }) },
      },
    },
  ];
}

/** One of several values; empty when none is asked for. */
export function oneOf(
  field: string,
  values: readonly string[] | undefined,
): estypes.QueryDslQueryContainer[] {
  return values === undefined || values.length === 0 ? [] : [{ terms: { [field]: [...values] } }];
}

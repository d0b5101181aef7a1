import type { ObservedState, RuleId } from '#schemas';
import { ask, type SearchClient } from './client.ts';
import type { AlertDocument, AlertState } from './documents.ts';
import { between, idOrPrefix, oneOf, pageOf, totalOf, type Page, type PageQuery } from './page.ts';

export interface AlertQuery extends PageQuery {
  /** An order number, or how it begins. */
  readonly q?: string | undefined;
  readonly rules?: readonly RuleId[] | undefined;
  readonly states?: readonly AlertState[] | undefined;
  /** Detected at or after, epoch ms. */
  readonly from?: number | undefined;
  /** Detected before, epoch ms. */
  readonly to?: number | undefined;
  /** Default: the oldest first, as it has waited longest. */
  readonly sort?: 'oldest' | 'newest' | undefined;
}

export interface AlertHit {
  readonly alertId: string;
  readonly orderNo: string;
  readonly ruleId: RuleId;
  readonly eventId: string;
  readonly observed: ObservedState;
  readonly expected: { readonly orderStatus: string };
  readonly detectedAt: number;
  readonly state: AlertState;
  readonly acknowledgedAt: number | null;
  readonly acknowledgedBy: string | null;
  readonly resolvedAt: number | null;
}

export interface AlertPage extends Page<AlertHit> {
  /** Of the alerts that are asked for, whatever rule and state are chosen. */
  readonly counts: readonly {
    readonly ruleId: RuleId;
    readonly state: AlertState;
    readonly count: number;
  }[];
}

/**
 * Alerts that were raised. One of which only an action or the resolution has arrived is not shown yet.
 *
 * @example
 * const { hits } = await searchAlerts(client, { states: ['NEW', 'ACKNOWLEDGED'], rules: ['RULE_A'] });
 * @throws {SearchUnavailable}
 * @throws {RangeError} for a page that can't be
 */
export async function searchAlerts(
  client: SearchClient,
  { q = '', rules, states, from, to, sort = 'oldest', ...paging }: AlertQuery,
): Promise<AlertPage> {
  const { page, pageSize, window } = pageOf(paging);
  const filter = [
    { exists: { field: 'raised.detectedAt' } },
    ...(q.trim() === '' ? [] : [idOrPrefix('orderNo', q.trim())]),
    ...between('raised.detectedAt', from, to),
  ];
  const chosen = [...oneOf('ruleId', rules), ...oneOf('state', states)];
  const { hits, aggregations } = await ask(() =>
    client.search<AlertDocument>({
      index: 'alerts',
      ...window,
      query: { bool: { filter } },
      post_filter: { bool: { filter: chosen } },
      sort: [
        { 'raised.detectedAt': { order: sort === 'oldest' ? 'asc' : 'desc' } },
        { alertId: 'asc' },
      ],
      aggs: {
        rules: {
          terms: { field: 'ruleId', order: { _key: 'asc' } },
          aggs: { states: { terms: { field: 'state', order: { _key: 'asc' } } } },
        },
      },
    }),
  );
  const { buckets } = (aggregations as unknown as { readonly rules: Buckets<RuleId> }).rules;
  return {
    total: totalOf(hits),
    page,
    pageSize,
    hits: hits.hits.map((hit) => hitOf(hit._source!)),
    counts: buckets.flatMap((rule) =>
      rule.states.buckets.map((state) => ({
        ruleId: rule.key,
        state: state.key,
        count: state.doc_count,
      })),
    ),
  };
}

interface Buckets<K> {
  readonly buckets: readonly {
    readonly key: K;
    readonly states: {
      readonly buckets: readonly { readonly key: AlertState; readonly doc_count: number }[];
    };
  }[];
}

function hitOf(document: AlertDocument): AlertHit {
  const { alertId, orderNo, ruleId, state, acknowledged, resolved } = document;
  // It is asked for.
  const { eventId, observed, expected, detectedAt } = document.raised!;
  return {
    alertId,
    orderNo,
    ruleId,
    eventId,
    observed,
    expected,
    detectedAt,
    state,
    acknowledgedAt: acknowledged?.acknowledgedAt ?? null,
    acknowledgedBy: acknowledged?.acknowledgedBy ?? null,
    resolvedAt: resolved?.resolvedAt ?? null,
  };
}

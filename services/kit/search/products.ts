import type { estypes } from '@elastic/elasticsearch';
import { ask, type SearchClient } from './client.ts';
import type { ProductDocument } from './documents.ts';
import { between, oneOf, pageOf, totalOf, type Page, type PageQuery } from './page.ts';
import { inflections, isLatin, queryWords, searchable, type Lang } from './text.ts';

export interface ProductQuery extends PageQuery {
  /** What is looked for; empty: everything that is sold. */
  readonly q?: string | undefined;
  readonly category?: string | undefined;
  /** Yen, inclusive. */
  readonly priceFrom?: number | undefined;
  /** Yen, exclusive, as the ranges of the price facet. */
  readonly priceTo?: number | undefined;
  /** Whose names count more. */
  readonly lang?: Lang | undefined;
}

export interface ProductHit {
  readonly sku: string;
  readonly nameJa: string;
  readonly nameEn: string;
  readonly descriptionJa: string;
  readonly descriptionEn: string;
  readonly category: string;
  readonly price: number;
  /** HTML (escaped, but for `<mark>`) of the texts where something was found. */
  readonly highlights: Readonly<Partial<Record<HighlightField, string>>>;
}

type HighlightField = 'nameJa' | 'nameEn' | 'descriptionJa' | 'descriptionEn';

export interface ProductPage extends Page<ProductHit> {
  readonly facets: {
    /** The most frequent first; as if no category were chosen. */
    readonly categories: readonly { readonly category: string; readonly count: number }[];
    /** As if no price were chosen; `to` is exclusive, and null at the last one. */
    readonly prices: readonly {
      readonly from: number;
      readonly to: number | null;
      readonly count: number;
    }[];
  };
}

export interface ProductSuggestion {
  readonly sku: string;
  /** In the language that was asked for. */
  readonly name: string;
}

const ALIAS = 'products';
const MOST_CATEGORIES = 50;
const PRICE_STEPS = [1000, 3000, 5000, 10_000, 30_000];
const SUGGESTIONS = 8;
/**
 * How many pairs of a Japanese word must be there: all of two; a character that is wrong spoils two pairs, and there may be one.
 */
const PAIRS_NEEDED = '2<-1 3<-2 6<60%';

/**
 * Products that are sold, the best matches first: every word of `q` has to be found, in Japanese or English, name or
 * description, and may have a typo.
 *
 * @example
 * const { hits, facets } = await searchProducts(client, { q: 'green tee', category: 'tea', lang: 'en' });
 * @throws {SearchUnavailable}
 * @throws {RangeError} for a page that can't be
 */
export async function searchProducts(
  client: SearchClient,
  { q = '', category, priceFrom, priceTo, lang = 'ja', ...paging }: ProductQuery,
): Promise<ProductPage> {
  const { page, pageSize, window } = pageOf(paging);
  const words = queryWords(q);
  const inCategory = oneOf('category', category === undefined ? undefined : [category]);
  const inPrice = between('price', priceFrom, priceTo);
  const query: estypes.QueryDslQueryContainer = {
    bool: {
      filter: [{ term: { listed: true } }],
      must: words.map((word) => wordQuery(word, lang)),
    },
  };
  const answer = await ask(() =>
    client.search<ProductDocument>({
      index: ALIAS,
      ...window,
      _source_excludes: ['text', 'suggest'],
      query,
      // After the aggregations: a facet shows what another choice of its own would find.
      post_filter: { bool: { filter: [...inCategory, ...inPrice] } },
      sort:
        words.length > 0
          ? [{ _score: { order: 'desc' } }, { sku: 'asc' }]
          : [{ occurredAt: 'desc' }, { sku: 'asc' }],
      aggs: {
        categories: {
          filter: { bool: { filter: inPrice } },
          aggs: { values: { terms: { field: 'category', size: MOST_CATEGORIES } } },
        },
        prices: {
          filter: { bool: { filter: inCategory } },
          aggs: { values: { range: { field: 'price', ranges: priceRanges() } } },
        },
      },
      ...(words.length > 0 && { highlight: HIGHLIGHT }),
    }),
  );
  return {
    total: totalOf(answer.hits),
    page,
    pageSize,
    hits: answer.hits.hits.map(hitOf),
    facets: facetsOf(answer.aggregations),
  };
}

/**
 * Products whose name, or a word in it, begins with what was typed so far.
 *
 * @example
 * await suggestProducts(client, '抹', 'ja'); // [{ sku: 'TEA-1', name: '宇治抹茶' }]
 * @throws {SearchUnavailable}
 */
export async function suggestProducts(
  client: SearchClient,
  prefix: string,
  lang: Lang,
): Promise<ProductSuggestion[]> {
  const typed = searchable(prefix);
  if (typed === '') return [];
  const { suggest } = await ask(() =>
    client.search<ProductDocument>({
      index: ALIAS,
      _source: ['sku', 'nameJa', 'nameEn'],
      suggest: {
        names: {
          prefix: typed,
          completion: {
            field: `suggest.${lang}`,
            // More than are shown: a name may be found by several of its words.
            size: 2 * SUGGESTIONS,
            // One other letter in a Japanese word of two is another word.
            ...(lang === 'en' && { fuzzy: { fuzziness: 'AUTO' } }),
          },
        },
      },
    }),
  );
  const options = (suggest?.names ?? [])
    .flatMap((entry) => entry.options as estypes.SearchCompletionSuggestOption<ProductDocument>[])
    .map((option) => option._source!);
  const bySku = new Map(
    options.map((product) => [product.sku, lang === 'ja' ? product.nameJa : product.nameEn]),
  );
  return [...bySku].slice(0, SUGGESTIONS).map(([sku, name]) => ({ sku, name }));
}

function wordQuery(word: string, lang: Lang): estypes.QueryDslQueryContainer {
  const boost = (of: Lang): number => (of === lang ? 2 : 1);
  const english = ['text.nameEn^3', 'text.descriptionEn'];
  const japanese = ['text.nameJa^3', 'text.descriptionJa'];
  const sku = { term: { sku: { value: word, case_insensitive: true, boost: 10 } } };
  const category = { term: { category: { value: word, case_insensitive: true } } };
  // Latin within Japanese, such as a maker's name: somewhere in a word, as it stands.
  const asItStands = {
    multi_match: { query: word, fields: japanese, type: 'phrase', boost: 2 * boost('ja') },
  } as const;
  const spoken: estypes.QueryDslQueryContainer[] = isLatin(word)
    ? inflections(word).map((form) => ({
        multi_match: {
          query: form,
          fields: english,
          fuzziness: 'AUTO',
          prefix_length: 1,
          boost: boost('en'),
        },
      }))
    : [
        {
          multi_match: {
            query: word,
            fields: japanese,
            minimum_should_match: PAIRS_NEEDED,
            boost: boost('ja'),
          },
        },
      ];
  return { dis_max: { queries: [sku, category, asItStands, ...spoken], tie_breaker: 0.1 } };
}

const WHOLE = { number_of_fragments: 0 };
const HIGHLIGHT: estypes.SearchHighlight = {
  encoder: 'html',
  pre_tags: ['<mark>'],
  post_tags: ['</mark>'],
  fields: {
    'text.nameJa': WHOLE,
    'text.nameEn': WHOLE,
    'text.descriptionJa': WHOLE,
    'text.descriptionEn': WHOLE,
  },
};

function hitOf({ _source, highlight = {} }: estypes.SearchHit<ProductDocument>): ProductHit {
  const { sku, nameJa, nameEn, descriptionJa, descriptionEn, category, price } = _source!;
  const highlights = Object.fromEntries(
    Object.entries(highlight).map(([field, texts]) => [field.replace('text.', ''), texts[0]!]),
  );
  return { sku, nameJa, nameEn, descriptionJa, descriptionEn, category, price, highlights };
}

function priceRanges(): estypes.AggregationsAggregationRange[] {
  const [first, ...others] = PRICE_STEPS;
  return [
    { to: first! },
    ...others.map((to, i) => ({ from: PRICE_STEPS[i]!, to })),
    { from: PRICE_STEPS.at(-1)! },
  ];
}

interface Filtered<B> {
  readonly values: { readonly buckets: readonly B[] };
}

function facetsOf(aggregations: unknown): ProductPage['facets'] {
  const { categories, prices } = aggregations as {
    readonly categories: Filtered<{ readonly key: string; readonly doc_count: number }>;
    readonly prices: Filtered<{
      readonly from?: number;
      readonly to?: number;
      readonly doc_count: number;
    }>;
  };
  return {
    categories: categories.values.buckets.map(({ key, doc_count }) => ({
      category: key,
      count: doc_count,
    })),
    prices: prices.values.buckets.map(({ from = 0, to = null, doc_count }) => ({
      from,
      to,
      count: doc_count,
    })),
  };
}

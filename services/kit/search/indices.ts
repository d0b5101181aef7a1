/**
 * The search indices: their names, and how their documents are analyzed.
 *
 * Readers name the alias. Behind it is one real index, `products-v1-3`: the third one built with version 1 of the mapping.
 *
 * Only the engine's core is used. Japanese is cut into characters and pairs of them: `cjk_bigram` is in a module that is not
 * always there, while the standard tokenizer, told that no token is longer than one character, and shingles of two are its like.
 */
import type { estypes } from '@elastic/elasticsearch';

export const INDEX_NAMES = ['products', 'orders', 'alerts'] as const;
export type IndexName = (typeof INDEX_NAMES)[number];

export interface IndexDefinition {
  /** What is searched. */
  readonly alias: IndexName;
  /** Raised with every change of the mapping: then the index is to be built anew. */
  readonly version: number;
  readonly settings: estypes.IndicesIndexSettings;
  readonly mappings: estypes.MappingTypeMapping;
}

const SETTINGS: estypes.IndicesIndexSettings = {
  number_of_shards: 1,
  // As many as there are nodes for: a single one is healthy, too.
  auto_expand_replicas: '0-1',
};

const ANALYSIS: estypes.IndicesIndexSettingsAnalysis = {
  tokenizer: { characters: { type: 'standard', max_token_length: 1 } },
  filter: {
    characters_and_pairs: {
      type: 'shingle',
      min_shingle_size: 2,
      max_shingle_size: 2,
      token_separator: '',
    },
    pairs: {
      type: 'shingle',
      min_shingle_size: 2,
      max_shingle_size: 2,
      token_separator: '',
      output_unigrams: false,
      // A single character is looked for as such.
      output_unigrams_if_no_shingles: true,
    },
  },
  analyzer: {
    ja_index: {
      type: 'custom',
      tokenizer: 'characters',
      filter: ['lowercase', 'characters_and_pairs'],
    },
    ja_search: { type: 'custom', tokenizer: 'characters', filter: ['lowercase', 'pairs'] },
    en: { type: 'custom', tokenizer: 'standard', filter: ['lowercase'] },
    prefix: { type: 'custom', tokenizer: 'characters', filter: ['lowercase'] },
  },
};

const KEYWORD = { type: 'keyword' } as const;
const TIME = { type: 'date', format: 'epoch_millis' } as const;
const LONG = { type: 'long' } as const;
/** Shown, and not searched. */
const KEPT = { type: 'object', enabled: false } as const;
const JAPANESE = { type: 'text', analyzer: 'ja_index', search_analyzer: 'ja_search' } as const;
const ENGLISH = { type: 'text', analyzer: 'en' } as const;
const COMPLETION = {
  type: 'completion',
  analyzer: 'prefix',
  preserve_separators: false,
  max_input_length: 100,
} as const;

/** What a document may have besides stays unsearched, and does not grow the mapping. */
function only(
  properties: Record<string, estypes.MappingProperty>,
): Pick<estypes.MappingTypeMapping, 'dynamic' | 'properties'> {
  return { dynamic: false, properties };
}

export const indices: Readonly<Record<IndexName, IndexDefinition>> = {
  products: {
    alias: 'products',
    version: 1,
    settings: { ...SETTINGS, analysis: ANALYSIS },
    mappings: only({
      sku: KEYWORD,
      listed: { type: 'boolean' },
      category: KEYWORD,
      price: LONG,
      version: LONG,
      occurredAt: TIME,
      text: {
        properties: {
          nameJa: JAPANESE,
          descriptionJa: JAPANESE,
          nameEn: ENGLISH,
          descriptionEn: ENGLISH,
        },
      },
      suggest: { properties: { ja: COMPLETION, en: COMPLETION } },
    }),
  },
  orders: {
    alias: 'orders',
    version: 1,
    settings: SETTINGS,
    mappings: only({
      orderNo: KEYWORD,
      created: {
        properties: { createdAt: TIME, accountId: KEYWORD, skus: KEYWORD, totalAmount: LONG },
      },
      current: { properties: { statusAt: TIME, status: KEYWORD } },
      payment: { properties: { paymentStatusAt: TIME, paymentStatus: KEYWORD } },
    }),
  },
  alerts: {
    alias: 'alerts',
    version: 1,
    settings: SETTINGS,
    mappings: only({
      alertId: KEYWORD,
      orderNo: KEYWORD,
      ruleId: KEYWORD,
      state: KEYWORD,
      raised: {
        properties: { detectedAt: TIME, eventId: KEYWORD, observed: KEPT, expected: KEPT },
      },
      acknowledged: { properties: { acknowledgedAt: TIME, acknowledgedBy: KEYWORD } },
      resolved: { properties: { resolvedAt: TIME } },
    }),
  },
};

/** All real indices of an alias, of every version. */
export function indexPattern({ alias }: IndexDefinition): string {
  return `${alias}-v*`;
}

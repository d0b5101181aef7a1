/** The list's filters, as they are in the URL: a view of it can be sent to a colleague. */
import type { Alert } from '../../contract-ops.ts';

export const RULES = ['RULE_A', 'RULE_B', 'RULE_C'] as const;
export const STATES = ['open', 'NEW', 'ACKNOWLEDGED', 'RESOLVED', 'all'] as const;
/** By when they were detected; `ages.ts` has the bounds. */
export const AGES = ['any', 'm5', 'h1', 'h24', 'older'] as const;

export interface Filters {
  readonly rules: readonly (typeof RULES)[number][];
  readonly state: (typeof STATES)[number];
  readonly age: (typeof AGES)[number];
  readonly q: string;
  readonly sort: 'oldest' | 'newest';
  readonly page: number;
}

export const NO_FILTERS: Filters = {
  rules: [],
  state: 'open',
  age: 'any',
  q: '',
  sort: 'oldest',
  page: 1,
};
export const PAGE_SIZE = 50;

const MINUTE = 60_000;
const AGE_BOUNDS = {
  any: {},
  m5: { maxAgeMs: 5 * MINUTE },
  h1: { minAgeMs: 5 * MINUTE, maxAgeMs: 60 * MINUTE },
  h24: { minAgeMs: 60 * MINUTE, maxAgeMs: 24 * 60 * MINUTE },
  older: { minAgeMs: 24 * 60 * MINUTE },
} as const;

/** Whatever is not understood is left out: a page is shown, not an error. */
export function filtersOf(query: URLSearchParams): Filters {
  const rules = query.getAll('rule').flatMap((text) => text.split(','));
  const page = Number(query.get('page'));
  return {
    rules: RULES.filter((rule) => rules.includes(rule)),
    state: STATES.find((state) => state === query.get('state')) ?? NO_FILTERS.state,
    age: AGES.find((age) => age === query.get('age')) ?? NO_FILTERS.age,
    q: (query.get('q') ?? '').trim().slice(0, 64),
    sort: query.get('sort') === 'newest' ? 'newest' : 'oldest',
    page: Number.isInteger(page) && page >= 1 && page <= 10_000 ? page : 1,
  };
}

/** All that is open: what needs somebody now. */
export function isPlain({ rules, age, q, state }: Filters): boolean {
  return rules.length === 0 && age === 'any' && q === '' && state === NO_FILTERS.state;
}

/** What differs from the beginning only: the plain list is `/ops`. */
export function searchOf(filters: Filters): string {
  const query = new URLSearchParams();
  if (filters.rules.length > 0) query.set('rule', filters.rules.join(','));
  if (filters.state !== NO_FILTERS.state) query.set('state', filters.state);
  if (filters.age !== NO_FILTERS.age) query.set('age', filters.age);
  if (filters.q !== '') query.set('q', filters.q);
  if (filters.sort !== NO_FILTERS.sort) query.set('sort', filters.sort);
  if (filters.page !== 1) query.set('page', String(filters.page));
  // A comma needs no escape in a query, and reads better without.
  const text = query.toString().replaceAll('%2C', ',');
  return text === '' ? '' : `?${text}`;
}

/** The query of `GET /api/ops/alerts`. */
export function apiQueryOf(filters: Filters): Readonly<Record<string, string>> {
  const { minAgeMs, maxAgeMs } = { minAgeMs: null, maxAgeMs: null, ...AGE_BOUNDS[filters.age] };
  return {
    ...(filters.rules.length > 0 ? { rule: filters.rules.join(',') } : {}),
    ...(filters.state === 'all' ? {} : { state: filters.state }),
    ...(minAgeMs === null ? {} : { minAgeMs: String(minAgeMs) }),
    ...(maxAgeMs === null ? {} : { maxAgeMs: String(maxAgeMs) }),
    ...(filters.q === '' ? {} : { q: filters.q }),
    sort: filters.sort,
    page: String(filters.page),
    pageSize: String(PAGE_SIZE),
  };
}

/** Whether an alert that has just come belongs to what is shown. */
export function matches(alert: Alert, filters: Filters, now: number): boolean {
  const { minAgeMs, maxAgeMs } = { minAgeMs: 0, maxAgeMs: Infinity, ...AGE_BOUNDS[filters.age] };
  const ageMs = Math.max(0, now - alert.detectedAt);
  const isRule = filters.rules.length === 0 || filters.rules.some((rule) => rule === alert.ruleId);
  const isState =
    filters.state === 'all' ||
    (filters.state === 'open' ? alert.state !== 'RESOLVED' : alert.state === filters.state);
  return (
    isRule &&
    isState &&
    ageMs >= minAgeMs &&
    ageMs <= maxAgeMs &&
    alert.orderNo.startsWith(filters.q)
  );
}

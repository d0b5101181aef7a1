/** The filters as a form: they work without a script, and what is chosen is in the URL. */
import type { AlertPageView } from '../../contract-ops.ts';
import { count } from '../../web/format.ts';
import type { Words } from '../../web/i18n.ts';
import { useLang, useWords } from '../../web/i18n.ts';
import { ruleTitles } from '../runbook.ts';
import type { Filters } from './filters.ts';
import { AGES, NO_FILTERS, RULES, searchOf, STATES } from './filters.ts';

interface FilterWords {
  label: string;
  states: Readonly<Record<Filters['state'], string>>;
  rules: string;
  age: string;
  ages: Readonly<Record<Filters['age'], string>>;
  order: string;
  sort: string;
  sorts: Readonly<Record<Filters['sort'], string>>;
  apply: string;
  clear: string;
}
const words: Words<FilterWords> = {
  ja: {
    label: '絞り込み',
    states: {
      open: '未解決',
      NEW: '未対応',
      ACKNOWLEDGED: '対応中',
      RESOLVED: '解決済み',
      all: 'すべて',
    },
    rules: 'ルール',
    age: '経過',
    ages: { any: 'すべて', m5: '5分以内', h1: '5分〜1時間', h24: '1〜24時間', older: '24時間以上' },
    order: '注文番号',
    sort: '並び順',
    sorts: { oldest: '古い順', newest: '新しい順' },
    apply: '絞り込む',
    clear: '条件を消す',
  },
  en: {
    label: 'Filters',
    states: {
      open: 'Open',
      NEW: 'New',
      ACKNOWLEDGED: 'Acknowledged',
      RESOLVED: 'Resolved',
      all: 'All',
    },
    rules: 'Rule',
    age: 'Age',
    ages: {
      any: 'Any',
      m5: 'Up to 5 min',
      h1: '5 min to 1 h',
      h24: '1 to 24 h',
      older: 'Over 24 h',
    },
    order: 'Order number',
    sort: 'Sort',
    sorts: { oldest: 'Oldest first', newest: 'Newest first' },
    apply: 'Apply',
    clear: 'Clear',
  },
};

export function FilterBar({
  filters,
  counts,
}: {
  filters: Filters;
  counts: AlertPageView['counts'] | null;
}) {
  const say = useWords(words);
  const lang = useLang();
  const countOf = (state: Filters['state']) =>
    (counts ?? [])
      .filter(
        (each) =>
          state === 'all' || (state === 'open' ? each.state !== 'RESOLVED' : each.state === state),
      )
      .reduce((sum, each) => sum + each.count, 0);
  const isFiltered = searchOf({ ...filters, page: 1 }) !== '';
  return (
    <section class="filters" aria-label={say.label}>
      <nav class="tabs" aria-label={say.label}>
        {STATES.map((state) => (
          <a
            key={state}
            href={`/ops${searchOf({ ...filters, state, page: 1 })}`}
            aria-current={filters.state === state ? 'true' : undefined}
          >
            {say.states[state]}
            {counts && <span class="count soft"> {count(countOf(state))}</span>}
          </a>
        ))}
      </nav>
      <form method="get" action="/ops" class="filter-form">
        {filters.state !== NO_FILTERS.state && (
          <input type="hidden" name="state" value={filters.state} />
        )}
        <fieldset class="boxes">
          <legend class="visually-hidden">{say.rules}</legend>
          {RULES.map((rule) => (
            <label key={rule} title={ruleTitles[lang][rule]}>
              <input
                type="checkbox"
                name="rule"
                value={rule}
                defaultChecked={filters.rules.includes(rule)}
              />
              <span class="mono">{rule}</span>
            </label>
          ))}
        </fieldset>
        <label class="field">
          <span>{say.age}</span>
          <select name="age" class="input">
            {AGES.map((age) => (
              <option key={age} value={age} selected={filters.age === age}>
                {say.ages[age]}
              </option>
            ))}
          </select>
        </label>
        <label class="field">
          <span>{say.sort}</span>
          <select name="sort" class="input">
            {(['oldest', 'newest'] as const).map((sort) => (
              <option key={sort} value={sort} selected={filters.sort === sort}>
                {say.sorts[sort]}
              </option>
            ))}
          </select>
        </label>
        <label class="field field-wide">
          <span>{say.order}</span>
          <input
            class="input mono"
            type="search"
            name="q"
            id="order-search"
            maxLength={64}
            placeholder="ORD-"
            defaultValue={filters.q}
          />
        </label>
        <button type="submit" class="button button-small">
          {say.apply}
        </button>
        {isFiltered && (
          <a class="button button-quiet button-small" href="/ops">
            {say.clear}
          </a>
        )}
      </form>
    </section>
  );
}

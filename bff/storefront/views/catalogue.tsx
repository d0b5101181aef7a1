/** Home: everything that is sold, searched and narrowed down. */
import type { ProductPageView } from '../../contract.ts';
import { CATEGORIES, categoryName } from '../../web/categories.ts';
import { count, yen } from '../../web/format.ts';
import type { Words } from '../../web/i18n.ts';
import { useLang, useWords } from '../../web/i18n.ts';
import { catalogueAddress } from '../addresses.ts';
import type { CatalogueQuery, StorePages } from '../pages.ts';
import { Pager } from './pager.tsx';
import { ProductCard } from './product-card.tsx';

const words: Words<{
  all: string;
  results: (q: string) => string;
  found: (n: string) => string;
  filters: string;
  categories: string;
  prices: string;
  everything: string;
  from: (price: string) => string;
  upTo: (price: string) => string;
  clear: string;
  without: (filter: string) => string;
  close: string;
  emptyTitle: (q: string) => string;
  emptyText: string;
  simple: string;
  products: string;
  intro: string;
}> = {
  ja: {
    products: '商品',
    all: '毎日の、ちょうどいいもの。',
    intro: 'お茶とうつわ、台所と書きもの。使うたびに少しうれしい日用品を集めました。',
    results: (q) => `「${q}」の検索結果`,
    found: (n) => `${n}件`,
    filters: '絞り込み',
    categories: 'カテゴリー',
    prices: '価格',
    everything: 'すべて',
    from: (price) => `${price} 以上`,
    upTo: (price) => `${price} 未満`,
    clear: '条件をすべて外す',
    without: (filter) => `${filter} を外す`,
    close: '閉じる',
    emptyTitle: (q) => (q === '' ? '条件に合う商品がありません' : `「${q}」は見つかりませんでした`),
    emptyText: '言葉を短くするか、条件を外してみてください。次のカテゴリーからも探せます。',
    simple: 'ただいま検索の一部を休止しています。商品名に近い言葉でお試しください。',
  },
  en: {
    products: 'Products',
    all: 'Good things for every day.',
    intro: 'Tea and pottery, kitchen and desk: small things that are a pleasure to use.',
    results: (q) => `Results for “${q}”`,
    found: (n) => (n === '1' ? '1 product' : `${n} products`),
    filters: 'Filter',
    categories: 'Category',
    prices: 'Price',
    everything: 'Everything',
    from: (price) => `${price} and more`,
    upTo: (price) => `under ${price}`,
    clear: 'Clear all filters',
    without: (filter) => `Remove filter ${filter}`,
    close: 'Close',
    emptyTitle: (q) => (q === '' ? 'Nothing matches these filters' : `Nothing found for “${q}”`),
    emptyText: 'Try fewer or shorter words, or take a filter away. Or browse a category:',
    simple: 'Search is limited at the moment. Words close to a product’s name work best.',
  },
};

export function Catalogue({ query, found }: StorePages['catalogue']) {
  const say = useWords(words);
  const lang = useLang();
  const heading =
    query.q !== undefined
      ? say.results(query.q)
      : query.category !== undefined
        ? categoryName(query.category, lang)
        : say.all;
  const isHome = Object.keys(query).length === 0;
  const pages = Math.ceil(found.total / Math.max(1, found.pageSize));
  return (
    <div class="page-width">
      <div class="catalogue-head">
        <h1>{heading}</h1>
        {isHome && <p class="soft">{say.intro}</p>}
      </div>
      {!found.isSearchable && (
        <p class="note note-warn" role="status">
          <span aria-hidden="true">!</span>
          <span>{say.simple}</span>
        </p>
      )}
      <div class="catalogue">
        <Facets query={query} found={found} />
        <section aria-label={heading} class="results">
          <h2 class="visually-hidden">{say.products}</h2>
          <div class="results-head">
            <p class="soft small count">{say.found(count(found.total))}</p>
            <Chosen query={query} />
            <button type="button" class="button button-small facets-open" popovertarget="facets">
              {say.filters}
            </button>
          </div>
          {found.products.length === 0 ? (
            <Nothing query={query} />
          ) : (
            <ul class="cards">
              {found.products.map((product, i) => (
                <li key={product.sku}>
                  <ProductCard
                    product={product}
                    highlight={
                      lang === 'ja' ? product.highlights.nameJa : product.highlights.nameEn
                    }
                    isEager={i < 4}
                  />
                </li>
              ))}
            </ul>
          )}
          <Pager
            page={found.page}
            pages={pages}
            addressOf={(page) => catalogueAddress(query, { page: page > 1 ? String(page) : '' })}
          />
        </section>
      </div>
    </div>
  );
}

/** At the side; on a phone a sheet, which opens and closes without script, too. */
function Facets({ query, found }: { query: CatalogueQuery; found: ProductPageView }) {
  const say = useWords(words);
  const lang = useLang();
  const { categories, prices } = found.facets;
  const counts = new Map(categories.map((each) => [each.category, each.count]));
  const shown =
    categories.length > 0 ? categories.map(({ category }) => category) : Object.keys(CATEGORIES);
  return (
    <div id="facets" popover="auto" class="facets" role="group" aria-label={say.filters}>
      <div class="facets-head">
        <strong>{say.filters}</strong>
        <button
          type="button"
          class="button button-quiet button-small"
          popovertarget="facets"
          popovertargetaction="hide"
        >
          {say.close}
        </button>
      </div>
      <nav aria-labelledby="facet-categories">
        <h2 id="facet-categories" class="facet-title">
          {say.categories}
        </h2>
        <ul class="facet">
          <Facet
            name={say.everything}
            address={catalogueAddress(query, { category: '' })}
            isChosen={query.category === undefined}
          />
          {shown.map((category) => (
            <Facet
              key={category}
              name={categoryName(category, lang)}
              count={counts.get(category)}
              address={catalogueAddress(query, { category })}
              isChosen={query.category === category}
            />
          ))}
        </ul>
      </nav>
      {prices.length > 0 && (
        <nav aria-labelledby="facet-prices">
          <h2 id="facet-prices" class="facet-title">
            {say.prices}
          </h2>
          <ul class="facet">
            <Facet
              name={say.everything}
              address={catalogueAddress(query, { priceFrom: '', priceTo: '' })}
              isChosen={query.priceFrom === undefined && query.priceTo === undefined}
            />
            {prices.map((range) => {
              const priceFrom = range.from > 0 ? String(range.from) : '';
              const priceTo = range.to === null ? '' : String(range.to);
              return (
                <Facet
                  key={range.from}
                  name={priceName(say, range)}
                  count={range.count}
                  address={catalogueAddress(query, { priceFrom, priceTo })}
                  isChosen={
                    (query.priceFrom ?? '') === priceFrom &&
                    (query.priceTo ?? '') === priceTo &&
                    priceFrom + priceTo !== ''
                  }
                />
              );
            })}
          </ul>
        </nav>
      )}
    </div>
  );
}

function Facet(facet: {
  name: string;
  count?: number | undefined;
  address: string;
  isChosen: boolean;
}) {
  return (
    <li>
      <a class="facet-link" href={facet.address} aria-current={facet.isChosen || undefined}>
        <span>{facet.name}</span>
        {facet.count !== undefined && <span class="soft small count">{count(facet.count)}</span>}
      </a>
    </li>
  );
}

/** The filters that are on, each with the way to take it off. */
function Chosen({ query }: { query: CatalogueQuery }) {
  const say = useWords(words);
  const lang = useLang();
  const { q, category, priceFrom, priceTo } = query;
  const chosen: { name: string; address: string }[] = [];
  if (q !== undefined) chosen.push({ name: `“${q}”`, address: catalogueAddress(query, { q: '' }) });
  if (category !== undefined) {
    const address = catalogueAddress(query, { category: '' });
    chosen.push({ name: categoryName(category, lang), address });
  }
  if (priceFrom !== undefined || priceTo !== undefined) {
    const range = {
      from: Number(priceFrom ?? 0),
      to: priceTo === undefined ? null : Number(priceTo),
    };
    const address = catalogueAddress(query, { priceFrom: '', priceTo: '' });
    chosen.push({ name: priceName(say, range), address });
  }
  if (chosen.length === 0) return null;
  return (
    <ul class="chosen">
      {chosen.map(({ name, address }) => (
        <li key={address}>
          <a class="chip" href={address} aria-label={say.without(name)}>
            {name} <span aria-hidden="true">×</span>
          </a>
        </li>
      ))}
    </ul>
  );
}

function Nothing({ query }: { query: CatalogueQuery }) {
  const say = useWords(words);
  const lang = useLang();
  return (
    <div class="empty">
      <h2>{say.emptyTitle(query.q ?? '')}</h2>
      <p class="soft">{say.emptyText}</p>
      <ul class="chosen">
        {Object.keys(CATEGORIES).map((category) => (
          <li key={category}>
            <a class="chip" href={catalogueAddress({}, { category })}>
              {categoryName(category, lang)}
            </a>
          </li>
        ))}
      </ul>
      <a class="button" href="/">
        {say.clear}
      </a>
    </div>
  );
}

function priceName(
  say: { from: (price: string) => string; upTo: (price: string) => string },
  { from, to }: { from: number; to: number | null },
): string {
  if (to === null) return say.from(yen(from));
  return from === 0 ? say.upTo(yen(to)) : `${yen(from)} – ${yen(to - 1)}`;
}

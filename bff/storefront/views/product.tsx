/** One product: look at it, choose how many, put it into the cart. */
import { categoryName } from '../../web/categories.ts';
import { yen } from '../../web/format.ts';
import { Island } from '../../web/island.tsx';
import type { Words } from '../../web/i18n.ts';
import { useLang, useWords } from '../../web/i18n.ts';
import { useShell } from '../../web/page-context.tsx';
import { catalogueAddress } from '../addresses.ts';
import AddToCart from '../islands/add-to-cart.tsx';
import type { StorePages } from '../pages.ts';
import { ProductCard, Stock } from './product-card.tsx';

const words: Words<{
  path: string;
  home: string;
  included: string;
  gone: string;
  soldOut: string;
  noCart: string;
  related: string;
  number: string;
}> = {
  ja: {
    path: '現在地',
    home: 'すべての商品',
    included: '税込・送料込み',
    gone: 'この商品の販売は終了しました。似た商品を下からお選びください。',
    soldOut: 'ただいま売り切れています。入荷までしばらくお待ちください。',
    noCart: 'ただいまカートが使えません。しばらくしてから、もう一度お試しください。',
    related: 'こちらもおすすめ',
    number: '商品番号',
  },
  en: {
    path: 'You are here',
    home: 'All products',
    included: 'Tax and shipping included',
    gone: 'We no longer sell this. You may like one of those below.',
    soldOut: 'Sold out at the moment. Please look in again soon.',
    noCart: 'The cart is not available right now. Please try again in a moment.',
    related: 'You may also like',
    number: 'Product number',
  },
};

export function ProductView({ product, isAdded }: StorePages['product']) {
  const say = useWords(words);
  const lang = useLang();
  const name = lang === 'ja' ? product.nameJa : product.nameEn;
  const { sku, category, available } = product;
  return (
    <div class="page-width">
      <nav class="crumbs small" aria-label={say.path}>
        <a href="/">{say.home}</a>
        <span aria-hidden="true"> / </span>
        <a href={catalogueAddress({}, { category })}>{categoryName(category, lang)}</a>
      </nav>
      <div class="product">
        <img class="product-large" src={product.picture} alt={name} width="800" height="600" />
        <div class="product-side">
          <h1>{name}</h1>
          <p class="product-cost">
            <strong class="money">{yen(product.price)}</strong>{' '}
            <span class="small soft">{say.included}</span>
          </p>
          <p>{lang === 'ja' ? product.descriptionJa : product.descriptionEn}</p>
          <p class="small soft">
            {say.number} <span class="mono">{sku}</span>
          </p>
          <Stock available={available} />
          <Order product={product} isAdded={isAdded} />
        </div>
      </div>
      {product.related.length > 0 && (
        <section class="related" aria-labelledby="related">
          <h2 id="related">{say.related}</h2>
          <ul class="cards cards-small">
            {product.related.slice(0, 4).map((each) => (
              <li key={each.sku}>
                <ProductCard product={each} />
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}

function Order({ product, isAdded }: StorePages['product']) {
  const say = useWords(words);
  const { session } = useShell();
  const { sku, available, isListed } = product;
  if (!isListed) return <Hint text={say.gone} />;
  if (available === 0) return <Hint text={say.soldOut} />;
  if (session === null) return <Hint text={say.noCart} />;
  const props = { sku, available, csrf: session.csrfToken, isAdded };
  return <Island name="add-to-cart" of={AddToCart} props={props} />;
}

function Hint({ text }: { text: string }) {
  return (
    <p class="note note-warn">
      <span aria-hidden="true">!</span>
      <span>{text}</span>
    </p>
  );
}

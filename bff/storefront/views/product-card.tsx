/** A product in a list: picture, name, price. */
import type { Product } from '../../contract.ts';
import { yen } from '../../web/format.ts';
import type { Words } from '../../web/i18n.ts';
import { useLang, useWords } from '../../web/i18n.ts';
import { productAddress } from '../addresses.ts';
import { piecesOf } from '../marked.ts';

const FEW = 3;
const words: Words<{ soldOut: string; few: (n: number) => string }> = {
  ja: { soldOut: '売り切れ', few: (n) => `残り${String(n)}点` },
  en: { soldOut: 'Sold out', few: (n) => `Only ${String(n)} left` },
};

export function ProductCard({
  product,
  highlight,
  isEager = false,
}: {
  product: Product;
  highlight?: string | undefined;
  isEager?: boolean;
}) {
  const name = useLang() === 'ja' ? product.nameJa : product.nameEn;
  return (
    <article class="product-card">
      <img
        class="product-picture"
        src={product.picture}
        alt=""
        width="400"
        height="300"
        loading={isEager ? 'eager' : 'lazy'}
      />
      <h3 class="product-name">
        <a href={productAddress(product.sku)}>
          {highlight === undefined ? name : <Marked highlight={highlight} />}
        </a>
      </h3>
      <p class="product-price">
        <span class="money">{yen(product.price)}</span> <Stock available={product.available} />
      </p>
    </article>
  );
}

function Marked({ highlight }: { highlight: string }) {
  return (
    <>{piecesOf(highlight).map(({ text, isMarked }) => (isMarked ? <mark>{text}</mark> : text))}</>
  );
}

/** Only said when it matters. */
export function Stock({ available }: { available: number | null }) {
  const say = useWords(words);
  if (available === null || available > FEW) return null;
  return (
    <span class={available === 0 ? 'stock stock-out' : 'stock'}>
      {available === 0 ? say.soldOut : say.few(available)}
    </span>
  );
}

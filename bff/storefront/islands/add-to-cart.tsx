/** How many, and into the cart. Without script it is a form; with it, one stays where one is. */
import { useState } from 'preact/hooks';
import type { Words } from '../../web/i18n.ts';
import { useWords } from '../../web/i18n.ts';
import { quantitiesUpTo } from '../cart-check.ts';
import { addToCart } from '../live-cart.ts';

const words: Words<{
  quantity: string;
  add: string;
  adding: string;
  added: string;
  toCart: string;
  failed: string;
}> = {
  ja: {
    quantity: '数量',
    add: 'カートに入れる',
    adding: '入れています…',
    added: 'カートに入れました。',
    toCart: 'カートを見る',
    failed: 'カートに入れられませんでした。もう一度お試しください。',
  },
  en: {
    quantity: 'Quantity',
    add: 'Add to cart',
    adding: 'Adding…',
    added: 'Added to your cart.',
    toCart: 'View cart',
    failed: 'That did not work. Please try again.',
  },
};

export interface AddToCartProps {
  readonly sku: string;
  readonly available: number | null;
  readonly csrf: string;
  readonly isAdded: boolean;
}

export default function AddToCart({ sku, available, csrf, isAdded }: AddToCartProps) {
  const say = useWords(words);
  const [state, setState] = useState<'idle' | 'adding' | 'added' | 'failed'>(
    isAdded ? 'added' : 'idle',
  );
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (state === 'adding') return;
    const quantity = Number(new FormData(event.currentTarget as HTMLFormElement).get('quantity'));
    setState('adding');
    addToCart(sku, quantity, csrf).then(
      () => setState('added'),
      () => setState('failed'),
    );
  };
  return (
    <form class="add-to-cart" method="post" action="/cart/lines" onSubmit={submit}>
      <input type="hidden" name="csrf" value={csrf} />
      <input type="hidden" name="sku" value={sku} />
      <div class="add-to-cart-row">
        <label class="field-inline">
          <span class="small">{say.quantity}</span>
          <select class="input" name="quantity">
            {quantitiesUpTo(available).map((each) => (
              <option key={each}>{each}</option>
            ))}
          </select>
        </label>
        <button class="button button-primary add-to-cart-button">
          {state === 'adding' ? say.adding : say.add}
        </button>
      </div>
      <div role="status" class="add-to-cart-status">
        {state === 'added' && (
          <p class="note note-good">
            <span aria-hidden="true">✓</span>
            <span>
              {say.added} <a href="/cart">{say.toCart}</a>
            </span>
          </p>
        )}
        {state === 'failed' && (
          <p class="note note-bad">
            <span aria-hidden="true">!</span>
            <span>{say.failed}</span>
          </p>
        )}
      </div>
    </form>
  );
}

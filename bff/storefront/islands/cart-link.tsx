/** The way to the cart, with how much is in it. */
import { useEffect, useState } from 'preact/hooks';
import type { Words } from '../../web/i18n.ts';
import { useWords } from '../../web/i18n.ts';
import { onCartChange } from '../live-cart.ts';

const words: Words<{ cart: string; pieces: (n: number) => string }> = {
  ja: { cart: 'カート', pieces: (n) => `${String(n)}点` },
  en: { cart: 'Cart', pieces: (n) => (n === 1 ? '1 item' : `${String(n)} items`) },
};

export default function CartLink({ items }: { items: number }) {
  const say = useWords(words);
  const [shown, setShown] = useState(items);
  useEffect(() => onCartChange(setShown), []);
  return (
    <a class="nav-link cart-link" href="/cart">
      <svg viewBox="0 0 24 24" width="20" height="20" aria-hidden="true" fill="none">
        <path
          d="M5 8h14l-1.2 11.2a2 2 0 0 1-2 1.8H8.2a2 2 0 0 1-2-1.8zM9 8V6.5a3 3 0 0 1 6 0V8"
          stroke="currentColor"
          stroke-width="1.7"
          stroke-linejoin="round"
          stroke-linecap="round"
        />
      </svg>
      <span class="nav-word">{say.cart}</span>
      {shown > 0 && (
        <span class="cart-count count">
          <span aria-hidden="true">{shown}</span>
          <span class="visually-hidden"> {say.pieces(shown)}</span>
        </span>
      )}
    </a>
  );
}

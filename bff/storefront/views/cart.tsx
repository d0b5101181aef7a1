import { Island } from '../../web/island.tsx';
import type { Words } from '../../web/i18n.ts';
import { useWords } from '../../web/i18n.ts';
import { useShell } from '../../web/page-context.tsx';
import CartLines from '../islands/cart-lines.tsx';
import type { StorePages } from '../pages.ts';

const words: Words<{ title: string }> = { ja: { title: 'カート' }, en: { title: 'Your cart' } };

export function CartView({ cart }: StorePages['cart']) {
  const csrf = useShell().session?.csrfToken ?? '';
  return (
    <div class="page-width">
      <h1 class="page-title">{useWords(words).title}</h1>
      <Island name="cart-lines" of={CartLines} props={{ cart, csrf }} />
    </div>
  );
}

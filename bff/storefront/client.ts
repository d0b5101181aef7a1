/** What the store's pages load in the browser: their islands, each only where it is. */
import { hydrateIslands } from '../web/hydrate.tsx';

hydrateIslands({
  'add-to-cart': () => import('./islands/add-to-cart.tsx'),
  'cart-lines': () => import('./islands/cart-lines.tsx'),
  'cart-link': () => import('./islands/cart-link.tsx'),
  copyable: () => import('../web/islands/copyable.tsx'),
  'payment-progress': () => import('./islands/payment-progress.tsx'),
  'search-box': () => import('./islands/search-box.tsx'),
});

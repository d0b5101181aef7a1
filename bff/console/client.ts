/** What the console's pages load in the browser: their islands, each only where it is. */
import { hydrateIslands } from '../web/hydrate.tsx';

hydrateIslands({
  'alert-detail': () => import('./islands/alert-detail.tsx'),
  'alert-list': () => import('./islands/alert-list.tsx'),
  copyable: () => import('../web/islands/copyable.tsx'),
  'order-timeline': () => import('./islands/order-timeline.tsx'),
  overview: () => import('./islands/overview.tsx'),
});

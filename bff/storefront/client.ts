/** What the store's pages load in the browser: their islands, each only where it is. */
import { hydrateIslands } from '../web/hydrate.tsx';

hydrateIslands({
  copyable: () => import('../web/islands/copyable.tsx'),
});

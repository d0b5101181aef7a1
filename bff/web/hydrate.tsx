/** The client's half of the islands: what a UI's entry calls, once. */
import type { ComponentType } from 'preact';
import { hydrate } from 'preact';
import type { Lang } from '../contract.ts';
import { LangContext } from './i18n.ts';

/** Each island's module, by the island's name; the component is the default export. */
export type IslandModules = Readonly<
  // Props of any kind: what an island was rendered with is what it is hydrated with.
  Record<string, () => Promise<{ readonly default: ComponentType<never> }>>
>;

/**
 * Brings the islands of the page to life.
 *
 * @example
 * hydrateIslands({ quantity: () => import('./islands/quantity.tsx') });
 */
export function hydrateIslands(modules: IslandModules): void {
  const lang = document.documentElement.lang as Lang;
  for (const element of document.querySelectorAll<HTMLElement>('[data-island]')) {
    const load = modules[element.dataset['island'] ?? ''];
    if (load === undefined) continue;
    const props = JSON.parse(element.dataset['props'] ?? '{}') as object;
    void load().then(({ default: Component }) => {
      const View = Component as ComponentType<object>;
      hydrate(
        <LangContext.Provider value={lang}>
          <View {...props} />
        </LangContext.Provider>,
        element,
      );
      element.dataset['alive'] = '';
    });
  }
}

/**
 * The pages of the store, rendered here and asked for in this process: no page knows more than the API tells its
 * visitor.
 *
 * @example
 * const { folder } = await buildWeb();
 * app.route('/', await createPages({ folder, api: (path, init, env) => app.request(path, init, env), … }));
 */
import { Hono } from 'hono';
import type { ConsolePages } from './console/pages.ts';
import { createConsole } from './console/routes.ts';
import { createStorefront } from './storefront/routes.ts';
import type { StorePages } from './storefront/pages.ts';
import { createAssets, loadUi } from './web/built.ts';
import type { Api } from './web/shell.ts';

export interface AllPagesDeps {
  /** Of the build: see `web/build.ts`. */
  readonly folder: string;
  /** The API in this process: `(path, init, env) => app.request(path, init, env)`. */
  readonly api: Api;
  readonly now: () => number;
  /** Where the provider's page is; null but in development. */
  readonly sandboxUrl: string | null;
  /** What should never have happened, to be logged. */
  readonly report: (error: unknown) => void;
}

export async function createPages({ folder, ...deps }: AllPagesDeps): Promise<Hono> {
  const ui = await loadUi<StorePages>(folder, 'storefront');
  const consoleUi = await loadUi<ConsolePages>(folder, 'console');
  const app = new Hono();
  app.route('/', createAssets(folder));
  app.route('/', createConsole({ ...deps, ui: consoleUi }));
  app.route('/', createStorefront({ ...deps, ui }));
  return app;
}
